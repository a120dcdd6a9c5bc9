/// The pattern of `StringMatches`: `*` stands for any characters, `\*` for a star and `\\` for a backslash.
public struct StringPattern: Sendable, Hashable {
    public let text: String
    /// The literal pieces between the stars, in UTF-8.
    private let pieces: [[UInt8]]

    public init(_ text: String) {
        self.text = text
        var pieces: [[UInt8]] = [[]]
        var escaped = false
        for byte in text.utf8 {
            if escaped {
                if byte != UInt8(ascii: "*"), byte != UInt8(ascii: "\\") {
                    pieces[pieces.count - 1].append(UInt8(ascii: "\\"))
                }
                pieces[pieces.count - 1].append(byte)
                escaped = false
            } else if byte == UInt8(ascii: "\\") {
                escaped = true
            } else if byte == UInt8(ascii: "*") {
                pieces.append([])
            } else {
                pieces[pieces.count - 1].append(byte)
            }
        }
        if escaped { pieces[pieces.count - 1].append(UInt8(ascii: "\\")) }
        self.pieces = pieces
    }

    /// Each piece is looked for once, leftmost first, so the time is bounded by the product of the lengths.
    public func matches(_ candidate: String) -> Bool {
        var candidate = candidate
        return candidate.withUTF8 { matches($0) }
    }

    private func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let first = pieces.first, let last = pieces.last else { return text.isEmpty }
        if pieces.count == 1 { return text.count == first.count && text.elementsEqual(first) }
        guard text.count >= first.count + last.count, text.starts(with: first),
            text.suffix(last.count).elementsEqual(last)
        else { return false }
        var position = first.count
        let end = text.count - last.count
        for piece in pieces[1..<pieces.count - 1] where !piece.isEmpty {
            guard let found = Self.find(piece, in: text, from: position, upTo: end) else { return false }
            position = found + piece.count
        }
        return position <= end
    }

    private static func find(
        _ piece: [UInt8], in text: UnsafeBufferPointer<UInt8>, from start: Int, upTo end: Int
    ) -> Int? {
        var position = start
        while position + piece.count <= end {
            if text[position] == piece[0], text[position..<position + piece.count].elementsEqual(piece) {
                return position
            }
            position += 1
        }
        return nil
    }
}
