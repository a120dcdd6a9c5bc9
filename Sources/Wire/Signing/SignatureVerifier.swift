public import Core

/// Verifies the signatures of requests (Signature Version 4).
public struct SignatureVerifier: Sendable {
    /// How far a request's time may be from the server's, in milliseconds.
    static let allowedSkew: Int64 = 15 * 60_000

    private let credentials: any CredentialSource
    private let clock: any HostClock
    private let keys = SigningKeys()

    public init(_ credentials: any CredentialSource, clock: any HostClock) {
        self.credentials = credentials
        self.clock = clock
    }

    /// A request that was found to be signed rightly.
    public struct Verified: Sendable {
        public var credentials: Credentials
        public var payload: PayloadHash
        /// Verifies the signatures of the chunks of the body, where it has such.
        public var chunks: ChunkSignatures?
    }

    /// - Parameter body: the bytes, when they are at hand; a digest in the header is then compared with them.
    public func verify(
        _ request: WireRequest, _ signature: RequestSignature, body: [UInt8]?
    ) throws(SignatureFailure) -> Verified {
        guard let credentials = credentials.credentials(for: signature.accessKeyID) else {
            throw .unknownKey(signature.accessKeyID)
        }
        guard credentials.sessionToken == nil || credentials.sessionToken == signature.sessionToken else {
            throw .wrongToken
        }
        try Self.checkTime(signature, now: clock.now)
        try Self.checkSignedHeaders(request, signature)
        let payload = payload(request, signature, body)
        let canonical = CanonicalRequest(
            request, signedHeaders: signature.signedHeaders, payloadHash: payload.text,
            encodesPathOnce: signature.scope.service == "s3")
        let text = canonical.stringToSign(date: signature.date, scope: signature.scope)
        let expected = keys.sign(text, credentials.secretAccessKey, signature.scope)
        guard Self.isEqual(expected, signature.signature) else {
            throw .mismatch(
                SignatureMismatch(
                    accessKeyID: signature.accessKeyID, signature: signature.signature, stringToSign: text,
                    canonicalRequest: canonical.text))
        }
        if case .digest(let digest) = payload, let body, hexadecimal(Digest.sha256(body)) != digest {
            throw .wrongPayload
        }
        let chunks: ChunkSignatures? =
            if case .signedChunks = payload {
                ChunkSignatures(
                    key: keys.key(credentials.secretAccessKey, signature.scope), date: signature.date,
                    scope: signature.scope, seed: signature.signature)
            } else {
                nil
            }
        return Verified(credentials: credentials, payload: payload, chunks: chunks)
    }

    /// Whether the signature is of this time; what can be said of it without the secret.
    public static func checkTime(_ signature: RequestSignature, now: Timestamp) throws(SignatureFailure) {
        guard let signed = signature.time else { throw .malformed("the date must have the form 20261122T103103Z") }
        guard signature.date.hasPrefix(signature.scope.date) else {
            throw .malformed("the date of the credential differs from the date of the request")
        }
        let age = now.milliseconds(since: signed)
        let skew = SignatureFailure.skewed(signed: signature.date, server: CivilTime(now).basicISO8601)
        switch signature.place {
        case .query(let expires):
            guard age <= expires * 1000 else {
                throw .expired(at: signed.adding(milliseconds: expires * 1000), now: now, seconds: expires)
            }
            if age < -allowedSkew { throw skew }
        case .header: if abs(age) > allowedSkew { throw skew }
        }
    }

    /// The host must be signed, and every `x-amz-` header; else somebody on the way could have added one.
    public static func checkSignedHeaders(
        _ request: WireRequest, _ signature: RequestSignature
    ) throws(SignatureFailure) {
        let signed = signature.signedHeaders
        guard signed.contains("host") || signed.contains(":authority") else {
            throw .unsignedHeaders(["host"])
        }
        let names = Set(request.headers.all.map { $0.name.lowercased() }).filter { name in
            // These two are allowed to be added by the way.
            name.hasPrefix("x-amz-") && !signed.contains(name) && name != "x-amz-cf-id"
                && !(name == "x-amz-content-sha256" && signature.place != .header)
        }
        guard names.isEmpty else { throw .unsignedHeaders(names.sorted()) }
    }

    private func payload(_ request: WireRequest, _ signature: RequestSignature, _ body: [UInt8]?) -> PayloadHash {
        if let header = request.headers["x-amz-content-sha256"] { return PayloadHash(header) }
        if signature.place != .header, signature.scope.service == "s3" { return .unsigned }
        return .digest(hexadecimal(Digest.sha256(body ?? [])))
    }

    /// Takes the same time wherever the texts differ.
    public static func isEqual(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return zip(left.utf8, right.utf8).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
