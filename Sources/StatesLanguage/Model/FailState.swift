/// Ends the execution as failed.
public struct FailState: Sendable {
    /// `Error` or `ErrorPath`.
    public let error: FieldValue<String>?
    /// `Cause` or `CausePath`.
    public let cause: FieldValue<String>?
}
