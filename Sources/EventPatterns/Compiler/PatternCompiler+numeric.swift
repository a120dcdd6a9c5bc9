extension PatternCompiler {
    /// Reads `["=", 1]`, `[">", 1]`, `[">", 1, "<=", 5]` and their like, with the end of the expression.
    mutating func readNumeric() throws(EventPatternError) -> ValueMatcher {
        guard try reader.next() == .startArray else { throw reader.failure("Value of numeric must be an array.") }
        guard try reader.next() == .string else {
            throw reader.failure("Invalid member in numeric match: \(try reader.text())")
        }
        let comparison = try reader.text()
        let token = try reader.next()
        let matcher: ValueMatcher
        switch comparison {
        case "=": matcher = .number(try readOperand(token, "equals"))
        case ">", ">=": matcher = .range(try readRange(from: try readBound(token, comparison)))
        case "<", "<=": matcher = .range(NumberRange(bottom: nil, top: try readBound(token, comparison)))
        default: throw reader.failure("Unrecognized numeric range operator: \(comparison)")
        }
        if !comparison.hasPrefix(">"), try reader.next() != .endArray {
            throw reader.failure("Too many elements in numeric expression")
        }
        guard try reader.next() == .endObject else {
            throw reader.failure("Too many elements in numeric expression")
        }
        return matcher
    }

    private mutating func readRange(from bottom: NumberRange.Bound) throws(EventPatternError) -> NumberRange {
        let token = try reader.next()
        if token == .endArray { return NumberRange(bottom: bottom, top: nil) }
        guard token == .string else {
            throw reader.failure("Bad value in numeric range: \(try reader.text())")
        }
        let comparison = try reader.text()
        guard comparison == "<" || comparison == "<=" else {
            throw reader.failure("Bad numeric range operator: \(comparison)")
        }
        let top = try readBound(try reader.next(), comparison)
        guard try reader.next() == .endArray else {
            throw reader.failure("Too many terms in numeric range expression")
        }
        guard bottom.number < top.number else { throw reader.failure("Bottom must be less than top") }
        return NumberRange(bottom: bottom, top: top)
    }

    private mutating func readBound(
        _ token: PatternToken?, _ comparison: String
    ) throws(EventPatternError) -> NumberRange.Bound {
        NumberRange.Bound(number: try readOperand(token, comparison), isOpen: comparison.utf8.count == 1)
    }

    private mutating func readOperand(
        _ token: PatternToken?, _ name: String
    ) throws(EventPatternError) -> ComparableNumber {
        guard token?.isNumeric == true else { throw reader.failure("Value of \(name) must be numeric") }
        let text = try reader.text()
        guard let number = ComparableNumber(parsing: text) else {
            throw reader.failure("Cannot compare number : \(text)")
        }
        return number
    }
}
