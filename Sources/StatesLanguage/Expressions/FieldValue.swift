/// The value of a field that is either written out or found when the state runs.
public enum FieldValue<Value: Sendable>: Sendable {
    case constant(Value)
    /// Of a field whose name ends in `Path`, or one that a template member with `.$` gives.
    case path(FieldPath)
    /// An intrinsic function, where AWS allows one (`ErrorPath`, `CausePath`).
    case intrinsic(IntrinsicField)
    case jsonata(JSONataField)
}

/// A path and the field that it stands in, by the name that error texts use.
public struct FieldPath: Sendable {
    public let path: JSONPath
    /// Such as `SecondsPath` or `value.$`.
    public let field: String

    public init(path: JSONPath, field: String) {
        self.path = path
        self.field = field
    }
}

/// An intrinsic call and the field that it stands in.
public struct IntrinsicField: Sendable {
    public let call: IntrinsicCall
    /// Such as `CausePath` or `value.$`.
    public let field: String

    public init(call: IntrinsicCall, field: String) {
        self.call = call
        self.field = field
    }
}
