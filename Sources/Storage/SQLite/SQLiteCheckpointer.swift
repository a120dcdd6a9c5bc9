import CSQLite
import Synchronization

/// Moves the write-ahead log back into the database beside the writer, on a thread and a connection of its own, so that
/// no commit pays for it. A writer that is never idle can keep such a log from ever being used up; when it has outgrown
/// its limit the writer itself moves the (by then small) rest, after which the log starts again from its beginning.
final class SQLiteCheckpointer: Sendable {
    private let path: String
    private let options: SQLiteOptions
    private let requests = Mailbox<Void>(capacity: 1)
    private let pages = Atomic<Int32>(0)
    private let nextOverdue: Atomic<Int32>
    private let thread = Mutex<WorkerThread?>(nil)

    init(path: String, options: SQLiteOptions) {
        self.path = path
        self.options = options
        nextOverdue = Atomic(options.walLimitPages)
    }

    /// Called by the writer after each commit with the log's length.
    func logGrew(to count: Int32) {
        let before = pages.exchange(count, ordering: .relaxed)
        if count < before { nextOverdue.store(options.walLimitPages, ordering: .relaxed) }
        guard count >= options.checkpointPages, count / options.checkpointPages != before / options.checkpointPages
        else {
            return
        }
        thread.withLock { thread in
            if thread == nil { thread = WorkerThread(name: "checkpoint") { self.loop() } }
        }
        _ = requests.offer(())
    }

    /// Whether the writer has to move the log itself now. Readers that hold an old snapshot can make that fail, so the
    /// next attempt comes after another quarter of the limit.
    func takeOverdue() -> Bool {
        let count = pages.load(ordering: .relaxed)
        guard count >= nextOverdue.load(ordering: .relaxed) else { return false }
        nextOverdue.store(count &+ options.walLimitPages / 4, ordering: .relaxed)
        return true
    }

    private func loop() {
        var connection: OpaquePointer?
        defer { sqlite3_close_v2(connection) }
        while requests.take() != nil {
            if connection == nil {
                let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX
                guard sqlite3_open_v2(path, &connection, flags, nil) == SQLITE_OK else {
                    sqlite3_close_v2(connection)
                    connection = nil
                    continue
                }
                let level = options.isDurable ? "FULL" : "OFF"
                sqlite3_exec(connection, "PRAGMA synchronous = \(level)", nil, nil, nil)
            }
            // An error here (a full disk) loses nothing: the log keeps the pages and the next round tries again.
            sqlite3_wal_checkpoint_v2(connection, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        }
    }

    func stop() {
        requests.close()
        thread.withLock { $0 }?.join()
    }
}
