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
        try checkTime(signature)
        try checkSignedHeaders(request, signature)
        let payload = payload(request, signature, body)
        let canonical = CanonicalRequest(
            request, signedHeaders: signature.signedHeaders, payloadHash: payload.text,
            encodesPathOnce: signature.scope.service == "s3")
        let text = canonical.stringToSign(date: signature.date, scope: signature.scope)
        let expected = keys.sign(text, credentials.secretAccessKey, signature.scope)
        guard Self.isEqual(expected, signature.signature) else {
            throw .mismatch(stringToSign: text, canonicalRequest: canonical.text)
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

    private func checkTime(_ signature: RequestSignature) throws(SignatureFailure) {
        guard let signed = signature.time else { throw .malformed("the date must have the form 20261122T103103Z") }
        guard signature.date.hasPrefix(signature.scope.date) else {
            throw .malformed("the date of the credential differs from the date of the request")
        }
        let age = clock.now.milliseconds(since: signed)
        switch signature.place {
        case .query(let expires):
            if age > expires * 1000 { throw .expired }
            if age < -Self.allowedSkew { throw .skewed(signed: signature.date, server: serverTime) }
        case .header: if abs(age) > Self.allowedSkew { throw .skewed(signed: signature.date, server: serverTime) }
        }
    }

    private var serverTime: String { CivilTime(clock.now).basicISO8601 }

    /// The host must be signed, and every `x-amz-` header; else somebody on the way could have added one.
    private func checkSignedHeaders(
        _ request: WireRequest, _ signature: RequestSignature
    ) throws(SignatureFailure) {
        guard signature.signedHeaders.contains("host") || signature.signedHeaders.contains(":authority") else {
            throw .unsignedHeader("host")
        }
        for (name, _) in request.headers.all {
            let name = name.lowercased()
            if name.hasPrefix("x-amz-"), !signature.signedHeaders.contains(name) {
                // These two are allowed to be added by the way.
                guard name == "x-amz-cf-id" || name == "x-amz-content-sha256" && signature.place != .header else {
                    throw .unsignedHeader(name)
                }
            }
        }
    }

    private func payload(_ request: WireRequest, _ signature: RequestSignature, _ body: [UInt8]?) -> PayloadHash {
        if let header = request.headers["x-amz-content-sha256"] { return PayloadHash(header) }
        if signature.place != .header, signature.scope.service == "s3" { return .unsigned }
        return .digest(hexadecimal(Digest.sha256(body ?? [])))
    }

    /// Takes the same time wherever the texts differ.
    static func isEqual(_ left: String, _ right: String) -> Bool {
        guard left.utf8.count == right.utf8.count else { return false }
        return zip(left.utf8, right.utf8).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) } == 0
    }
}
