extension PatternReader {
    /// A refusal that names the place up to which the text was read.
    func failure(_ reason: String) -> EventPatternError { failure(reason, at: position) }

    private func failure(_ reason: String, at offset: Int) -> EventPatternError {
        let found = lineAndColumn(at: offset)
        return EventPatternError(reason: reason, location: "\n" + place(at: offset), position: found)
    }

    func unexpected(_ comment: String) -> EventPatternError {
        guard position < bytes.count else { return endOfInput("") }
        let rest = String(decoding: bytes[position..<min(position + 4, bytes.count)], as: UTF8.self)
        let scalar = rest.unicodeScalars.first ?? "\u{FFFD}"
        let named = scalar.value < 0x20 ? "CTRL-CHAR, code \(scalar.value)" : "'\(scalar)' (code \(scalar.value))"
        return failure("Unexpected character (\(named)): \(comment)")
    }

    func endOfInput(_ comment: String) -> EventPatternError { failure("Unexpected end-of-input\(comment)") }

    /// ` at [Source: (String)"…"; line: 1, column: 17]`
    func place(at offset: Int) -> String {
        let found = lineAndColumn(at: offset)
        return " at [Source: \(sourceSnippet); line: \(found.line), column: \(found.column)]"
    }

    private static let snippetLimit = 500

    private var sourceSnippet: String {
        let units = Array(String(decoding: bytes, as: UTF8.self).utf16)
        var shown = ""
        for unit in String(decoding: units.prefix(Self.snippetLimit), as: UTF16.self).unicodeScalars {
            let isHidden = unit.value < 0x20 && unit != "\n" && unit != "\r" || unit.value == 0x7F
            shown +=
                isHidden
                ? "\\u00" + (unit.value < 16 ? "0" : "") + String(unit.value, radix: 16, uppercase: true)
                : String(Character(unit))
        }
        let more = units.count - Self.snippetLimit
        return "(String)\"\(shown)\"" + (more > 0 ? "[truncated \(more) chars]" : "")
    }

    private func lineAndColumn(at offset: Int) -> EventPatternError.Position {
        var line = 1
        var column = 1
        var previous: UInt8 = 0
        for byte in bytes[..<min(offset, bytes.count)] {
            if byte == 0x0A || byte == 0x0D {
                if !(byte == 0x0A && previous == 0x0D) { line += 1 }
                column = 1
            } else if byte & 0xC0 != 0x80 {
                column += byte >= 0xF0 ? 2 : 1
            }
            previous = byte
        }
        return EventPatternError.Position(line: line, column: column)
    }
}
