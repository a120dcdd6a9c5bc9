/// Bounds on what callers may send and how slowly. Sizes are in bytes, times in milliseconds.
public struct GatewayLimits: Sendable {
    /// All header fields of a request together.
    public var headerSize = 64 * 1024
    public var headerCount = 200
    /// Of the path with its query.
    public var targetSize = 32 * 1024
    /// Of a body that is held in memory. A zipped function of 50 MB is 70 MB in JSON.
    public var bodySize = 100 * 1024 * 1024
    /// A body up to this size is read whole even where it could be streamed.
    public var eagerBodySize = 256 * 1024
    /// How much of a streamed body waits for its reader.
    public var streamBuffer = 512 * 1024
    public var connections = 10_000
    /// Parts of pipelined requests that wait for the one before them.
    public var pipelinedParts = 1_024
    /// From one request to the end of the next one's header.
    public var idleTime: Int64 = 75_000
    /// From the first connection to the end of the first header.
    public var headerTime: Int64 = 20_000
    /// Between two parts of a body.
    public var bodyTime: Int64 = 30_000
    /// For a caller to take what was sent.
    public var writeTime: Int64 = 60_000
    /// For the answer to a caller who has closed his side of the connection.
    public var halfClosedTime: Int64 = 1_000
    /// For requests in flight when the program stops.
    public var drainTime: Int64 = 10_000

    /// How often the times above are looked at.
    public var checkTime: Int64 = 2_000

    public init() {}
}
