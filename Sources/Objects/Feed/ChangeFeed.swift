import Core
import FileWatch
import Synchronization

/// Makes known what other programs do in the directories of buckets: a file that was written, moved or copied there is
/// an object, and recorded as one exactly once, when it is complete.
///
/// Two sources name keys that may have changed: the file watch as things happen, and a comparison of directory and
/// database at start, for new directories and after lost events. Each key is then looked at under its lock, where one
/// look sees what several reports meant and finds nothing new in what was recorded already. So nothing is missed and
/// nothing doubled, and what the API itself does to files is not reported again.
public final class ChangeFeed: Sendable {
    let store: ObjectStore
    private let makeDriver: @Sendable () throws -> any FileWatchDriver
    let report: @Sendable (FeedProblem) -> Void
    let queue = FeedQueue()

    /// - Parameters:
    ///   - driver: makes the file watch's driver when the feed is run.
    ///   - report: gets what the user should know of; called from any thread.
    public init(
        store: ObjectStore, driver: @escaping @Sendable () throws -> any FileWatchDriver = FileWatch.makeDriver,
        report: @escaping @Sendable (FeedProblem) -> Void
    ) {
        self.store = store
        makeDriver = driver
        self.report = report
    }

    /// Watches all buckets, also those that are made later, until the task is cancelled.
    public func run() async throws {
        let watch = try FileWatch(driver: try makeDriver()) { [self] changes in note(changes) }
        store.observeBuckets { [queue] in queue.noteBuckets() }
        queue.noteBuckets()
        do {
            try await withThrowingDiscardingTaskGroup { group in
                while !Task.isCancelled {
                    await work(watch, &group)
                    await queue.wait()
                }
                group.cancelAll()
            }
        } catch is CancellationError {
        }
        store.observeBuckets(nil)
        await watch.close()
    }

    /// Returns when all that has been noticed so far is recorded.
    public func settled() async { await queue.settled() }

    /// Returns when the buckets that there were at start are watched and have been compared.
    public func settledAfterStart() async {
        await queue.started()
        await queue.settled()
    }

    // MARK: What the watch reports

    private func note(_ changes: [FileChange]) {
        for change in changes {
            switch change {
            case .file(let root, let path, let kind):
                guard let key = ObjectKey(bytes: Array(path.utf8)) else {
                    report(.nameTooLong(bucket(root), path))
                    continue
                }
                queue.add(key, bucket: Int64(root), isReported: kind != .named)
            case .directory(let root, let path): queue.addScan(bucket: Int64(root), prefix: path + "/")
            case .overflow(let root): queue.addScan(bucket: Int64(root), prefix: "")
            case .rootLost(let root): queue.addLost(bucket: Int64(root))
            case .unwatched(let root, let path, let error):
                report(.unwatched(bucket(root), path, error))
                queue.addUnwatched(bucket: Int64(root), prefix: path.isEmpty ? "" : path + "/")
            case .unnameable(let root, let directory): report(.unnameable(bucket(root), directory))
            }
        }
    }

    private func bucket(_ root: Int) -> String {
        store.openBuckets.first { $0.id == Int64(root) }?.name ?? "deleted bucket"
    }

    // MARK: The work

    private func work(_ watch: FileWatch, _ group: inout ThrowingDiscardingTaskGroup<any Error>) async {
        while let item = queue.next(limit: 256) {
            switch item {
            case .buckets: await watchBuckets(watch, &group)
            case .lost(let id):
                if let bucket = store.openBuckets.first(where: { $0.id == id }) {
                    bucket.setUnavailable("has gone: bring it back and its content is compared with what is known")
                    report(.unavailable(bucket.name, "its directory \(bucket.current.directory) has gone"))
                    queue.unwatch(id)
                    retryBuckets(&group)
                }
            case .scan(let id, let prefix): await scan(id, prefix, &group)
            case .unwatched(let id, let prefix):
                await scan(id, prefix, &group)
                group.addTask { [store, queue] in
                    try? await store.clock.sleep(milliseconds: 10_000)
                    queue.addUnwatched(bucket: id, prefix: prefix)
                }
            case .keys(let id, let keys, let isReported): await process(keys, id, isReported, &group)
            }
            queue.done()
        }
    }

