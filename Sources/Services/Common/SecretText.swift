import Core

/// Secrets as AWS makes them: random letters, digits, `+` and `/`.
enum SecretText {
    static func make(length: Int, using generator: inout SeededRandom) -> String {
        let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: generator.next() >> 32) }
        return String(decoding: Base64.encode(bytes).utf8.prefix(length), as: UTF8.self)
    }
}
