import Core

/// Where a Choice state leads.
public enum ChoiceOutcome: Sendable {
    /// The rule at that position matched.
    case rule(Int)
    case defaultNext(StateGraph.Index)
}

extension EvaluationScope {
    /// Finds the first rule that matches.
    public mutating func choose(_ choice: ChoiceState) throws(EvaluationFailure) -> ChoiceOutcome {
        for index in choice.rules.indices where try matches(choice.rules[index].condition) { return .rule(index) }
        if let next = choice.defaultNext { return .defaultNext(next) }
        throw EvaluationFailure(
            ErrorName.noChoiceMatched,
            "Failed to transition out of the state. The state's Choices did not match and it has no Default.")
    }

    /// Conditions nest only as deep as the definition, which is bounded.
    mutating func matches(_ condition: ChoiceCondition) throws(EvaluationFailure) -> Bool {
        switch condition {
        case .comparison(let comparison): return try matches(comparison)
        case .jsonata(let field): return try boolean(field)
        case .constant(let value): return value
        case .not(let inner): return try !matches(inner)
        case .and(let inner):
            for condition in inner { guard try matches(condition) else { return false } }
            return true
        case .or(let inner):
            for condition in inner { if try matches(condition) { return true } }
            return false
        }
    }

    private func matches(_ comparison: ChoiceComparison) throws(EvaluationFailure) -> Bool {
        let found = document(of: comparison.variable).flatMap(comparison.variable.valueIfPresent(in:))
        if case .isPresent(let expected) = comparison.test { return (found != nil) == expected }
        guard let found else { throw Self.invalid(comparison.variable) }
        return try holds(comparison.test, found)
    }

    private static func invalid(_ path: JSONPath) -> EvaluationFailure {
        EvaluationFailure(
            ErrorName.runtime,
            "Invalid path '\(path.text)': The choice state's condition path references an invalid value.")
    }

    /// A value of another type than the operator's never matches.
    private func holds(_ test: ChoiceTest, _ value: JSON) throws(EvaluationFailure) -> Bool {
        switch test {
        case .boolean(let operand):
            guard case .bool(let left) = value else { return false }
            return try boolean(operand) == left
        case .numeric(let order, let operand):
            guard let left = value.doubleValue, let right = try number(operand) else { return false }
            return order.holds(left, right)
        case .string(let order, let operand):
            guard case .string(let left) = value, let right = try text(operand) else { return false }
            return order.holds(left, right)
        case .timestamp(let order, let operand):
            guard let left = value.stringValue.flatMap(Timestamp.init(statesLanguage:)),
                let right = try timestamp(operand)
            else { return false }
            return order.holds(left, right)
        case .stringMatches(let pattern): return value.stringValue.map(pattern.matches) ?? false
        case .isNull(let expected): return value.isNull == expected
        case .isPresent(let expected): return expected
        case .isNumeric(let expected): return value.isNumber == expected
        case .isString(let expected): return (value.stringValue != nil) == expected
        case .isBoolean(let expected): return (value.boolValue != nil) == expected
        case .isTimestamp(let expected):
            return (value.stringValue.flatMap(Timestamp.init(statesLanguage:)) != nil) == expected
        }
    }

    // MARK: Operands

    private func operand(_ path: JSONPath) throws(EvaluationFailure) -> JSON {
        guard let value = document(of: path).flatMap(path.valueIfPresent(in:)) else { throw Self.invalid(path) }
        return value
    }

    private func boolean(_ operand: ChoiceOperand<Bool>) throws(EvaluationFailure) -> Bool? {
        switch operand {
        case .constant(let value): value
        case .path(let path, _): try self.operand(path).boolValue
        }
    }

    private func number(_ operand: ChoiceOperand<Double>) throws(EvaluationFailure) -> Double? {
        switch operand {
        case .constant(let value): value
        case .path(let path, _): try self.operand(path).doubleValue
        }
    }

    private func text(_ operand: ChoiceOperand<String>) throws(EvaluationFailure) -> String? {
        switch operand {
        case .constant(let value): value
        case .path(let path, _): try self.operand(path).stringValue
        }
    }

    private func timestamp(_ operand: ChoiceOperand<Timestamp>) throws(EvaluationFailure) -> Timestamp? {
        switch operand {
        case .constant(let value): value
        case .path(let path, _): try self.operand(path).stringValue.flatMap(Timestamp.init(statesLanguage:))
        }
    }
}

extension ChoiceTest.Order {
    fileprivate func holds<Value: Comparable>(_ left: Value, _ right: Value) -> Bool {
        switch self {
        case .equal: left == right
        case .less: left < right
        case .greater: left > right
        case .lessOrEqual: left <= right
        case .greaterOrEqual: left >= right
        }
    }

    /// Strings compare by their UTF-16 units, so that composed and decomposed characters differ.
    fileprivate func holds(_ left: String, _ right: String) -> Bool {
        switch self {
        case .equal: left.utf8Equals(right)
        case .less: left.utf16.lexicographicallyPrecedes(right.utf16)
        case .greater: right.utf16.lexicographicallyPrecedes(left.utf16)
        case .lessOrEqual: !right.utf16.lexicographicallyPrecedes(left.utf16)
        case .greaterOrEqual: !left.utf16.lexicographicallyPrecedes(right.utf16)
        }
    }
}
