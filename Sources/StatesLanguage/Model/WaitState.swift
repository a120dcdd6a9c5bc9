import Core

/// Waits for a time or until an instant.
public enum WaitState: Sendable {
    /// `Seconds` or `SecondsPath`.
    case seconds(FieldValue<Int64>)
    /// `Timestamp` or `TimestampPath`.
    case timestamp(FieldValue<Timestamp>)

    /// The longest wait, in seconds.
    public static let maximumSeconds: Int64 = 99_999_999
    /// The longest way to an instant, in seconds.
    public static let maximumSecondsToTimestamp = Int64(Int32.max)
}
