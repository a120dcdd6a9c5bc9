import Core

/// The older Signature Version 2, which some clients still make for S3: in the header, or in a presigned address.
public struct LegacySignature: Sendable {
    public enum Place: Sendable, Equatable {
        case header
        /// A presigned address, valid until so many seconds after 1970.
        case query(expires: Int64)
    }

    public var place: Place
    public var accessKeyID: String
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
    public init?(_ request: WireRequest) throws(SignatureFailure) {
        if let header = request.headers["Authorization"] {
            guard header.hasPrefix("AWS ") else { return nil }
            let parts = header.dropFirst(4).split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { throw .unsupportedAlgorithm }
            (place, accessKeyID, signature) = (.header, String(parts[0]), String(parts[1]))
            return
        }
        guard request.query.hasBytes("AWSAccessKeyId=") || request.query.hasBytes("Signature="),
            let pairs = PercentCoding.pairs(request.query, plusIsSpace: false)
        else { return nil }
        func value(_ name: String) -> String? { pairs.first { $0.name == name }?.value }
        guard value("AWSAccessKeyId") != nil || value("Signature") != nil else { return nil }
        guard let key = value("AWSAccessKeyId"), let signature = value("Signature"),
            let expires = value("Expires").flatMap({ Int64($0) })
        else { throw .incompleteLegacyQuery }
        (place, accessKeyID, self.signature) = (.query(expires: expires), key, signature)
    }

    public var isPresigned: Bool { place != .header }

    /// Checks what can be said without the secret.
    public func checkTime(now: Timestamp) throws(SignatureFailure) {
        guard case .query(let expires) = place, now.milliseconds / 1000 > expires else { return }
        let (end, isOverflown) = expires.multipliedReportingOverflow(by: 1000)
        throw .expired(at: Timestamp(milliseconds: isOverflown ? 0 : end), now: now, seconds: nil)
    }

    /// - Parameter request: with its bucket in the path.
    public func verify(_ request: WireRequest, _ credentials: Credentials, now: Timestamp) throws(SignatureFailure) {
        try checkTime(now: now)
        let text = stringToSign(request)
        let expected = Base64.encode(
            Digest.hmac(Array(text.utf8), key: Array(credentials.secretAccessKey.utf8), .sha1))
        guard SignatureVerifier.isEqual(expected, signature) else {
            throw .mismatch(
                SignatureMismatch(accessKeyID: accessKeyID, signature: signature, stringToSign: text))
        }
    }

    private func stringToSign(_ request: WireRequest) -> String {
        let pairs = PercentCoding.pairs(request.query, plusIsSpace: false) ?? []
        func value(_ name: String) -> String {
            request.headers[name] ?? pairs.first { $0.name.lowercased() == name.lowercased() }?.value ?? ""
        }
        let date =
            switch place {
            case .query(let expires): String(expires)
            // The header of Amazon's own takes the place of the usual one.
            case .header: request.headers["x-amz-date"] == nil ? request.headers["Date"] ?? "" : ""
            }
        var text = "\(request.method)\n\(value("Content-MD5"))\n\(value("Content-Type"))\n\(date)\n"
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
