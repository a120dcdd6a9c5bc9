/// The store of everything the host must not forget, and the one path by which it is written.
///
/// Closures given to ``write(_:)`` at about the same time are committed together (group commit): each is undone on its
/// own when it throws, and a caller goes on only after its commit is on disk. Acknowledged therefore means durable.
/// ``read(_:)`` works on a snapshot, beside the writer.
///
/// ```swift
/// let database = try Database(SQLiteDriver(directory: "data"), schema: Queue.schema)
/// let id = try await database.write { transaction in
///     let row = try transaction.first(
///         "INSERT INTO queue_messages (body, sent) VALUES ($1, $2) RETURNING id", .text(body), .time(now))
///     transaction.afterCommit { wakeConsumers() }
///     return try row?.int64("id")
/// }
/// ```
///
/// Closures run on threads of the database, not in the Swift pool; they must not wait for anything but SQL.
public final class Database: Sendable {
    public let location: String
    private let writer: Writer
    private let readers: Readers
    private let lookups: Lookups
    private let threads: ThreadGroup

    /// Opens the database, brings its schema up to date in one transaction and starts its threads. Blocks for as long
    /// as that takes: call it at start.
    ///
    /// - Parameters:
    ///   - schema: the migrations of all modules, in the order the modules depend on one another.
    /// - Throws: `locked`, `corrupt`, `incompatible` (the database is newer than the program), `io`, `full`.
    public init(_ driver: any SQLDriver, schema: [Migration], options: DatabaseOptions = DatabaseOptions())
        throws(StorageError)
    {
        let connection: any SQLConnection
        do throws(StorageError) {
            connection = try driver.connect(.writer)
            do throws(StorageError) {
                try Schema(schema, at: driver.location).apply(to: connection)
            } catch {
                connection.close()
                throw error
            }
        } catch {
            driver.shutdown()
            throw error
        }
        location = driver.location
        writer = Writer(options: options)
        readers = Readers(driver: driver, options: options)
        let threads = ThreadGroup(count: 2 + max(options.readers, 1)) { driver.shutdown() }
        self.threads = threads
        lookups = Lookups(driver: driver, maximum: max(options.readers, 1)) { threads.ended() }
        try start(Handover(connection), readers: max(options.readers, 1))
    }

    private func start(_ connection: Handover, readers count: Int) throws(StorageError) {
        var missing = 1 + count
        do throws(StorageError) {
            _ = try WorkerThread(name: "db-writer") { [writer, threads] in
                writer.run(connection.value)
                connection.value.close()
                threads.ended()
            }
            missing -= 1
            for number in 0..<count {
                _ = try WorkerThread(name: "db-reader-\(number)") { [readers, threads] in
                    readers.run()
                    threads.ended()
                }
                missing -= 1
            }
        } catch {
            writer.mailbox.close()
            readers.mailbox.close()
            lookups.close()
            if missing > count { connection.value.close() }
            for _ in 0..<missing { threads.ended() }
            throw error
        }
    }

    /// Runs the closure in a transaction and returns its result once that is on disk.
    ///
    /// The closure runs once, on the writer's thread. When it throws, what it did is undone, and the error comes out
    /// here. When the commit fails every closure of the batch is undone and every caller gets the ``StorageError``.
    /// Cancelling the task does not take back a write that has been handed over: its outcome is reported as it is.
    ///
    /// - Throws: the closure's error, or a ``StorageError``; `busy` when too many writes are waiting, `closed`.
    @discardableResult
    public func write<Value: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value
    {
        try await submit(body, to: writer.mailbox, "writes")
    }

    /// Rows to change at a time in what concerns any number of them.
    public static let pieceSize = 1000

    /// Writes again and again until the closure says that nothing is left: one statement over very many rows would hold
    /// up everybody's commits for seconds, and keep a copy of all that it changes in memory.
    public func writeInPieces(_ body: @escaping @Sendable (Transaction) throws -> PieceOutcome) async throws {
        while try await write(body) == .more {}
    }

    /// Whether another piece is left to write.
    public enum PieceOutcome: Sendable {
        case more, done

        /// - Parameter changed: the rows of a piece that might have been ``Database/pieceSize`` of them.
        public init(changed: Int) { self = changed < Database.pieceSize ? .done : .more }
    }

    /// Runs the closure on a snapshot of what was committed before it began, and returns its result. Statements that
    /// write fail.
    ///
    /// - Throws: the closure's error, or a ``StorageError``; `busy` when too many reads are waiting, `interrupted` when
    ///   it took too long, `closed`.
    public func read<Value: Sendable>(_ body: @escaping @Sendable (Transaction) throws -> Value) async throws -> Value {
        try await submit(body, to: readers.mailbox, "reads")
    }

    /// Like ``read(_:)``, for closures that find a few rows by their keys: runs at once, on the caller's own thread,
    /// unless too many do so at the moment. Not for lists, counts and whatever else looks at many rows.
    ///
    /// - Throws: the closure's error, or a ``StorageError`` as ``read(_:)`` does.
    public func lookup<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws -> Value {
        switch try lookups.take() {
        case .connection(let held):
            defer { lookups.giveBack(held) }
            var result: Result<Value, any Error>?
            try held.connection.read { transaction in
                do {
                    result = .success(try body(transaction))
                    return true
                } catch {
                    result = .failure(error)
                    return false
                }
            }
            guard let result else { throw StorageError(.internal, "the closure was never run") }
            return try result.get()
        case .none: return try await read(body)
        case .closed: throw StorageError(.closed, "the database \(location) has been closed")
        }
    }

    /// Lets no new work in, finishes what is queued, and closes the files. Further calls wait for the same end.
    public func close() async {
        writer.mailbox.close()
        readers.mailbox.close()
        lookups.close()
        await threads.wait()
    }

    /// How many closures wait to be written at the moment.
    public var queuedWrites: Int { writer.mailbox.count }

    deinit {
        writer.mailbox.close()
        readers.mailbox.close()
        lookups.close()
    }

    private func submit<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value, to mailbox: Mailbox<Job>, _ what: String
    ) async throws -> Value {
        let job = TypedJob(body)
        await job.await { job in
            switch mailbox.offer(job) {
            case .accepted: nil
            case .full: StorageError(.busy, "too many \(what) are waiting for the database: try later")
            case .closed: StorageError(.closed, "the database \(location) has been closed")
            }
        }
        return try job.value()
    }
}

/// Carries the writer's connection to its thread.
private struct Handover: @unchecked Sendable {
    let value: any SQLConnection

    init(_ value: any SQLConnection) { self.value = value }
}
