import Core

/// `+ - * / %`
final class ArithmeticNode: Node, @unchecked Sendable {
    private let symbol: Symbol
    private let left: Node
    private let right: Node
    private let position: Int

    init(_ symbol: Symbol, _ left: Node, _ right: Node, position: Int) {
        self.symbol = symbol
        self.left = left
        self.right = right
        self.position = position
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        let first = try left.evaluate(input, frame, run)
        let second = try right.evaluate(input, frame, run)
        if case .json(.int(let a)) = first, case .json(.int(let b)) = second,
            let result = Numbers.calculate(symbol, a, b)
        {
            return .json(.int(result))
        }
        let a = try operand(first, "T2001")
        let b = try operand(second, "T2002")
        guard let a, let b else { return .undefined }
        return Value(Numbers.calculate(symbol, a, b))
    }

    private func operand(_ value: Value, _ code: String) throws(JSONataError) -> Double? {
        if value.isUndefined { return nil }
        guard let number = value.number, !number.isNaN else {
            throw JSONataError(code: code, position: position, token: symbol.rawValue, value: value.shown)
        }
        guard number.isFinite else {
            throw JSONataError(code: "D1001", position: position, token: symbol.rawValue, value: value.shown)
        }
        return number
    }
}

/// `-` before an expression.
final class NegationNode: Node, @unchecked Sendable {
    private let operand: Node
    private let position: Int

    init(_ operand: Node, position: Int) {
        self.operand = operand
        self.position = position
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        let value = try operand.evaluate(input, frame, run)
        if value.isUndefined { return value }
        guard let number = value.number, !number.isNaN else {
            throw JSONataError(code: "D1002", position: position, token: "-", value: value.shown)
        }
        try Numbers.checkFinite(number)
        return Value(-number)
    }
}

/// `=` and `!=`
final class EqualityNode: Node, @unchecked Sendable {
    private let left: Node
    private let right: Node
    private let isNegated: Bool

    init(_ left: Node, _ right: Node, isNegated: Bool) {
        self.left = left
        self.right = right
        self.isNegated = isNegated
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        let first = try left.evaluate(input, frame, run)
        let second = try right.evaluate(input, frame, run)
        if first.isUndefined || second.isUndefined { return Value(false) }
        return Value(try Equality.areEqual(first, second, run) != isNegated)
    }
}

/// `< <= > >=`
final class ComparisonNode: Node, @unchecked Sendable {
    private let symbol: Symbol
    private let left: Node
    private let right: Node
    private let position: Int

    init(_ symbol: Symbol, _ left: Node, _ right: Node, position: Int) {
        self.symbol = symbol
        self.left = left
        self.right = right
        self.position = position
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        let first = try left.evaluate(input, frame, run)
        let second = try right.evaluate(input, frame, run)
        if let a = first.number, let b = second.number { return Value(compare(a, b)) }
        if case .json(.string(let a)) = first, case .json(.string(let b)) = second {
            return Value(compare(TextOrder.compare(a, b), 0))
        }
        return try mismatch(first, second)
    }

    @inline(__always) private func compare<T: Comparable>(_ a: T, _ b: T) -> Bool {
        switch symbol {
        case .less: a < b
        case .lessOrEqual: a <= b
        case .greater: a > b
        default: a >= b
        }
    }

    private func mismatch(_ first: Value, _ second: Value) throws(JSONataError) -> Value {
        guard Self.isComparable(first), Self.isComparable(second) else {
            let atFault = Self.isComparable(first) && !first.isUndefined ? second : first
            throw JSONataError(code: "T2010", position: position, token: symbol.rawValue, value: atFault.shown)
        }
        if first.isUndefined || second.isUndefined { return .undefined }
        throw JSONataError(
            code: "T2009", position: position, token: symbol.rawValue, value: first.shown, other: second.shown)
    }

    private static func isComparable(_ value: Value) -> Bool {
        value.isUndefined || value.number != nil || value.string != nil
    }
}

