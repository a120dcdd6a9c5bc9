import Core

/// Presigned addresses of the older Signature Version 2, which some clients still make for S3.
public struct LegacyQuerySignature: Sendable {
    public var accessKeyID: String
    /// Seconds since 1970.
    public var expires: Int64
    public var signature: String

    /// Query parameters that are part of what is signed.
    private static let subresources: Set<String> = [
        "accelerate", "acl", "analytics", "cors", "defaultObjectAcl", "delete", "encryption", "intelligent-tiering",
        "inventory", "legal-hold", "lifecycle", "location", "logging", "metrics", "notification", "object-lock",
        "partNumber", "policy", "publicAccessBlock", "replication", "requestPayment", "response-cache-control",
        "response-content-disposition", "response-content-encoding", "response-content-language",
        "response-content-type", "response-expires", "restore", "retention", "select", "tagging", "torrent", "uploadId",
        "uploads", "versionId", "versioning", "versions", "website",
    ]

    /// Nil when the request carries no such signature.
    public init?(_ request: WireRequest) {
        guard request.query.contains("AWSAccessKeyId="),
            let pairs = PercentCoding.pairs(request.query, plusIsSpace: false),
            let key = pairs.first(where: { $0.name == "AWSAccessKeyId" })?.value,
            let expires = pairs.first(where: { $0.name == "Expires" }).flatMap({ Int64($0.value) }),
            let signature = pairs.first(where: { $0.name == "Signature" })?.value
        else { return nil }
        accessKeyID = key
        self.expires = expires
        self.signature = signature
    }

    /// - Parameter request: with its bucket in the path.
    public func verify(_ request: WireRequest, _ credentials: Credentials?, now: Timestamp) throws(SignatureFailure) {
        guard now.milliseconds / 1000 <= expires else { throw .expired }
        guard let credentials else { return }
        let text = stringToSign(request)
        let expected = Base64.encode(
            Digest.hmac(Array(text.utf8), key: Array(credentials.secretAccessKey.utf8), .sha1))
        guard SignatureVerifier.isEqual(expected, signature) else {
            throw .mismatch(stringToSign: text, canonicalRequest: "")
        }
    }

    private func stringToSign(_ request: WireRequest) -> String {
        let type = request.headers["Content-Type"] ?? ""
        var text = "\(request.method)\n\(request.headers["Content-MD5"] ?? "")\n\(type)\n\(expires)\n"
        let pairs = PercentCoding.pairs(request.query, plusIsSpace: false) ?? []
        var headers: [String: [String]] = [:]
        for (name, value) in request.headers.all + pairs where name.lowercased().hasPrefix("x-amz-") {
            headers[name.lowercased(), default: []].append(value)
        }
        for name in headers.keys.sorted() { text += "\(name):\(headers[name, default: []].joined(separator: ","))\n" }
        let signed = pairs.filter { Self.subresources.contains($0.name) }.sorted { $0.name < $1.name }
        let query = signed.map { $0.value.isEmpty ? $0.name : "\($0.name)=\($0.value)" }.joined(separator: "&")
        return text + request.path + (query.isEmpty ? "" : "?\(query)")
    }
}
