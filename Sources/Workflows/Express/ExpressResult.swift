/// How a synchronous express execution ended: the answer of `StartSyncExecution`.
public struct ExpressResult: Sendable {
    public var record: ExecutionRecord
    /// The execution's time rounded up to 100 ms.
    public var billedMilliseconds: Int64
    /// What it was billed to hold, a multiple of 64.
    public var billedMegabytes: Int64
}
