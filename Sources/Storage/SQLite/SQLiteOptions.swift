/// Settings of the SQLite driver. The defaults come from measurement (Benchmarks/Storage).
public struct SQLiteOptions: Sendable {
    /// When commits are on the disk.
    public var durability = Durability.commit
    /// The page cache of the writing connection.
    public var writerCacheKiB = 8192
    /// The page cache of each reading connection.
    public var readerCacheKiB = 2048
    /// How much of the file is read through memory mapping.
    public var mappedBytes: Int64 = 256 << 20
    /// How long to wait for a lock that another program holds.
    public var busyTimeoutMilliseconds: Int32 = 5000
    /// A reading statement is stopped after this long; 0 for never.
    public var readLimitMilliseconds: Int64 = 60_000
    /// The write-ahead log is moved back into the database every time it has grown by this many pages of 4 KiB.
    public var checkpointPages: Int32 = 1000
    /// The writer waits for that where the log has reached this length. A long read can make the log longer still; it
    /// is cut back to this length afterwards.
    public var walLimitPages: Int32 = 8000
    /// Most pages the file may have; 0 for SQLite's own limit. Beyond it writes fail with `full`.
    public var maximumPages: Int64 = 0

    public init() {}
}
