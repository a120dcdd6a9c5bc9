public import Core

/// Signs requests (Signature Version 4), for clients.
public struct RequestSigner: Sendable {
    private let credentials: Credentials
    private let region: String
    private let service: String
    private let clock: any HostClock
    private let keys = SigningKeys()

    public init(_ credentials: Credentials, region: String, service: String, clock: any HostClock) {
        self.credentials = credentials
        self.region = region
        self.service = service
        self.clock = clock
    }

    private var isS3: Bool { service == "s3" }

    /// Adds the date, the digest of the body and the signature to the header. `Host` must be there already.
    public func sign(_ request: inout WireRequest) {
        let date = CivilTime(clock.now).basicISO8601
        request.headers["X-Amz-Date"] = date
        if let token = credentials.sessionToken { request.headers["X-Amz-Security-Token"] = token }
        let hash = request.headers["x-amz-content-sha256"] ?? payloadHash(request.body)
        if isS3 { request.headers["x-amz-content-sha256"] = hash }
        let names = signedHeaders(request)
        let scope = SigningScope(date: String(date.prefix(8)), region: region, service: service)
        let signature = signature(request, names, hash, date, scope)
        request.headers["Authorization"] =
            "\(RequestSignature.algorithm) Credential=\(credentials.accessKeyID)/\(scope.text), "
            + "SignedHeaders=\(names.joined(separator: ";")), Signature=\(signature)"
    }

    /// Moves the signature into the query, so that the address alone is enough for so many seconds.
    public func presign(_ request: inout WireRequest, expires: Int) {
        let date = CivilTime(clock.now).basicISO8601
        let scope = SigningScope(date: String(date.prefix(8)), region: region, service: service)
        let names = signedHeaders(request)
        var parameters = [
            ("X-Amz-Algorithm", RequestSignature.algorithm),
            ("X-Amz-Credential", "\(credentials.accessKeyID)/\(scope.text)"), ("X-Amz-Date", date),
            ("X-Amz-Expires", String(expires)), ("X-Amz-SignedHeaders", names.joined(separator: ";")),
        ]
        if let token = credentials.sessionToken { parameters.append(("X-Amz-Security-Token", token)) }
        let encoded = parameters.map { "\($0.0)=\(PercentCoding.encode($0.1))" }.joined(separator: "&")
        request.query = request.query.isEmpty ? encoded : "\(request.query)&\(encoded)"
        let hash = isS3 ? PayloadHash.unsigned.text : payloadHash(request.body)
        request.query += "&X-Amz-Signature=\(signature(request, names, hash, date, scope))"
    }

    private func signature(
        _ request: WireRequest, _ names: [String], _ hash: String, _ date: String, _ scope: SigningScope
    ) -> String {
        let canonical = CanonicalRequest(request, signedHeaders: names, payloadHash: hash, encodesPathOnce: isS3)
        return keys.sign(canonical.stringToSign(date: date, scope: scope), credentials.secretAccessKey, scope)
    }

    private func signedHeaders(_ request: WireRequest) -> [String] {
        let names = request.headers.all.map { $0.name.lowercased() }
        return Set(names.filter { $0 == "host" || $0 == "content-type" || $0.hasPrefix("x-amz-") }).sorted()
    }

    private func payloadHash(_ body: ByteStream) -> String {
        guard case .bytes(let bytes) = body.source else { return PayloadHash.unsigned.text }
        return hexadecimal(Digest.sha256(bytes))
    }
}
