import Core

/// What an expression evaluates to.
public enum JSONataResult: Sendable, Equatable {
    /// Nothing: a path that leads nowhere, a condition without alternative.
    case undefined
    case value(JSON)
    /// A function, or a structure that holds one, which JSON cannot express.
    case function

    /// The value, when there is one.
    public var json: JSON? { if case .value(let value) = self { value } else { nil } }
}
