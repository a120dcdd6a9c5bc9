import Core

/// What is computed from the fields of a row.
indirect enum InsightsExpression: Sendable {
    case constant(InsightsValue)
    case field(String)
    case bin(InsightsPeriod)
    case call(InsightsFunction, [InsightsExpression])
    case binary(Operator, InsightsExpression, InsightsExpression)
    case like(InsightsExpression, Pattern)
    case isIn(InsightsExpression, [InsightsExpression])
    case not(InsightsExpression)
    case both(InsightsExpression, InsightsExpression)
    case either(InsightsExpression, InsightsExpression)

    enum Operator: String, Sendable {
        case equal = "="
        case unequal = "!="
        case less = "<"
        case lessOrEqual = "<="
        case greater = ">"
        case greaterOrEqual = ">="
        case plus = "+"
        case minus = "-"
        case times = "*"
        case divided = "/"
        case modulo = "%"
    }

    enum Pattern: Sendable {
        case text([UInt8])
        case expression(LineExpression)

        func isIn(_ text: String) -> Bool {
            switch self {
            case .text(let wanted): contains(Array(text.utf8), wanted)
            case .expression(let expression): expression.isIn(Array(text.utf8))
            }
        }
    }

    /// How deep the parser lets it grow bounds how deep this goes.
    func value(in row: InsightsRow) -> InsightsValue {
        switch self {
        case .constant(let value): return value
        case .field(let name): return row[name]
        case .bin(let period): return .text(InsightsRow.text(period.floor(row.time)))
        case .call(let function, let arguments): return function.body(arguments.map { $0.value(in: row) })
        case .binary(let relation, let left, let right):
            return Self.apply(relation, left.value(in: row), right.value(in: row))
        case .like(let operand, let pattern): return .flag(operand.value(in: row).text.map(pattern.isIn) ?? false)
        case .isIn(let operand, let list):
            let value = operand.value(in: row)
            return .flag(list.contains { Self.areEqual(value, $0.value(in: row)) })
        case .not(let operand): return .flag(!operand.value(in: row).isTrue)
        case .both(let left, let right): return .flag(left.value(in: row).isTrue && right.value(in: row).isTrue)
        case .either(let left, let right): return .flag(left.value(in: row).isTrue || right.value(in: row).isTrue)
        }
    }

    private static func apply(_ relation: Operator, _ left: InsightsValue, _ right: InsightsValue) -> InsightsValue {
        switch relation {
        case .equal: return .flag(areEqual(left, right))
        case .unequal: return .flag(!areEqual(left, right))
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return .flag(compare(relation, left, right))
        default: break
        }
        guard let left = left.number, let right = right.number else { return .missing }
        let result =
            switch relation {
            case .plus: left + right
            case .minus: left - right
            case .times: left * right
            case .divided: left / right
            default: left.truncatingRemainder(dividingBy: right)
            }
        return result.isFinite ? .number(result) : .missing
    }

    private static func areEqual(_ left: InsightsValue, _ right: InsightsValue) -> Bool {
        if let left = left.number, let right = right.number { return left == right }
        return left.text != nil && left.text == right.text
    }

    /// Numbers as numbers, texts as texts, and nothing else.
    private static func compare(_ relation: Operator, _ left: InsightsValue, _ right: InsightsValue) -> Bool {
        let isLess: Bool
        let isEqual: Bool
        if let left = left.number, let right = right.number {
            (isLess, isEqual) = (left < right, left == right)
        } else if let left = left.text, let right = right.text {
            (isLess, isEqual) = (left < right, left == right)
        } else {
            return false
        }
        return switch relation {
        case .less: isLess
        case .lessOrEqual: isLess || isEqual
        case .greater: !isLess && !isEqual
        default: !isLess
        }
    }
}

/// A function of values.
struct InsightsFunction: Sendable {
    var arguments: ClosedRange<Int>
    var body: @Sendable ([InsightsValue]) -> InsightsValue

    /// By their names in small letters. None makes its values longer, which commands in a row could do without an end.
    static let all: [String: InsightsFunction] = [
        "abs": numeric { abs($0) }, "ceil": numeric { $0.rounded(.up) }, "floor": numeric { $0.rounded(.down) },
        "sqrt": numeric { $0.squareRoot() },
        "greatest": numbers { $0.max() }, "least": numbers { $0.min() },
        "ispresent": InsightsFunction(1) { .flag($0[0].text != nil) },
        "isempty": InsightsFunction(1) { .flag($0[0].text?.isEmpty ?? true) },
        "isblank": InsightsFunction(1) { .flag($0[0].text?.allSatisfy(\.isWhitespace) ?? true) },
        "coalesce": InsightsFunction(1...16) { $0.first { $0.text != nil } ?? .missing },
        "strlen": textual { .number(Double($0.count)) }, "toupper": textual { .text($0.uppercased()) },
        "tolower": textual { .text($0.lowercased()) },
        "strcontains": InsightsFunction(2) { values in
            guard let text = values[0].text, let part = values[1].text else { return .flag(false) }
            return .flag(contains(Array(text.utf8), Array(part.utf8)))
        },
    ]

    private init(_ arguments: ClosedRange<Int>, _ body: @escaping @Sendable ([InsightsValue]) -> InsightsValue) {
        self.arguments = arguments
        self.body = body
    }

    private init(_ count: Int, _ body: @escaping @Sendable ([InsightsValue]) -> InsightsValue) {
        self.init(count...count, body)
    }

    private static func numeric(_ body: @escaping @Sendable (Double) -> Double) -> InsightsFunction {
        InsightsFunction(1) { $0[0].number.map { .number(body($0)) } ?? .missing }
    }

    private static func numbers(_ body: @escaping @Sendable ([Double]) -> Double?) -> InsightsFunction {
        InsightsFunction(1...16) { body($0.compactMap(\.number)).map(InsightsValue.number) ?? .missing }
    }

    private static func textual(_ body: @escaping @Sendable (String) -> InsightsValue) -> InsightsFunction {
        InsightsFunction(1) { $0[0].text.map(body) ?? .missing }
    }
}
