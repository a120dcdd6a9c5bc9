import Core

/// The right side of a comparison and its operator.
struct Comparison: Sendable {
    enum Operator: Sendable { case equal, unequal, less, lessOrEqual, greater, greaterOrEqual }

    enum Operand: Sendable {
        case number(Double)
        /// With `*` for any text.
        case text([UInt8])
        case expression(LineExpression)
    }

    let relation: Operator
    let operand: Operand

    static func relation(_ reader: inout PatternReader) -> Operator? {
        if reader.take("!=") { return .unequal }
        if reader.take("<=") { return .lessOrEqual }
        if reader.take(">=") { return .greaterOrEqual }
        if reader.take("==") || reader.take("=") { return .equal }
        if reader.take("<") { return .less }
        return reader.take(">") ? .greater : nil
    }

    /// Reads the operand after its operator.
    ///
    /// - Parameter isEnd: what ends a word without quotation marks, besides white space.
    init(
        _ relation: Operator, _ reader: inout PatternReader, isEnd: (UInt8) -> Bool
    ) throws(FilterPatternError) {
        self.relation = relation
        reader.skipSpace()
        switch reader.peek {
        case UInt8(ascii: "\""):
            reader.advance()
            operand = .text(try reader.text(until: UInt8(ascii: "\"")))
        case UInt8(ascii: "%"):
            reader.advance()
            operand = .expression(try LineExpression(try reader.text(until: UInt8(ascii: "%"))))
        default:
            let word = reader.takeWhile {
                $0 > 0x20 && !isEnd($0) && $0 != UInt8(ascii: "&") && $0 != UInt8(ascii: "|")
            }
            guard !word.isEmpty else { throw FilterPatternError("a value is expected after the operator") }
            let text = String(decoding: word, as: UTF8.self)
            operand = Double(text).map(Operand.number) ?? .text(word)
        }
        if relation != .equal, relation != .unequal {
            guard case .number = operand else {
                throw FilterPatternError("the operators < <= > >= compare numbers")
            }
        }
    }

    /// Compares a value that is there.
    func isTrue(of value: JSON) -> Bool {
        switch (operand, value) {
        case (.number(let number), .int), (.number(let number), .double):
            return value.doubleValue.map { compare($0, number) } ?? false
        case (.number(let number), .string(let text)):
            if let parsed = Double(text) { return compare(parsed, number) }
            return relation == .unequal
        case (.text, .string(let text)), (.expression, .string(let text)): return isTrue(of: Array(text.utf8))
        default: return relation == .unequal
        }
    }

    /// Compares a field of a line.
    func isTrue(of field: [UInt8]) -> Bool {
        let isEqual: Bool
        switch operand {
        case .number(let number):
            guard let parsed = Double(String(decoding: field, as: UTF8.self)) else { return relation == .unequal }
            return compare(parsed, number)
        case .text(let pattern): isEqual = Self.matches(pattern, field)
        case .expression(let expression): isEqual = expression.isIn(field)
        }
        return isEqual == (relation == .equal)
    }

    private func compare(_ left: Double, _ right: Double) -> Bool {
        switch relation {
        case .equal: left == right
        case .unequal: left != right
        case .less: left < right
        case .lessOrEqual: left <= right
        case .greater: left > right
        case .greaterOrEqual: left >= right
        }
    }

    /// `*` stands for any text; the classic walk with one place to go back to.
    static func matches(_ pattern: [UInt8], _ text: [UInt8]) -> Bool {
        var (place, position) = (0, 0)
        var retry: (place: Int, position: Int)?
        while position < text.count {
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                retry = (place + 1, position)
                place += 1
            } else if place < pattern.count, pattern[place] == text[position] {
                place += 1
                position += 1
            } else if let (back, start) = retry {
                retry = (back, start + 1)
                (place, position) = (back, start + 1)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
