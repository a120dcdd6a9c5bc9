import Core

/// A JSONata expression and the field that it stands in.
public struct JSONataField: Sendable {
    /// What stands between `{%` and `%}`, without the white space around it.
    public let source: String
    /// The field as error texts name it: `Output/result`, `Items`, `Choices[0]/Condition`.
    public let field: String
    let expression: CompiledJSONata
}
