import Core

/// One word of the source.
struct Token {
    enum Kind {
        case symbol(Symbol)
        case name(String)
        case variable(String)
        case string(String)
        case number(Double)
        /// `true`, `false` or `null` for nil.
        case constant(Bool?)
        case regex(pattern: String, flags: String)
        case end
    }

    var kind: Kind
    /// UTF-16 units up to the token's end, which is how the reference places its errors.
    var position: Int

    /// The token as messages show it.
    var text: String {
        switch kind {
        case .symbol(let symbol): symbol.rawValue
        case .name(let text), .variable(let text), .string(let text): text
        case .number(let value): NumberText.text(of: value)
        case .constant(let value): value.map { $0 ? "true" : "false" } ?? "null"
        case .regex(let pattern, _): pattern
        case .end: "(end)"
        }
    }

    /// The value of a number or constant.
    var literal: JSON? {
        switch kind {
        case .number(let value): JSON(number: value)
        case .constant(let value): value.map { .bool($0) } ?? .null
        default: nil
        }
    }

    func isSymbol(_ symbol: Symbol) -> Bool {
        if case .symbol(let own) = kind { own == symbol } else { false }
    }

    var isEnd: Bool { if case .end = kind { true } else { false } }
}

/// Operators, brackets and separators.
enum Symbol: String {
    case dot = "."
    case openBracket = "["
    case closeBracket = "]"
    case openBrace = "{"
    case closeBrace = "}"
    case openParenthesis = "("
    case closeParenthesis = ")"
    case comma = ","
    case at = "@"
    case hash = "#"
    case semicolon = ";"
    case colon = ":"
    case question = "?"
    case plus = "+"
    case minus = "-"
    case star = "*"
    case slash = "/"
    case percent = "%"
    case bar = "|"
    case equal = "="
    case less = "<"
    case greater = ">"
    case caret = "^"
    case doubleStar = "**"
    case range = ".."
    case bind = ":="
    case notEqual = "!="
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case apply = "~>"
    case elvis = "?:"
    case coalesce = "??"
    case and
    case or
    case `in`
    case ampersand = "&"
    case exclamation = "!"
    case tilde = "~"

    /// How strongly the symbol binds the expression on its left; zero when it cannot follow one.
    var bindingPower: Int {
        switch self {
        case .openBracket, .openParenthesis, .at, .hash: 80
        case .dot: 75
        case .openBrace: 70
        case .star, .slash, .percent: 60
        case .plus, .minus, .ampersand: 50
        case .equal, .less, .greater, .caret, .notEqual, .lessOrEqual, .greaterOrEqual, .apply, .elvis, .coalesce,
            .in:
            40
        case .and: 30
        case .or: 25
        case .question: 20
        case .bind: 10
        default: 0
        }
    }
}
