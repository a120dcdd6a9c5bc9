import Core

/// A top-down operator precedence parser (Vaughan Pratt, 1973) for the JSONata grammar.
struct Parser {
    /// Longer sources are refused; the largest state machine that AWS accepts has as many bytes.
    static let maximumLength = 1024 * 1024
    /// Brackets, operands and arguments inside one another, which bounds the parser's own stack.
    static let maximumNesting = 500
    /// Levels of the tree; chains of operators grow it without nesting. Evaluation recurses as deeply.
    static let maximumHeight = 2000

    private var tokenizer: Tokenizer
    var token = Token(kind: .end, position: 0)
    private var nesting = 0
    var ancestorCount = 0

    private init(_ source: String) { tokenizer = Tokenizer(source) }

    /// Parses the whole source, without resolving paths.
    static func parse(_ source: String) throws(JSONataError) -> Syntax {
        guard source.utf8.count <= maximumLength else {
            throw JSONataError(code: "U1001", text: "The expression is longer than \(maximumLength) bytes", position: 0)
        }
        var parser = Parser(source)
        try parser.advance()
        let syntax = try parser.expression(0)
        guard parser.token.isEnd else {
            throw JSONataError(
                code: "S0201", position: parser.token.position, token: parser.token.text,
                other: parser.token.literal)
        }
        return syntax
    }

    // MARK: Moving on

    mutating func advance(afterOperand: Bool = false) throws(JSONataError) {
        token = try tokenizer.next(afterOperand: afterOperand)
        if case .symbol(let symbol) = token.kind, symbol == .exclamation || symbol == .tilde {
            throw JSONataError(code: "S0204", position: token.position, token: token.text)
        }
    }

    /// Demands a symbol and moves past it.
    mutating func expect(_ symbol: Symbol, endsOperand: Bool = false) throws(JSONataError) {
        guard token.isSymbol(symbol) else {
            throw JSONataError(
                code: token.isEnd ? "S0203" : "S0202", position: token.position, token: token.text,
                value: .string(symbol.rawValue), other: token.literal)
        }
        try advance(afterOperand: endsOperand)
    }

    mutating func take(_ symbol: Symbol) throws(JSONataError) -> Bool {
        guard token.isSymbol(symbol) else { return false }
        try advance()
        return true
    }

    // MARK: Expressions

    mutating func expression(_ bindingPower: Int) throws(JSONataError) -> Syntax {
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Self.maximumNesting else { throw tooDeep(Self.maximumNesting, token.position) }
        let first = token
        try advance(afterOperand: true)
        var left = try operand(first)
        while case .symbol(let symbol) = token.kind, bindingPower < symbol.bindingPower {
            let position = token.position
            try advance()
            left = try continuation(of: left, symbol, at: position)
            guard left.height <= Self.maximumHeight else { throw tooDeep(Self.maximumHeight, position) }
        }
        return left
    }

    private func tooDeep(_ limit: Int, _ position: Int) -> JSONataError {
        JSONataError(
            code: "U1001", text: "The expression is nested more than \(limit) levels deep", position: position)
    }

    /// An expression that starts with this token.
    private mutating func operand(_ first: Token) throws(JSONataError) -> Syntax {
        let position = first.position
        switch first.kind {
        case .name(let name): return Syntax(.name(name), at: position)
        case .variable(let name): return Syntax(.variable(name), at: position)
        case .string(let text): return Syntax(.string(text), at: position)
        case .number(let value): return Syntax(.number(value), at: position)
        case .constant(let value): return Syntax(.constant(value.map(JSON.bool) ?? .null), at: position)
        case .regex(let pattern, let flags):
            return Syntax(.regex(try Regex(pattern, flags: flags, position: position)), at: position)
        case .end: return Syntax(.end, at: position)
        case .symbol(let symbol): return try prefix(symbol, at: position)
        }
    }

    private mutating func prefix(_ symbol: Symbol, at position: Int) throws(JSONataError) -> Syntax {
        switch symbol {
        case .minus: return Syntax(.negation(try expression(70)), at: position)
        case .star: return Syntax(.wildcard, at: position)
        case .doubleStar: return Syntax(.descendant, at: position)
        case .percent:
            ancestorCount += 1
            return Syntax(.parent(AncestorSlot(number: ancestorCount)), at: position)
        case .and, .or, .in: return Syntax(.word(symbol), at: position)
        case .openParenthesis: return try block(at: position)
        case .openBracket: return try arrayConstructor(at: position)
        case .openBrace: return Syntax(.object(try pairs()), at: position)
        case .bar: return try transform(at: position)
        default: throw JSONataError(code: "S0211", position: position, token: symbol.rawValue)
        }
    }

    private mutating func block(at position: Int) throws(JSONataError) -> Syntax {
        var expressions: [Syntax] = []
        while !token.isSymbol(.closeParenthesis) {
            expressions.append(try expression(0))
            guard try take(.semicolon) else { break }
        }
        try expect(.closeParenthesis, endsOperand: true)
        return Syntax(.block(expressions), at: position)
    }

    private mutating func arrayConstructor(at position: Int) throws(JSONataError) -> Syntax {
        var items: [Syntax] = []
        if !token.isSymbol(.closeBracket) {
            repeat {
                let item = try expression(0)
                if token.isSymbol(.range) {
                    let rangePosition = token.position
                    try advance()
                    items.append(Syntax(.binary(.range, item, try expression(0)), at: rangePosition))
                } else {
                    items.append(item)
                }
            } while try take(.comma)
        }
        try expect(.closeBracket, endsOperand: true)
        return Syntax(.array(items), at: position)
    }

    mutating func pairs() throws(JSONataError) -> [Syntax.Pair] {
        var pairs: [Syntax.Pair] = []
        if !token.isSymbol(.closeBrace) {
            repeat {
                let key = try expression(0)
                try expect(.colon)
                pairs.append(Syntax.Pair(key: key, value: try expression(0)))
            } while try take(.comma)
        }
        try expect(.closeBrace, endsOperand: true)
        return pairs
    }

    private mutating func transform(at position: Int) throws(JSONataError) -> Syntax {
        let pattern = try expression(0)
        try expect(.bar)
        let update = try expression(0)
        let deletion = try take(.comma) ? try expression(0) : nil
        try expect(.bar)
        return Syntax(.transform(pattern: pattern, update: update, deletion: deletion), at: position)
    }
}
