/// Reads a filter pattern from left to right, byte by byte.
struct PatternReader {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ text: String) { bytes = Array(text.utf8) }

    var peek: UInt8? { position < bytes.count ? bytes[position] : nil }
    var isAtEnd: Bool { position >= bytes.count }

    mutating func advance() { position += 1 }

    mutating func next() -> UInt8? {
        guard let byte = peek else { return nil }
        position += 1
        return byte
    }

    mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || (0x09...0x0D).contains(byte) { position += 1 }
    }

    /// Takes the text if it stands here.
    mutating func take(_ text: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
        guard bytes.count - position >= wanted.count, bytes[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    /// Takes the word in capital or small letters if it stands here and ends here.
    mutating func takeWord(_ word: StaticString) -> Bool {
        let start = position
        for index in 0..<word.utf8CodeUnitCount {
            guard let byte = next(), byte & 0xDF == word.utf8Start[index] & 0xDF else {
                position = start
                return false
            }
        }
        if let byte = peek, Self.isWord(byte) {
            position = start
            return false
        }
        return true
    }

    mutating func takeWhile(_ isWanted: (UInt8) -> Bool) -> [UInt8] {
        let start = position
        while let byte = peek, isWanted(byte) { position += 1 }
        return Array(bytes[start..<position])
    }

    /// The text up to a mark that is not escaped, which is taken as well; the backslashes of escapes go away.
    mutating func text(until mark: UInt8) throws(FilterPatternError) -> [UInt8] {
        var text: [UInt8] = []
        while let byte = next() {
            if byte == mark { return text }
            if byte == UInt8(ascii: "\\"), let escaped = peek, escaped == mark || escaped == byte {
                text.append(escaped)
                position += 1
            } else {
                text.append(byte)
            }
        }
        throw FilterPatternError("the mark \(Character(UnicodeScalar(mark))) that begins a text has no end")
    }

    static func isWord(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_") || byte >= 0x80
    }
}
