import Core

/// Why a request is not let in.
public enum SignatureFailure: Error, Sendable, Equatable {
    case missing
    case unsupportedAlgorithm
    case incomplete(String)
    case malformed(String)
    case unknownKey(String)
    case wrongToken
    /// The two texts that were signed here, for the caller to compare with his own.
    case mismatch(stringToSign: String, canonicalRequest: String)
    case skewed(signed: String, server: String)
    case expired
    case wrongPayload
    case unsignedHeader(String)
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
        case .mismatch(let stringToSign, let canonicalRequest):
            return mismatch(isS3, isQuery, stringToSign, canonicalRequest)
        case .skewed(let signed, let server):
            return isS3
                ? AWSError(
                    "RequestTimeTooSkewed",
                    "The difference between the request time and the current time is too large.", status: 403
                ).with("RequestTime", .string(signed)).with("ServerTime", .string(server))
                : AWSError(
                    isQuery ? "SignatureDoesNotMatch" : "InvalidSignatureException",
                    "Signature expired: \(signed) is now earlier than \(server)", status: 403)
        case .expired:
            return isS3
                ? AWSError("AccessDenied", "Request has expired", status: 403)
                : AWSError("ExpiredTokenException", "The presigned request has expired", status: 403)
        case .wrongPayload:
            return AWSError(
                "XAmzContentSHA256Mismatch",
                "The provided 'x-amz-content-sha256' header does not match what was computed.",
                status: 400)
        case .unsignedHeader(let name):
            return AWSError(
                isS3 ? "AccessDenied" : "InvalidSignatureException",
                "There were headers present in the request which were not signed: \(name)", status: 403)
        }
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

    private func mismatch(
        _ isS3: Bool, _ isQuery: Bool, _ stringToSign: String, _ canonicalRequest: String
    ) -> AWSError {
        if isS3 {
            return AWSError(
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
                status: 403
            ).with("StringToSign", .string(stringToSign)).with("CanonicalRequest", .string(canonicalRequest))
        }
        return AWSError(
            isQuery ? "SignatureDoesNotMatch" : "InvalidSignatureException",
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.",
            status: 403)
    }
}
