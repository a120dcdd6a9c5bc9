import Glibc
import Synchronization

/// Brings the write-ahead log to the disk beside the writer, a second after a commit at the latest: what
/// ``Durability/second`` means.
final class SQLiteSynchronizer: Sendable {
    private static let interval: UInt64 = 1_000_000_000

    private let path: String
    private let commits = Mailbox<Void>(capacity: 1)
    private let thread = Mutex<WorkerThread?>(nil)
    /// The `errno` of a disk that did not take what was acknowledged. It stays: the kernel reports such a loss once.
    private let failure = Atomic<Int32>(0)
    private let rounds = Atomic(0)

    init(database: String) {
        path = database + "-wal"
    }

    func start() throws(StorageError) {
        let made = try WorkerThread(name: "db-sync") { self.loop() }
        thread.withLock { $0 = made }
    }

    /// Called by the writer after each commit.
    func committed() {
        _ = commits.offer(())
    }

    /// Throws when the disk has failed: more must not be acknowledged then.
    func check() throws(StorageError) {
        let code = failure.load(ordering: .relaxed)
        guard code != 0 else { return }
        throw StorageError(
            .io,
            "\(path) could not be brought to disk (\(String(cString: strerror(code)))), so the last second may be lost. "
                + "See to the disk and start the host again", code: code)
    }

    /// How often the disk was waited for.
    var synchronizations: Int { rounds.load(ordering: .relaxed) }

    private func loop() {
        // SQLite keeps no locks on the log, so closing it here takes none away.
        var descriptor: Int32 = -1
        defer { if descriptor >= 0 { close(descriptor) } }
        while commits.take() != nil {
            _ = commits.take(limit: 1, atLeast: .max, until: monotonicNanoseconds() + Self.interval)
            if descriptor < 0 { descriptor = open(path, O_RDONLY | O_CLOEXEC) }
            if descriptor < 0 || fdatasync(descriptor) != 0 { failure.store(errno, ordering: .relaxed) }
            rounds.add(1, ordering: .relaxed)
        }
    }

    func stop() {
        commits.close()
        thread.withLock { $0 }?.join()
    }
}
