import Core

extension JSONPathParser {
    /// Parses from after the question mark to before the closing bracket.
    mutating func parseFilter(depth: Int) throws(PathSyntaxError) -> FilterExpression {
        skipSpace()
        guard take("(") else { throw failure("'?' must be followed by '('") }
        let expression = try parseOr(depth: depth)
        skipSpace()
        guard take(")") else { throw failure("'(' is not closed with ')'") }
        return expression
    }

    private mutating func parseOr(depth: Int) throws(PathSyntaxError) -> FilterExpression {
        guard depth <= Self.maximumFilterDepth else {
            throw failure("the filter is nested deeper than \(Self.maximumFilterDepth) levels")
        }
        var left = try parseAnd(depth: depth)
        while takeWord("||") { left = .or(left, try parseAnd(depth: depth)) }
        return left
    }

    private mutating func parseAnd(depth: Int) throws(PathSyntaxError) -> FilterExpression {
        var left = try parseUnary(depth: depth)
        while takeWord("&&") { left = .and(left, try parseUnary(depth: depth)) }
        return left
    }

    private mutating func parseUnary(depth: Int) throws(PathSyntaxError) -> FilterExpression {
        skipSpace()
        if take("!") {
            guard depth < Self.maximumFilterDepth else {
                throw failure("the filter is nested deeper than \(Self.maximumFilterDepth) levels")
            }
            return .not(try parseNegated(depth: depth + 1))
        }
        if take("(") {
            let inner = try parseOr(depth: depth + 1)
            skipSpace()
            guard take(")") else { throw failure("'(' is not closed with ')'") }
            return inner
        }
        return try parseComparison(depth: depth)
    }

    private mutating func parseNegated(depth: Int) throws(PathSyntaxError) -> FilterExpression {
        guard depth <= Self.maximumFilterDepth else {
            throw failure("the filter is nested deeper than \(Self.maximumFilterDepth) levels")
        }
        return try parseUnary(depth: depth)
    }

    private mutating func parseComparison(depth: Int) throws(PathSyntaxError) -> FilterExpression {
        let left = try parseOperand(depth: depth)
        skipSpace()
        if takeWord("=~") { throw failure("regular expressions are not supported in filters") }
        guard let found = takeOperator() else {
            guard case .literal = left else { return .exists(left) }
            throw failure("a comparison operator must follow the value")
        }
        return .comparison(left, found, try parseOperand(depth: depth))
    }

    private mutating func takeOperator() -> FilterOperator? {
        // The longer symbols come first in the declaration, so that `<=` is not read as `<`.
        FilterOperator.allCases.first { takeWord($0.rawValue) }
    }

    private mutating func parseOperand(depth: Int) throws(PathSyntaxError) -> FilterOperand {
        skipSpace()
        guard position < bytes.count else { throw failure("the filter ends where a value is missing") }
        switch bytes[position] {
        case UInt8(ascii: "@"):
            position += 1
            return .element(try parseOperandSteps(depth: depth))
        case UInt8(ascii: "$"):
            position += 1
            return .document(try parseOperandSteps(depth: depth))
        case UInt8(ascii: "'"), UInt8(ascii: "\""): return .literal(.string(try parseQuoted()))
        case UInt8(ascii: "["): return .literal(try parseList(depth: depth))
        default: return .literal(try parseScalar())
        }
    }

    private mutating func parseOperandSteps(depth: Int) throws(PathSyntaxError) -> [PathStep] {
        var steps: [PathStep] = []
        while position < bytes.count, steps.count < Self.maximumSteps {
            if bytes[position] == UInt8(ascii: "[") {
                guard depth < Self.maximumFilterDepth else {
                    throw failure("the filter is nested deeper than \(Self.maximumFilterDepth) levels")
                }
                steps.append(try parseBracket(depth: depth))
            } else if bytes[position] == UInt8(ascii: ".") {
                position += 1
                steps.append(try parseOperandMember())
            } else {
                break
            }
        }
        return steps
    }

    private mutating func parseOperandMember() throws(PathSyntaxError) -> PathStep {
        if take("*") { return .wildcard }
        let start = position
        while position < bytes.count, !endsOperandName(bytes[position]) { position += 1 }
        guard position > start else { throw failure("a name must follow '.'") }
        let name = String(decoding: bytes[start..<position], as: UTF8.self)
        if take("(") {
            guard let function = PathFunction(rawValue: name), take(")") else {
                throw failure("unknown function '\(name)'")
            }
            return .function(function)
        }
        return .member(name)
    }

    private func endsOperandName(_ byte: UInt8) -> Bool {
        !(Self.isNameByte(byte) || byte == UInt8(ascii: "-"))
    }

    private mutating func parseList(depth: Int) throws(PathSyntaxError) -> JSON {
        guard depth < Self.maximumFilterDepth else {
            throw failure("the filter is nested deeper than \(Self.maximumFilterDepth) levels")
        }
        position += 1
        var elements: [JSON] = []
        skipSpace()
        if take("]") { return .array([]) }
        repeat {
            skipSpace()
            guard position < bytes.count else { throw failure("'[' is not closed with ']'") }
            switch bytes[position] {
            case UInt8(ascii: "'"), UInt8(ascii: "\""): elements.append(.string(try parseQuoted()))
            case UInt8(ascii: "["): elements.append(try parseList(depth: depth + 1))
            default: elements.append(try parseScalar())
            }
            skipSpace()
        } while take(",")
        guard take("]") else { throw failure("'[' is not closed with ']'") }
        return .array(elements)
    }

    private mutating func parseScalar() throws(PathSyntaxError) -> JSON {
        if takeWord("true") { return .bool(true) }
        if takeWord("false") { return .bool(false) }
        if takeWord("null") { return .null }
        let start = position
        while position < bytes.count, Self.isNumberByte(bytes[position]) { position += 1 }
        guard position > start, let number = try? JSON(parsing: bytes[start..<position]), number.isNumber else {
            throw PathSyntaxError(
                reason: "a value in a filter must be a path, a string in quotes, a number, true, false or null",
                offset: start)
        }
        return number
    }

    static func isNumberByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".")
            || byte | 0x20 == UInt8(ascii: "e")
    }

    /// Takes a symbol, or a word that no name character follows.
    private mutating func takeWord(_ word: String) -> Bool {
        skipSpace()
        let word = Array(word.utf8)
        guard position + word.count <= bytes.count, bytes[position..<position + word.count].elementsEqual(word) else {
            return false
        }
        let after = position + word.count
        if let last = word.last, Self.isNameByte(last), after < bytes.count, Self.isNameByte(bytes[after]) {
            return false
        }
        position = after
        return true
    }
}
