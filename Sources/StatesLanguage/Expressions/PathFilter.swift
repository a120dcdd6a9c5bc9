/// `InputPath` and `OutputPath`.
public enum PathFilter: Sendable {
    /// `$`, or no such field.
    case whole
    /// `null`: an empty object.
    case discard
    case path(JSONPath)
}

/// `ResultPath`.
public enum ResultPath: Sendable {
    /// `$`, or no such field: the result replaces the input.
    case replace
    /// `null`: the input goes on and the result is dropped.
    case discard
    /// The result is set into the input.
    case insert(ReferencePath)
}
