import Core

/// The identifiers of versions: 32 characters that tell nothing to callers, and to the host where a version stood in the
/// order of its key's, even when it is no more.
public enum VersionIdentifier {
    /// Characters of an identifier, as many as S3's have.
    public static let length = 32

    /// - Parameter salt: makes identifiers of versions that follow one another unlike.
    static func make(_ sequence: Int64, salt: UInt64) -> String {
        let masked = UInt64(bitPattern: sequence) ^ mask(salt)
        let bytes = bytes(salt) + bytes(masked)
        let text = Base64.encode(bytes + seal(bytes))
        return String(text.map { $0 == "+" ? "." : $0 == "/" ? "_" : $0 })
    }

    /// Nil for a text that is no identifier of the host's.
    static func sequence(_ text: String) -> Int64? {
        guard text.utf8.count == length,
            let bytes = Base64.decode(String(text.map { $0 == "." ? "+" : $0 == "_" ? "/" : $0 })), bytes.count == 24,
            seal(Array(bytes[..<16])) == Array(bytes[16...])
        else { return nil }
        return Int64(bitPattern: number(bytes[8..<16]) ^ mask(number(bytes[..<8])))
    }

    /// Whether the text can name a version at all.
    public static func isValid(_ text: String) -> Bool { text == "null" || sequence(text) != nil }

    private static func mask(_ salt: UInt64) -> UInt64 { number(Digest.sha256(bytes(salt))[..<8]) }

    /// Tells identifiers from what only looks like them.
    private static func seal(_ bytes: [UInt8]) -> [UInt8] { Array(Digest.sha256(Array("version".utf8) + bytes)[..<8]) }

    private static func bytes(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> UInt64(56 - 8 * $0)) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
}
