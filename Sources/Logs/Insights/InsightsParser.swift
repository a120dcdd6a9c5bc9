/// Reads the expressions of one command.
struct InsightsParser {
    private static let depthLimit = 64

    private let query: [UInt8]
    private let tokens: ArraySlice<InsightsToken>
    private(set) var position: Int
    private var depth = 0

    init(_ tokens: ArraySlice<InsightsToken>, of query: [UInt8]) {
        self.tokens = tokens
        self.query = query
        position = tokens.startIndex
    }

    var current: InsightsToken? { position < tokens.endIndex ? tokens[position] : nil }

    mutating func advance() { position += 1 }

    mutating func take(symbol: String) -> Bool {
        guard current?.isSymbol(symbol) == true else { return false }
        position += 1
        return true
    }

    mutating func take(word: String) -> Bool {
        guard current?.isWord(word) == true else { return false }
        position += 1
        return true
    }

    func failure(_ expected: String) -> FilterPatternError {
        FilterPatternError("\(expected) is expected \(current.map { "at '\($0.text)'" } ?? "at the end of a command")")
    }

    func requireEnd() throws(FilterPatternError) {
        if current != nil { throw failure("'|' or the end") }
    }

    /// What the query says from there on to here.
    func source(from start: Int) -> String {
        guard start < position else { return "" }
        return String(
            decoding: query[tokens[start].range.lowerBound..<tokens[position - 1].range.upperBound], as: UTF8.self)
    }

    // MARK: Lists

    /// Items between commas.
    mutating func list<Item>(
        _ item: (inout InsightsParser) throws(FilterPatternError) -> Item
    ) throws(FilterPatternError) -> [Item] {
        var items = [try item(&self)]
        while take(symbol: ",") { items.append(try item(&self)) }
        return items
    }

    /// An expression with the name of its column: the one that it is given, or what it says.
    mutating func named() throws(FilterPatternError) -> (name: String, expression: InsightsExpression) {
        let start = position
        let expression = try expression()
        return (try alias() ?? plainName(expression, from: start), expression)
    }

    private func plainName(_ expression: InsightsExpression, from start: Int) -> String {
        if case .field(let name) = expression { return name }
        return source(from: start)
    }

    /// A column to sort by. Those that `stats` made have names that look like its functions.
    mutating func column() throws(FilterPatternError) -> (name: String, expression: InsightsExpression) {
        let start = position
        if let token = current, token.kind == .word, position + 1 < tokens.endIndex, tokens[position + 1].isSymbol("("),
            InsightsFunction.all[token.text.lowercased()] == nil, token.text.lowercased() != "bin"
        {
            let aggregate = try InsightsAggregate(&self)
            return (aggregate.name, .constant(.missing))
        }
        let expression = try expression()
        return (plainName(expression, from: start), expression)
    }

    mutating func alias() throws(FilterPatternError) -> String? {
        guard take(word: "as") else { return nil }
        return try field()
    }

    mutating func field() throws(FilterPatternError) -> String {
        guard let token = current, token.kind == .word || token.kind == .name, !token.text.isEmpty else {
            throw failure("the name of a field")
        }
        position += 1
        return token.text
    }

    // MARK: Expressions, the loosest first

    mutating func expression() throws(FilterPatternError) -> InsightsExpression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.depthLimit else { throw FilterPatternError("the query is nested too deeply") }
        var left = try conjunction()
        while take(word: "or") { left = .either(left, try conjunction()) }
        return left
    }

    private mutating func conjunction() throws(FilterPatternError) -> InsightsExpression {
        var left = try negation()
        while take(word: "and") { left = .both(left, try negation()) }
        return left
    }

    private mutating func negation() throws(FilterPatternError) -> InsightsExpression {
        var isNegated = false
        while take(word: "not") { isNegated.toggle() }
        let operand = try comparison()
        return isNegated ? .not(operand) : operand
    }

    private mutating func comparison() throws(FilterPatternError) -> InsightsExpression {
        let left = try sum()
        let isNegated = take(word: "not")
        if take(word: "like") || take(symbol: "=~") {
            let match = InsightsExpression.like(left, try pattern())
            return isNegated ? .not(match) : match
        }
        if take(word: "in") {
            guard take(symbol: "[") else { throw failure("'['") }
            let values = try list { parser throws(FilterPatternError) in try parser.sum() }
            guard take(symbol: "]") else { throw failure("']'") }
            return isNegated ? .not(.isIn(left, values)) : .isIn(left, values)
        }
        guard !isNegated else { throw failure("'like' or 'in'") }
        for relation in [
            InsightsExpression.Operator.unequal, .lessOrEqual, .greaterOrEqual, .equal, .less, .greater,
        ] where take(symbol: relation.rawValue) || relation == .equal && take(symbol: "==") {
            return .binary(relation, left, try sum())
        }
        return left
    }

    private mutating func pattern() throws(FilterPatternError) -> InsightsExpression.Pattern {
        guard let token = current, token.kind != .symbol else { throw failure("a text or an expression") }
        position += 1
        let bytes = Array(token.text.utf8)
        return token.kind == .expression ? .expression(try LineExpression(bytes)) : .text(bytes)
    }

    private mutating func sum() throws(FilterPatternError) -> InsightsExpression {
        var left = try product()
        while true {
            if take(symbol: "+") {
                left = .binary(.plus, left, try product())
            } else if take(symbol: "-") {
                left = .binary(.minus, left, try product())
            } else {
                return left
            }
        }
    }

    private mutating func product() throws(FilterPatternError) -> InsightsExpression {
        var left = try primary()
        while true {
            if take(symbol: "*") {
                left = .binary(.times, left, try primary())
            } else if take(symbol: "/") {
                left = .binary(.divided, left, try primary())
            } else if take(symbol: "%") {
                left = .binary(.modulo, left, try primary())
            } else {
                return left
            }
        }
    }

    private mutating func primary() throws(FilterPatternError) -> InsightsExpression {
        if take(symbol: "(") {
            let inner = try expression()
            guard take(symbol: ")") else { throw failure("')'") }
            return inner
        }
        let isNegative = take(symbol: "-")
        guard let token = current, token.kind != .symbol, token.kind != .expression, !isNegative || token.isNumber
        else {
            throw failure("a field, a number or a text")
        }
        position += 1
        if token.kind == .text { return .constant(.text(token.text)) }
        if token.isNumber {
            guard let number = Double(token.text), number.isFinite else {
                throw FilterPatternError("'\(token.text)' is no number")
            }
            return .constant(.number(isNegative ? -number : number))
        }
        guard token.kind == .word, take(symbol: "(") else { return .field(token.text) }
        return try call(token.text)
    }

    private mutating func call(_ name: String) throws(FilterPatternError) -> InsightsExpression {
        if name.lowercased() == "bin" {
            let period = try InsightsPeriod(try field())
            guard take(symbol: ")") else { throw failure("')'") }
            return .bin(period)
        }
        guard let function = InsightsFunction.all[name.lowercased()] else {
            throw FilterPatternError("the function '\(name)' is not served")
        }
        let arguments = try list { parser throws(FilterPatternError) in try parser.expression() }
        guard take(symbol: ")") else { throw failure("')'") }
        guard function.arguments.contains(arguments.count) else {
            throw FilterPatternError("the function '\(name)' does not take \(arguments.count) values")
        }
        return .call(function, arguments)
    }
}

extension InsightsToken {
    fileprivate var isNumber: Bool {
        kind == .word && text.utf8.first.map { (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") } == true
    }
}
