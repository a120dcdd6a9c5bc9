import Core

/// The chain of signatures over the chunks of a body: each covers its chunk and the signature before it.
public struct ChunkSignatures: Sendable {
    private static let emptyDigest = hexadecimal(Digest.sha256([]))

    private let key: [UInt8]
    private let date: String
    private let scope: SigningScope
    private var previous: String

    init(key: [UInt8], date: String, scope: SigningScope, seed: String) {
        self.key = key
        self.date = date
        self.scope = scope
        previous = seed
    }

    /// The signature of the next chunk.
    public mutating func next(_ chunk: [UInt8]) -> String {
        sign("AWS4-HMAC-SHA256-PAYLOAD", "\(Self.emptyDigest)\n\(hexadecimal(Digest.sha256(chunk)))")
    }

    /// The signature of the header fields behind the body, as `name:value\n` each.
    public mutating func trailer(_ fields: String) -> String {
        sign("AWS4-HMAC-SHA256-TRAILER", hexadecimal(Digest.sha256(Array(fields.utf8))))
    }

    private mutating func sign(_ algorithm: String, _ digests: String) -> String {
        let text = "\(algorithm)\n\(date)\n\(scope.text)\n\(previous)\n\(digests)"
        previous = hexadecimal(Digest.hmac(Array(text.utf8), key: key, .sha256))
        return previous
    }
}