    private func watchBuckets(_ watch: FileWatch, _ group: inout ThrowingDiscardingTaskGroup<any Error>) async {
        let open = store.openBuckets
        for gone in queue.watched.subtracting(open.map(\.id)) {
            await watch.remove(root: Int(gone))
            queue.unwatch(gone)
        }
        var isMissing = false
        for bucket in open where !queue.watched.contains(bucket.id) {
            do {
                if (try? bucket.directory()) == nil {
                    try await store.prepare(bucket)
                    try await store.recover(bucket)
                }
                try await watch.add(
                    root: Int(bucket.id), directory: bucket.current.directory, excluding: [ReservedName.directory])
                queue.markWatched(bucket.id)
                queue.addScan(bucket: bucket.id, prefix: "")
            } catch {
                bucket.setUnavailable("cannot be used: \(error)")
                report(.unavailable(bucket.name, "\(error)"))
                isMissing = true
            }
        }
        if isMissing { retryBuckets(&group) }
        queue.markStarted()
    }

    /// Looks in a few seconds whether a directory has come back.
    private func retryBuckets(_ group: inout ThrowingDiscardingTaskGroup<any Error>) {
        group.addTask { [store, queue] in
            try? await store.clock.sleep(milliseconds: 5000)
            queue.noteBuckets()
        }
    }

    private func scan(_ id: Int64, _ prefix: String, _ group: inout ThrowingDiscardingTaskGroup<any Error>) async {
        guard let bucket = store.openBuckets.first(where: { $0.id == id }) else { return }
        do {
            let store = store
            let comparison = try await store.blocking { try Reconciliation(of: bucket, below: prefix, store: store) }
            while let keys = try await comparison.next(256) { await process(keys, id, false, &group) }
        } catch {
            report(.failed(bucket.name, prefix, "\(error)"))
            later(&group) { $0.addScan(bucket: id, prefix: prefix) }
        }
    }

    private func process(
        _ keys: [ObjectKey], _ id: Int64, _ isReported: Bool, _ group: inout ThrowingDiscardingTaskGroup<any Error>
    ) async {
        guard let bucket = store.openBuckets.first(where: { $0.id == id }), (try? bucket.directory()) != nil else {
            return
        }
        let limit = store.options.largeFileSize
        let result = await examining(bucket, keys) {
            try await store.examine(keys, in: bucket, isReported: isReported, limit: limit)
        }
        for key in result.apart {
            queue.begin()
            group.addTask { [self] in
                let result = await examining(bucket, [key]) {
                    try await store.examineApart(key, in: bucket, isReported: isReported)
                }
                if !result.later.isEmpty || !result.failed.isEmpty {
                    try? await store.clock.sleep(milliseconds: 1000)
                    queue.add(key, bucket: id, isReported: false)
                }
                queue.done()
            }
        }
        let again = result.later + result.failed.map(\.key)
        if !again.isEmpty {
            later(&group) { queue in for key in again { queue.add(key, bucket: id, isReported: false) } }
        }
    }

    /// What cannot be recorded now (a full disk, say) is reported and tried again.
    private func examining(
        _ bucket: OpenBucket, _ keys: [ObjectKey], _ body: () async throws -> ExamineResult
    ) async -> ExamineResult {
        do {
            let result = try await body()
            for failure in result.failed { report(.failed(bucket.name, failure.key.text, failure.reason)) }
            return result
        } catch {
            report(.failed(bucket.name, keys.first?.text ?? "", "\(error)"))
            return ExamineResult(later: keys)
        }
    }

    private func later(
        _ group: inout ThrowingDiscardingTaskGroup<any Error>, _ action: @escaping @Sendable (FeedQueue) -> Void
    ) {
        group.addTask { [store, queue] in
            try? await store.clock.sleep(milliseconds: 1000)
            action(queue)
        }
    }
}

/// What keeps files from becoming objects, for the user to mend.
public enum FeedProblem: Hashable, Sendable {
    /// The bucket's directory is missing; it is tried again every few seconds.
    case unavailable(String, String)
    case unwatched(String, String, FileWatchError)
    /// A key has at most 1,024 bytes.
    case nameTooLong(String, String)
    /// A key is UTF-8.
    case unnameable(String, String)
    /// Recording failed and is tried again.
    case failed(String, String, String)
}

extension FeedProblem: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unavailable(let bucket, let reason): "The bucket '\(bucket)' is unavailable: \(reason)"
        case .unwatched(let bucket, let path, let error):
            "Files dropped into '\(path)' of the bucket '\(bucket)' are found by looking every ten seconds: \(error)"
        case .nameTooLong(let bucket, let path):
            "The file \(path) in the bucket '\(bucket)' is no object: its path has more than 1,024 bytes"
        case .unnameable(let bucket, let directory):
            "A file in '\(directory)/' of the bucket '\(bucket)' is no object: its name is not UTF-8"
        case .failed(let bucket, let path, let reason):
            "The change of '\(path)' in the bucket '\(bucket)' could not be recorded and is tried again: \(reason)"
        }
    }
}
