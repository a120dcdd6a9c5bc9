import Core
import Storage
import Synchronization

/// Buckets and their objects: directories and their files, with everything that is no file's business in the database.
///
/// A write is staged in the bucket's own hidden directory, then committed together with its ``ObjectChange``, then moved
/// to its place; opening the store finishes moves that a stop prevented. So what was acknowledged survives any stop, and
/// what was not leaves no trace. Blocking calls run on threads of the store, not in the Swift pool.
public final class ObjectStore: Sendable {
    /// Called in the transaction that makes a change true, in the order of the changes of a key. What it throws undoes
    /// the change.
    public typealias ChangeHook = @Sendable (ObjectChange, Transaction) throws -> Void

    public struct Options: Sendable {
        /// Where buckets are made that have no directory of their own.
        public var directory: String
        /// Whether uploads are on disk before they are acknowledged. Without it they survive `kill -9` all the same, but
        /// not a power cut.
        public var isDurable = true
        public var dropRules = DropRules()
        /// How many blocking calls on files may run at the same time.
        public var threads = 8
        /// Files of more bytes are hashed apart, so that they do not hold up small ones.
        public var largeFileSize: Int64 = 1 << 20
        /// Names the life of the machine; nil asks the kernel.
        public var boot: String?

        public init(directory: String) { self.directory = directory }
    }

    let database: Database
    let clock: any HostClock
    let random: any RandomSource
    let options: Options
    let numbers: IdentifierSequence
    let pool: BlockingPool
    let hashing: BlockingPool
    let locks = KeyLocks()
    /// Held while a bucket's directory is made or removed, by the bucket's name.
    let directoryLocks = KeyLocks()
    let contents: ContentJournal
    let onChange: ChangeHook
    private let buckets = Mutex<[String: OpenBucket]>([:])
    private let bucketObserver = Mutex<(@Sendable () -> Void)?>(nil)

    public init(
        database: Database, clock: any HostClock, random: any RandomSource = SystemRandomSource(), options: Options,
        onChange: @escaping ChangeHook
    ) {
        self.database = database
        self.clock = clock
        self.random = random
        self.options = options
        self.onChange = onChange
        // Numbers name files as well, which a clock that was set back must not repeat.
        numbers = IdentifierSequence(clock: clock, above: SystemClock().now.milliseconds << 20)
        pool = BlockingPool(name: "objects", maximumThreads: options.threads)
        contents = ContentJournal(boot: options.boot)
        hashing = BlockingPool(name: "objects-hash", maximumThreads: 2)
    }

    /// Loads the buckets and finishes what a stop left unfinished. Call it once, before anything else.
    public func open() async throws {
        let rows = try await database.read { try $0.query("SELECT \(BucketRows.columns) FROM objects_buckets") }
        for row in rows {
            let bucket = OpenBucket(try BucketRows.decode(row), isOwn: try row.bool("is_own"))
            register(bucket)
            do {
                try await prepare(bucket)
                try await restoreContents(of: bucket)
                try await recover(bucket)
                try await adoptContents(of: bucket)
            } catch let error as FileError {
                bucket.setUnavailable(error.description)
            }
        }
    }

    // MARK: Buckets at hand

    func register(_ bucket: OpenBucket) {
        buckets.withLock { $0[bucket.current.name] = bucket }
        bucketObserver.withLock { $0 }?()
    }

    func unregister(_ name: String) {
        buckets.withLock { $0[name] = nil }
        bucketObserver.withLock { $0 }?()
    }

    /// Has the action called when buckets are made or deleted.
    func observeBuckets(_ action: (@Sendable () -> Void)?) { bucketObserver.withLock { $0 = action } }

    var openBuckets: [OpenBucket] { buckets.withLock { Array($0.values) } }

    func find(_ name: String) throws(ObjectStoreError) -> OpenBucket {
        guard let bucket = buckets.withLock({ $0[name] }) else { throw .noSuchBucket(name) }
        return bucket
    }

    /// Whether the bucket was deleted since it was found; one of the same name may have been made.
    func isGone(_ bucket: OpenBucket) -> Bool { buckets.withLock { $0[bucket.name] !== bucket } }

    /// Runs a part of an operation on a bucket: when that is deleted meanwhile, what fails for want of its rows and files
    /// comes out as `NoSuchBucket`.
    func using<Value>(_ bucket: OpenBucket, _ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch {
            throw isGone(bucket) ? ObjectStoreError.noSuchBucket(bucket.name) : error
        }
    }

    /// Runs a part of the task on threads that may block; failures as in ``blocking(_:)``.
    func onBlockingThreads<Value>(_ body: () async throws -> Value) async throws -> Value {
        try await translated { try await pool.runTask(body) }
    }

    /// Runs a blocking call on files; what fails in the file system comes out as S3's `InternalError`, with the reason.
    func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await translated { try await pool.run(body) }
    }

    private func translated<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as FileError {
            throw ObjectStoreError("InternalError", "A file of the bucket failed: \(error)", status: 500)
        } catch let error as BlockingPoolError {
            throw ObjectStoreError("SlowDown", "Please reduce your request rate: \(error)", status: 503)
        }
    }
}

/// The rows of buckets.
enum BucketRows {
    static let columns = "id, name, account, region, directory, created, versioning, is_own"

    /// To be called before anything is written of a bucket: another transaction of the same commit may have deleted it.
    ///
    /// - Throws: `NoSuchBucket`.
    static func require(_ bucket: Bucket, _ transaction: Transaction) throws {
        let row = try transaction.first("SELECT 1 AS found FROM objects_buckets WHERE id = $1", .integer(bucket.id))
        guard row != nil else { throw ObjectStoreError.noSuchBucket(bucket.name) }
    }

    static func decode(_ row: Row) throws -> Bucket {
        Bucket(
            id: try row.int64("id"), name: try row.text("name"),
            scope: Scope(account: try row.text("account"), region: try row.text("region")),
            directory: try row.text("directory"), created: Timestamp(milliseconds: try row.int64("created")),
            versioning: VersioningState(rawValue: try row.text("versioning")) ?? .off)
    }
}
