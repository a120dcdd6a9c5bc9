import Core
import Synchronization

/// The form of a request over which both sides compute the signature.
struct CanonicalRequest {
    var text: String

    /// - Parameters:
    ///   - signedHeaders: names in small letters, sorted.
    ///   - encodesPathOnce: S3 signs the path as it is; all others encode what is encoded already once more.
    init(_ request: WireRequest, signedHeaders: [String], payloadHash: String, encodesPathOnce: Bool) {
        var text = request.method + "\n"
        text += Self.path(request.path, once: encodesPathOnce) + "\n"
        text += Self.query(request.query) + "\n"
        let presigned = PercentCoding.pairs(request.query, plusIsSpace: false) ?? []
        for name in signedHeaders {
            // What a presigned address carries in its query need not be sent again.
            var values = request.headers.values(name)
            if values.isEmpty { values = presigned.filter { $0.name.lowercased() == name }.map(\.value) }
            text += "\(name):\(values.map(Self.squeezed).joined(separator: ","))\n"
        }
        text += "\n\(signedHeaders.joined(separator: ";"))\n\(payloadHash)"
        self.text = text
    }

    private static func path(_ path: String, once: Bool) -> String {
        guard !path.isEmpty else { return "/" }
        return PercentCoding.encode(once ? PercentCoding.decode(path) ?? path : path, keepingSlash: true)
    }

    /// The parameters, encoded anew and sorted, without the signature itself.
    private static func query(_ query: String) -> String {
        var pairs: [(name: String, value: String)] = []
        for part in query.split(separator: "&") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = PercentCoding.decode(halves[0]) ?? String(halves[0])
            guard name != "X-Amz-Signature" else { continue }
            let value = halves.count > 1 ? PercentCoding.decode(halves[1]) ?? String(halves[1]) : ""
            pairs.append((PercentCoding.encode(name), PercentCoding.encode(value)))
        }
        pairs.sort { $0.name == $1.name ? $0.value < $1.value : $0.name < $1.name }
        return pairs.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }

    /// Without space at the ends, and with one space for several.
    private static func squeezed(_ value: String) -> String {
        value.split(whereSeparator: { $0 == " " || $0 == "\t" }).joined(separator: " ")
    }

    func stringToSign(date: String, scope: SigningScope) -> String {
        "\(RequestSignature.algorithm)\n\(date)\n\(scope.text)\n\(hexadecimal(Digest.sha256(Array(text.utf8))))"
    }
}

/// Keys by scope, because deriving one takes four keyed digests and thousands of requests share it.
final class SigningKeys: Sendable {
    private struct Entry: Hashable {
        let secret: String
        let scope: SigningScope
    }

    private static let limit = 1000
    private let keys = Mutex<[Entry: [UInt8]]>([:])

    func key(_ secret: String, _ scope: SigningScope) -> [UInt8] {
        let entry = Entry(secret: secret, scope: scope)
        if let known = keys.withLock({ $0[entry] }) { return known }
        let key = scope.key(secret)
        keys.withLock { keys in
            if keys.count >= Self.limit { keys.removeAll() }
            keys[entry] = key
        }
        return key
    }

    func sign(_ text: String, _ secret: String, _ scope: SigningScope) -> String {
        hexadecimal(Digest.hmac(Array(text.utf8), key: key(secret, scope), .sha256))
    }
}
