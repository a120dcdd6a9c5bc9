/// Terms that a line must contain, need not, or must not.
///
/// Every plain term must be there. Terms after `?` are alternatives: one of them suffices when there is no plain term.
/// A term after `-` must not be there. Upper and lower case differ.
struct TermPattern: Sendable {
    enum Term: Sendable {
        case text([UInt8])
        case expression(LineExpression)

        func isIn(_ line: [UInt8]) -> Bool {
            switch self {
            case .text(let text): contains(line, text)
            case .expression(let expression): expression.isIn(line)
            }
        }
    }

    private var required: [Term] = []
    private var alternatives: [Term] = []
    private var excluded: [Term] = []

    static func parse(_ reader: inout PatternReader) throws(FilterPatternError) -> TermPattern {
        var pattern = TermPattern()
        while true {
            reader.skipSpace()
            guard let byte = reader.peek else { return pattern }
            switch byte {
            case UInt8(ascii: "?"):
                reader.advance()
                pattern.alternatives.append(try term(&reader))
            case UInt8(ascii: "-"):
                reader.advance()
                pattern.excluded.append(try term(&reader))
            default: pattern.required.append(try term(&reader))
            }
        }
    }

    private static func term(_ reader: inout PatternReader) throws(FilterPatternError) -> Term {
        switch reader.peek {
        case UInt8(ascii: "\""):
            reader.advance()
            return .text(try reader.text(until: UInt8(ascii: "\"")))
        case UInt8(ascii: "%"):
            reader.advance()
            return .expression(try LineExpression(try reader.text(until: UInt8(ascii: "%"))))
        default:
            let text = reader.takeWhile { $0 > 0x20 }
            guard !text.isEmpty else { throw FilterPatternError("a term is expected after ? or -") }
            return .text(text)
        }
    }

    func matches(_ line: [UInt8]) -> Bool {
        if excluded.contains(where: { $0.isIn(line) }) { return false }
        guard required.isEmpty else { return required.allSatisfy { $0.isIn(line) } }
        return alternatives.isEmpty || alternatives.contains { $0.isIn(line) }
    }
}

/// Whether a part stands anywhere in the bytes.
func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
    guard let first = part.first else { return true }
    guard bytes.count >= part.count else { return false }
    for start in 0...bytes.count - part.count where bytes[start] == first {
        if bytes[start..<start + part.count].elementsEqual(part) { return true }
    }
    return false
}
