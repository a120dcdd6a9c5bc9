/// The bounds of a deployment package.
public struct PackageLimits: Hashable, Sendable {
    /// Of the archive as it is uploaded; Lambda takes 50 MB directly.
    public var archiveBytes: Int
    /// Of the unpacked files together, Lambda's 250 MB.
    public var unpackedBytes: Int
    public var entries: Int
    public var pathBytes: Int

    public init(
        archiveBytes: Int = 52_428_800, unpackedBytes: Int = 262_144_000, entries: Int = 100_000, pathBytes: Int = 1024
    ) {
        self.archiveBytes = archiveBytes
        self.unpackedBytes = unpackedBytes
        self.entries = entries
        self.pathBytes = pathBytes
    }
}
