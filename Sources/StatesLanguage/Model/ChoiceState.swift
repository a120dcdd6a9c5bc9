import Core

/// Chooses the next state.
public struct ChoiceState: Sendable {
    public let rules: [ChoiceRule]
    /// `Default`: where to go when no rule matches; without it that is a failure.
    public let defaultNext: StateGraph.Index?
}

/// One member of `Choices`.
public struct ChoiceRule: Sendable {
    public let condition: ChoiceCondition
    public let next: StateGraph.Index
    /// `Output` of the rule, which takes the place of the state's own; JSONata only.
    public let output: Template?
    /// `Assign` of the rule, which takes the place of the state's own when the rule has one.
    public let assign: [Assignment]?
    public let comment: String?
}

/// When a rule matches.
public indirect enum ChoiceCondition: Sendable {
    case and([ChoiceCondition])
    case or([ChoiceCondition])
    case not(ChoiceCondition)
    case comparison(ChoiceComparison)
    /// `Condition` of a JSONata rule; must give a boolean.
    case jsonata(JSONataField)
    /// A `Condition` that is written as `true` or `false`.
    case constant(Bool)
}

/// One comparison of a variable with a constant or another variable.
public struct ChoiceComparison: Sendable {
    /// `Variable`.
    public let variable: JSONPath
    public let test: ChoiceTest
}

public enum ChoiceTest: Sendable {
    public enum Order: Sendable, Hashable {
        case equal, less, greater, lessOrEqual, greaterOrEqual
    }

    case boolean(ChoiceOperand<Bool>)
    case numeric(Order, ChoiceOperand<Double>)
    case string(Order, ChoiceOperand<String>)
    case timestamp(Order, ChoiceOperand<Timestamp>)
    case stringMatches(StringPattern)
    /// `IsNull` and its like, each with the answer that it asks for.
    case isNull(Bool), isPresent(Bool), isNumeric(Bool), isString(Bool), isBoolean(Bool), isTimestamp(Bool)
}

/// The right side of a comparison.
public enum ChoiceOperand<Value: Sendable>: Sendable {
    case constant(Value)
    /// An operator whose name ends in `Path`, which stands beside it for error texts.
    case path(JSONPath, operator: String)
}
