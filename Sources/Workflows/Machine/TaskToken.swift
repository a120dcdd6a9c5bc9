import Core

/// Names one attempt at a task to those who answer it. The random part makes tokens unguessable.
public struct TaskToken: Sendable, Hashable {
    public let execution: Int64
    public let task: TaskID
    public let nonce: UInt64
    public let check: UInt64

    private static let length = 32

    init(execution: Int64, task: TaskID, nonce: UInt64) {
        self.execution = execution
        self.task = task
        self.nonce = nonce
        var mixer = SeededRandom(seed: nonce ^ UInt64(bitPattern: execution))
        check = mixer.next() ^ UInt64(bitPattern: task)
    }

    /// Nil when the text is not a token that this program made.
    public init?(_ text: String) {
        guard let bytes = Base64URL.decode(text), bytes.count == Self.length else { return nil }
        func word(_ index: Int) -> UInt64 {
            bytes[index * 8..<index * 8 + 8].reduce(0) { $0 << 8 | UInt64($1) }
        }
        self.init(
            execution: Int64(bitPattern: word(0)), task: Int64(bitPattern: word(1)), nonce: word(2))
        guard check == word(3) else { return nil }
    }

    public var text: String {
        let words = [UInt64(bitPattern: execution), UInt64(bitPattern: task), nonce, check]
        return Base64URL.encode(
            words.flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - $0 * 8)) } })
    }
}

/// The alphabet of Base64 that needs no escaping anywhere.
enum Base64URL {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    static func encode(_ bytes: [UInt8]) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var buffer: UInt32 = 0
        var bits = 0
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            bits += 8
            while bits >= 6 {
                bits -= 6
                text.append(alphabet[Int(buffer >> UInt32(bits) & 63)])
            }
        }
        if bits > 0 { text.append(alphabet[Int(buffer << UInt32(6 - bits) & 63)]) }
        return String(decoding: text, as: UTF8.self)
    }

    static func decode(_ text: String) -> [UInt8]? {
        guard text.utf8.count <= 2048 else { return nil }
        var bytes: [UInt8] = []
        var buffer: UInt32 = 0
        var bits = 0
        for character in text.utf8 {
            guard let value = alphabet.firstIndex(of: character) else { return nil }
            buffer = buffer << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
            }
        }
        return bytes
    }
}
