import Core
import Glibc
import Storage
import Synchronization

/// The bytes of small objects, kept in the database from their commit until their files are on disk.
///
/// Bringing one small file to disk takes several waits for it, which is what most of a small upload would cost. Its
/// bytes cost next to nothing in a commit that is made anyway, and the files of a second are brought to disk together.
/// When the machine has lost its memory in between, the next start writes the files anew.
final class ContentJournal: Sendable {
    /// Bytes of the largest object that is kept.
    static let largestContent = 16 << 10
    /// Bytes that may be kept at a time. What does not fit is brought to disk by itself.
    static let capacity = 8 << 20
    /// Milliseconds from a write to when its file is brought to disk.
    private static let delay: Int64 = 1000

    private struct State {
        var bytes = 0
        var placed: [Placed] = []
    }

    private struct Placed {
        let number: Int64
        let size: Int
        let bucket: OpenBucket
    }

    private let state = Mutex(State())
    private let wakeup = Wakeup()
    /// Whether files are being brought to disk; nothing is kept otherwise.
    let isRunning = Atomic(false)
    /// Names the life of the machine whose memory the files are in.
    let boot: String

    init(boot: String? = nil) { self.boot = boot ?? Self.currentBoot() }

    private static func currentBoot() -> String {
        guard let bytes = try? File.read("/proc/sys/kernel/random/boot_id", limit: 100) else { return "" }
        return String(decoding: bytes, as: UTF8.self).filter { !$0.isNewline }
    }

    // MARK: Writing

    /// Whether there is room for so many bytes, which are the caller's then.
    func reserve(_ count: Int) -> Bool {
        // Without a name for the machine's life its end would go unnoticed.
        guard count <= Self.largestContent, isRunning.load(ordering: .relaxed), !boot.isEmpty else { return false }
        return state.withLock { state in
            guard state.bytes + count <= Self.capacity else { return false }
            state.bytes += count
            return true
        }
    }

    /// Bytes that are kept or about to be.
    var reserved: Int { state.withLock { $0.bytes } }

    /// Gives room back that was not used.
    func release(_ count: Int) { state.withLock { $0.bytes -= count } }

    func insert(_ bytes: [UInt8], of number: Int64, _ key: ObjectKey, in bucket: Bucket, _ transaction: Transaction)
        throws
    {
        try transaction.execute(
            "INSERT INTO objects_contents (number, bucket, key, boot, content) VALUES ($1, $2, $3, $4, $5)",
            .integer(number), .integer(bucket.id), .blob(key.bytes), .text(boot), .blob(bytes))
    }

    /// The file is at its place, and may be brought to disk with others.
    func placed(_ number: Int64, size: Int, in bucket: OpenBucket) {
        let isFirst = state.withLock { state in
            state.placed.append(Placed(number: number, size: size, bucket: bucket))
            return state.placed.count == 1
        }
        if isFirst { wakeup.notify() }
    }

    /// Takes over what an earlier host kept.
    func adopt(_ number: Int64, size: Int, in bucket: OpenBucket) {
        state.withLock { $0.bytes += size }
        placed(number, size: size, in: bucket)
    }

    // MARK: Settling

    /// Brings files to disk until the task is cancelled, and once more then.
    func run(_ store: ObjectStore) async {
        isRunning.store(true, ordering: .relaxed)
        defer { isRunning.store(false, ordering: .relaxed) }
        while !Task.isCancelled {
            await wakeup.wait()
            try? await store.clock.sleep(milliseconds: Self.delay)
            await settle(store)
        }
    }

    /// Brings the files that are at their places to disk, and forgets their bytes.
    ///
    /// What cannot be brought there, or forgotten, stays known and takes up room until it can. When there is no room left
    /// files are brought to disk one by one again, and whoever writes them is told what is wrong.
    func settle(_ store: ObjectStore) async {
        let placed = state.withLock { state in
            defer { state.placed = [] }
            return state.placed
        }
        var waiting: [Placed] = []
        for (_, group) in Dictionary(grouping: placed, by: \.bucket.id) where await !settle(group, store) {
            waiting += group
        }
        guard !waiting.isEmpty else { return }
        state.withLock { $0.placed += waiting }
        wakeup.notify()
    }

    /// - Returns: whether the files, which are of one bucket, are on disk and forgotten.
    private func settle(_ placed: [Placed], _ store: ObjectStore) async -> Bool {
        do {
            guard let directory = try placed.first?.bucket.directory() else { return true }
            try await store.blocking { try directory.synchronizeFileSystem() }
            try await store.database.write { transaction in
                for each in placed {
                    try transaction.execute("DELETE FROM objects_contents WHERE number = $1", .integer(each.number))
                }
            }
        } catch {
            return false
        }
        release(placed.reduce(0) { $0 + $1.size })
        return true
    }
}
