import CSQLite
import Synchronization

/// Moves the write-ahead log back into the database beside the writer, on a thread and a connection of its own, so that
/// commits do not pay for it.
///
/// The log starts again from its beginning only when all of it has been moved, which a writer that goes on writing
/// keeps from ever happening; and a log that grows makes every commit dearer, for the file system then has to journal
/// its new length too (measured: twice the time of one that overwrites). So the thread does the bulk, and the writer
/// moves the few pages that came in the meantime, between two transactions. Where the thread cannot keep up, the writer
/// waits for it once the log has reached its limit.
final class SQLiteCheckpointer: Sendable {
    private let path: String
    private let options: SQLiteOptions
    private let requests = Mailbox<Void>(capacity: 1)
    private let isBulkMoved = Atomic(false)
    private let pages = Atomic<Int32>(0)
    private let nextOverdue: Atomic<Int32>
    /// Held while the bulk is being moved.
    private let moving = Mutex(())
    private let thread = Mutex<WorkerThread?>(nil)

    init(path: String, options: SQLiteOptions) {
        self.path = path
        self.options = options
        nextOverdue = Atomic(options.walLimitPages)
    }

    /// Starts the thread.
    func start() throws(StorageError) {
        let made = try WorkerThread(name: "db-checkpoint") { self.loop() }
        thread.withLock { $0 = made }
    }

    /// Called by the writer after each commit with the log's length.
    func logGrew(to count: Int32) {
        let step = max(options.checkpointPages, 1)
        let before = pages.exchange(count, ordering: .relaxed)
        if count < before { nextOverdue.store(options.walLimitPages, ordering: .relaxed) }
        guard count >= step, count / step != before / step else { return }
        _ = requests.offer(())
    }

    /// Whether the writer should move the rest now.
    func takeFinish() -> Bool {
        let count = pages.load(ordering: .relaxed)
        if count >= nextOverdue.load(ordering: .relaxed) {
            // A long read can keep the log from being used up whatever is moved: the next try comes later.
            nextOverdue.store(count &+ max(options.walLimitPages / 4, 1), ordering: .relaxed)
            moving.withLock { _ in }
            return true
        }
        return isBulkMoved.load(ordering: .relaxed) && isBulkMoved.exchange(false, ordering: .acquiring)
    }

    private func loop() {
        var connection: OpaquePointer?
        defer { sqlite3_close_v2(connection) }
        while requests.take() != nil {
            if connection == nil { connection = open() }
            guard let connection else { continue }
            // An error here (a full disk) loses nothing: the log keeps the pages and the next round tries again.
            let code = moving.withLock { _ in
                sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
            }
            if code == SQLITE_OK { isBulkMoved.store(true, ordering: .releasing) }
        }
    }

    private func open() -> OpaquePointer? {
        var connection: OpaquePointer?
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX
        let level = options.durability.synchronous.name
        guard sqlite3_open_v2(path, &connection, flags, nil) == SQLITE_OK,
            sqlite3_exec(connection, "PRAGMA synchronous = \(level)", nil, nil, nil) == SQLITE_OK
        else {
            sqlite3_close_v2(connection)
            return nil
        }
        return connection
    }

    func stop() {
        requests.close()
        thread.withLock { $0 }?.join()
    }
}
