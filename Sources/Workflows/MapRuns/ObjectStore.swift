public import Core

/// Where distributed Maps read their items and write their results. The host connects it to the buckets.
public protocol ObjectStore: Sendable {
    /// The whole object. Objects of more than `limit` bytes are refused.
    func read(bucket: String, key: String, versionID: String?, limit: Int) async throws(ObjectStoreFailure) -> [UInt8]

    /// One page of the objects whose keys begin with the prefix, in the order of their keys.
    func list(bucket: String, prefix: String, after: String?) async throws(ObjectStoreFailure) -> ObjectListing

    func write(bucket: String, key: String, _ bytes: [UInt8]) async throws(ObjectStoreFailure)
}

/// A page of a bucket's objects.
public struct ObjectListing: Sendable {
    public struct Entry: Sendable {
        public var key: String
        public var eTag: String
        public var lastModified: Timestamp
        public var size: Int64
        public var storageClass: String

        public init(key: String, eTag: String, lastModified: Timestamp, size: Int64, storageClass: String = "STANDARD")
        {
            self.key = key
            self.eTag = eTag
            self.lastModified = lastModified
            self.size = size
            self.storageClass = storageClass
        }
    }

    public var entries: [Entry]
    /// What to list the next page after; nil on the last one.
    public var next: String?

    public init(entries: [Entry], next: String?) {
        self.entries = entries
        self.next = next
    }
}

/// Why a bucket could not be used, in a sentence that becomes the cause of the map run's failure.
public struct ObjectStoreFailure: Error, Sendable {
    public var cause: String

    public init(_ cause: String) { self.cause = cause }
}
