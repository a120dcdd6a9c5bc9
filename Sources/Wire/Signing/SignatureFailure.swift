import Core

/// Why a request is not let in.
public enum SignatureFailure: Error, Sendable, Equatable {
    case missing
    case unsupportedAlgorithm
    case incomplete(String)
    case malformed(String)
    /// The credential of a signature has not the form it must have.
    case malformedCredential
    /// A presigned address without one of the parameters that all of them have.
    case incompleteQuery(String)
    case malformedQuery(String)
    case malformedQueryCredential
    /// The same for addresses that were presigned the older way.
    case incompleteLegacyQuery
    case unknownKey(String)
    case wrongToken
    case mismatch(SignatureMismatch)
    case skewed(signed: String, server: String)
    /// - Parameter seconds: how long the address was valid, where it says so.
    case expired(at: Timestamp, now: Timestamp, seconds: Int64?)
    case wrongPayload
    case unsignedHeaders([String])
}

/// What was signed here, for the caller to compare with his own.
public struct SignatureMismatch: Error, Sendable, Equatable {
    public var accessKeyID: String
    /// As it came.
    public var signature: String
    public var stringToSign: String
    /// The older method and forms have none.
    public var canonicalRequest: String?

    public init(accessKeyID: String, signature: String, stringToSign: String, canonicalRequest: String? = nil) {
        self.accessKeyID = accessKeyID
        self.signature = signature
        self.stringToSign = stringToSign
        self.canonicalRequest = canonicalRequest
    }

    /// S3's error, with the texts and their bytes.
    public var s3Error: AWSError {
        var error = AWSError(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
            status: 403
        ).with("AWSAccessKeyId", .string(accessKeyID)).with("StringToSign", .string(stringToSign))
            .with("SignatureProvided", .string(signature))
            .with("StringToSignBytes", .string(Self.bytes(stringToSign)))
        if let canonicalRequest {
            error = error.with("CanonicalRequest", .string(canonicalRequest))
                .with("CanonicalRequestBytes", .string(Self.bytes(canonicalRequest)))
        }
        return error
    }

    private static func bytes(_ text: String) -> String {
        text.utf8.map { hexadecimal([$0]) }.joined(separator: " ")
    }
}

extension SignatureFailure {
    /// The error in the words of the service: S3, the query services and the others each have their own.
    public func error(_ protocolName: ProtocolName) -> AWSError {
        let isS3 = protocolName == .restXML
        let isQuery = protocolName == .query
        switch self {
        case .missing:
            return isS3
                ? AWSError("AccessDenied", "Access Denied", status: 403)
                : AWSError(
                    isQuery ? "MissingAuthenticationToken" : "MissingAuthenticationTokenException",
                    "Missing Authentication Token", status: isQuery ? 403 : 400)
        case .unsupportedAlgorithm:
            return incomplete(
                isS3, "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")
        case .incomplete(let name): return incomplete(isS3, "Authorization requires '\(name)' parameter.")
        case .malformed(let reason): return incomplete(isS3, reason)
        case .malformedCredential: return incomplete(isS3, Self.credentialForm)
        case .incompleteQuery(let name):
            guard isS3 else { return incomplete(isS3, "Authorization requires '\(name)' parameter.") }
            return queryError(
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
            )
        case .malformedQuery(let reason): return isS3 ? queryError(reason) : incomplete(isS3, reason)
        case .malformedQueryCredential:
            guard isS3 else { return incomplete(isS3, Self.credentialForm) }
            return queryError("Error parsing the X-Amz-Credential parameter; \(Self.credentialForm)")
        case .incompleteLegacyQuery:
            return AWSError(
                "AccessDenied",
                "Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters", status: 403
            )
        case .unknownKey(let key):
            if isS3 {
                return AWSError(
                    "InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.",
                    status: 403
                ).with("AWSAccessKeyId", .string(key))
            }
            return invalidToken(isQuery)
        case .wrongToken:
            return isS3
                ? AWSError("InvalidToken", "The provided token is malformed or otherwise invalid.", status: 400)
                : invalidToken(isQuery)
        case .mismatch(let mismatch):
            guard !isS3 else { return mismatch.s3Error }
            return AWSError(
                isQuery ? "SignatureDoesNotMatch" : "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
                status: 403)
        case .skewed(let signed, let server):
            return isS3
                ? AWSError(
                    "RequestTimeTooSkewed",
                    "The difference between the request time and the current time is too large.", status: 403
                ).with("RequestTime", .string(signed)).with("ServerTime", .string(server))
                : AWSError(
                    isQuery ? "SignatureDoesNotMatch" : "InvalidSignatureException",
                    "Signature expired: \(signed) is now earlier than \(server)", status: 403)
        case .expired(let end, let now, let seconds):
            guard isS3 else {
                return AWSError("ExpiredTokenException", "The presigned request has expired", status: 403)
            }
            var error = AWSError("AccessDenied", "Request has expired", status: 403)
            if let seconds { error = error.with("X-Amz-Expires", .string(String(seconds))) }
            return error.with("Expires", .string(CivilTime(end).iso8601()))
                .with("ServerTime", .string(CivilTime(now).iso8601()))
        case .wrongPayload:
            return AWSError(
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
                status: 400)
        case .unsignedHeaders(let names):
            let message = "There were headers present in the request which were not signed"
            let list = names.joined(separator: ", ")
            return isS3
                ? AWSError("AccessDenied", message, status: 403).with("HeadersNotSigned", .string(list))
                : AWSError("InvalidSignatureException", "\(message): \(list)", status: 403)
        }
    }

    private static let credentialForm =
        "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\"."

    private func queryError(_ reason: String) -> AWSError {
        AWSError("AuthorizationQueryParametersError", reason, status: 400)
    }

    private func incomplete(_ isS3: Bool, _ reason: String) -> AWSError {
        isS3
            ? AWSError("AuthorizationHeaderMalformed", "The authorization header is malformed; \(reason)", status: 400)
            : AWSError("IncompleteSignatureException", reason, status: 403)
    }

    private func invalidToken(_ isQuery: Bool) -> AWSError {
        AWSError(
            isQuery ? "InvalidClientTokenId" : "UnrecognizedClientException",
            "The security token included in the request is invalid.", status: 403)
    }
}
