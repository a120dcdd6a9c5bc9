import Core

/// A payload template with its expressions compiled, of either query language.
///
/// In JSONPath templates, a member whose name ends in `.$` holds a path or an intrinsic call, and loses that ending in
/// the result. In JSONata templates, a string that starts with `{%` and ends with `%}` holds an expression.
public indirect enum Template: Sendable {
    /// A part without any expression, handed on as it is.
    case constant(JSON)
    case path(FieldPath)
    case intrinsic(IntrinsicField)
    case jsonata(JSONataField)
    case object([TemplateMember])
    case array([Template])
}

public struct TemplateMember: Sendable {
    /// The name in the result.
    public let name: String
    public let value: Template
}