/// `and` and `or`
final class LogicalNode: Node, @unchecked Sendable {
    private let isAnd: Bool
    private let left: Node
    private let right: Node
    private let position: Int

    init(_ left: Node, _ right: Node, isAnd: Bool, position: Int) {
        self.left = left
        self.right = right
        self.isAnd = isAnd
        self.position = position
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        let first = try left.evaluate(input, frame, run)
        do throws(JSONataError) {
            if try Truth.isTrue(first) != isAnd { return Value(!isAnd) }
            return Value(try Truth.isTrue(try right.evaluate(input, frame, run)))
        } catch {
            throw error.replacing(position: position, token: isAnd ? "and" : "or")
        }
    }
}

/// `in`
final class InclusionNode: Node, @unchecked Sendable {
    private let left: Node
    private let right: Node

    init(_ left: Node, _ right: Node) {
        self.left = left
        self.right = right
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        let first = try left.evaluate(input, frame, run)
        let second = try right.evaluate(input, frame, run)
        if first.isUndefined || second.isUndefined { return Value(false) }
        guard let elements = second.elements else { return Value(Self.areIdentical(first, second)) }
        try run.spend(elements.count)
        guard case .json(let sought) = first else { return Value(false) }
        return Value(elements.contains { Self.areIdentical(sought, $0) })
    }

    private static func areIdentical(_ left: Value, _ right: Value) -> Bool {
        switch (left, right) {
        case (.json(let a), .json(let b)): areIdentical(a, b)
        case (.function(let a), .function(let b)): a === b
        default: false
        }
    }

    /// Scalars by value; the language compares containers by identity, which values do not have.
    private static func areIdentical(_ left: JSON, _ right: JSON) -> Bool {
        left.isContainer || right.isContainer ? false : Equality.areEqual(left, right)
    }
}

/// A chain of `&`.
final class ConcatenationNode: Node, @unchecked Sendable {
    private let operands: [Node]
    private let position: Int

    init(_ operands: [Node], position: Int) {
        self.operands = operands
        self.position = position
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        var text = ""
        for operand in operands {
            let value = try operand.evaluate(input, frame, run)
            switch value {
            case .json(.string(let part)): text += part
            case .undefined: continue
            default:
                do throws(JSONataError) {
                    text += try Stringifier.text(of: value, run) ?? ""
                } catch {
                    throw error.replacing(position: position, token: "&")
                }
            }
            try run.checkString(bytes: text.utf8.count)
        }
        return .json(.string(text))
    }
}

/// `[from .. to]`
final class RangeNode: Node, @unchecked Sendable {
    private let from: Node
    private let to: Node
    private let position: Int

    init(_ from: Node, _ to: Node, position: Int) {
        self.from = from
        self.to = to
        self.position = position
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        let first = try from.evaluate(input, frame, run)
        let last = try to.evaluate(input, frame, run)
        let start = try bound(first, "T2003")
        let end = try bound(last, "T2004")
        guard let start, let end, start <= end else { return .undefined }
        let size = end - start + 1
        guard size <= 10_000_000 else {
            throw JSONataError(code: "D2014", position: position, token: "..", value: JSON(number: size))
        }
        try run.checkLength(Int(size))
        try run.spend(Int(size))
        guard start.magnitude < 9e15, end.magnitude < 9e15 else {
            return .array((0..<Int(size)).map { .double(start + Double($0)) }, .sequence)
        }
        let base = Int64(start)
        return .array((0..<Int64(size)).map { .int(base + $0) }, .sequence)
    }

    private func bound(_ value: Value, _ code: String) throws(JSONataError) -> Double? {
        if value.isUndefined { return nil }
        guard let number = value.number, number.isFinite, number.rounded(.towardZero) == number else {
            throw JSONataError(code: code, position: position, token: "..", value: value.shown)
        }
        return number
    }
}
