/// Settings of ``Database`` that hold for every driver.
public struct DatabaseOptions: Sendable {
    /// Most closures that may wait to be written; one more gets an error of kind `busy`.
    public var maximumQueuedWrites = 65_536
    /// Most closures that may wait to be read; one more gets an error of kind `busy`.
    public var maximumQueuedReads = 65_536
    /// Most closures in one commit: bounds how long the first of them waits for the last.
    public var maximumBatch = 1024
    /// How many reads run at the same time, each on a thread and a connection of its own.
    public var readers = 2
    /// Longest time the writer waits for company before a commit (see ``Database``).
    public var gatheringNanoseconds: UInt64 = 500_000

    public init() {}
}
