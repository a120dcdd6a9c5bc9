import Core

/// What a signature is valid for: a day, a region and a service.
public struct SigningScope: Sendable, Hashable {
    /// Eight digits, such as `20261122`.
    public var date: String
    public var region: String
    public var service: String

    public init(date: String, region: String, service: String) {
        self.date = date
        self.region = region
        self.service = service
    }

    public var text: String { "\(date)/\(region)/\(service)/aws4_request" }

    /// The key that signs within this scope: a chain of keyed digests over its parts.
    func key(_ secret: String) -> [UInt8] {
        var key = Array("AWS4\(secret)".utf8)
        for part in [date, region, service, "aws4_request"] { key = Digest.hmac(Array(part.utf8), key: key, .sha256) }
        return key
    }
}
