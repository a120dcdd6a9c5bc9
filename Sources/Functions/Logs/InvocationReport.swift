public import Core

/// What an invocation took, as its REPORT line says.
public struct InvocationReport: Hashable, Sendable {
    public enum Status: String, Hashable, Sendable {
        case success, error, timeout
    }

    public var status: Status
    /// The start by the host's clock.
    public var startedAt: Timestamp
    /// From handing over the event to the answer, without the start of the instance.
    public var durationMilliseconds: Double
    /// Duration and start together, rounded up to the millisecond: what is paid for.
    public var billedMilliseconds: Int64
    /// The start of the instance, when this was its first invocation and it was started for it.
    public var initMilliseconds: Double?
    public var memorySizeMB: Int
    public var maxMemoryUsedMB: Int
    /// Such as `Runtime.ExitError`; nil after success.
    public var errorType: String?

    public init(
        status: Status, startedAt: Timestamp, durationMilliseconds: Double, initMilliseconds: Double? = nil,
        memorySizeMB: Int, maxMemoryUsedMB: Int, errorType: String? = nil
    ) {
        self.status = status
        self.startedAt = startedAt
        self.durationMilliseconds = durationMilliseconds
        self.initMilliseconds = initMilliseconds
        self.memorySizeMB = memorySizeMB
        self.maxMemoryUsedMB = maxMemoryUsedMB
        self.errorType = errorType
        let billed = (durationMilliseconds + (initMilliseconds ?? 0)).rounded(.up)
        billedMilliseconds = max(1, Int64(exactly: billed) ?? Int64.max)
    }
}
