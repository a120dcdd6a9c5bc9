import Core
import Synchronization

/// Keys and directories that are to be looked at, each once however often it was named.
final class FeedQueue: Sendable {
    enum Item: Sendable {
        /// The set of buckets changed.
        case buckets
        case lost(Int64)
        case scan(Int64, prefix: String)
        /// A directory that cannot be watched, and is compared every now and then.
        case unwatched(Int64, prefix: String)
        case keys(Int64, [ObjectKey], isReported: Bool)
    }

    private struct Name: Hashable {
        var bucket: Int64
        var key: ObjectKey
    }

    private struct State {
        var bucketsChanged = false
        var lost: [Int64] = []
        var scans: [(bucket: Int64, prefix: String)] = []
        var unwatched: [(bucket: Int64, prefix: String)] = []
        var order: [Name] = []
        var head = 0
        /// Whether the key was reported by the system, or found.
        var names: [Name: Bool] = [:]
        /// Items that were taken and are not done.
        var busy = 0
        var watched: Set<Int64> = []
        var waiters: [CheckedContinuation<Void, Never>] = []
        var hasStarted = false
        var startWaiters: [CheckedContinuation<Void, Never>] = []

        var isSettled: Bool {
            !bucketsChanged && lost.isEmpty && scans.isEmpty && unwatched.isEmpty && names.isEmpty && busy == 0
        }

        mutating func takeKeys(_ limit: Int) -> Item? {
            guard head < order.count else { return nil }
            let bucket = order[head].bucket
            var keys: [ObjectKey] = []
            var isReported = true
            while keys.count < limit, head < order.count, order[head].bucket == bucket {
                let name = order[head]
                head += 1
                guard let reported = names.removeValue(forKey: name) else { continue }
                isReported = isReported && reported
                keys.append(name.key)
            }
            if head == order.count {
                order.removeAll(keepingCapacity: order.count <= 4096)
                head = 0
            }
            return .keys(bucket, keys, isReported: isReported)
        }
    }

    private let state = Mutex(State())
    private let wakeup = Wakeup()

    func add(_ key: ObjectKey, bucket: Int64, isReported: Bool) {
        let isNew = state.withLock { state in
            let name = Name(bucket: bucket, key: key)
            guard let known = state.names[name] else {
                state.names[name] = isReported
                state.order.append(name)
                return true
            }
            state.names[name] = known || isReported
            return false
        }
        if isNew { wakeup.notify() }
    }

    func addScan(bucket: Int64, prefix: String) {
        state.withLock { state in
            // A scan of everything covers those of parts.
            if prefix.isEmpty { state.scans.removeAll { $0.bucket == bucket } }
            let isCovered = state.scans.contains {
                $0.bucket == bucket && ($0.prefix.isEmpty || $0.prefix.utf8.elementsEqual(prefix.utf8))
            }
            if !isCovered { state.scans.append((bucket, prefix)) }
        }
        wakeup.notify()
    }

    func addUnwatched(bucket: Int64, prefix: String) {
        state.withLock { $0.unwatched.append((bucket, prefix)) }
        wakeup.notify()
    }

    func addLost(bucket: Int64) {
        state.withLock { $0.lost.append(bucket) }
        wakeup.notify()
    }

    func noteBuckets() {
        state.withLock { $0.bucketsChanged = true }
        wakeup.notify()
    }

    /// Takes the next piece of work; ``done()`` tells that it is finished.
    func next(limit: Int) -> Item? {
        state.withLock { state in
            let item: Item?
            if state.bucketsChanged {
                state.bucketsChanged = false
                item = .buckets
            } else if let lost = state.lost.popLast() {
                item = .lost(lost)
            } else if let keys = state.takeKeys(limit) {
                item = keys
            } else if !state.scans.isEmpty {
                let scan = state.scans.removeFirst()
                item = .scan(scan.bucket, prefix: scan.prefix)
            } else if let directory = state.unwatched.popLast() {
                item = .unwatched(directory.bucket, prefix: directory.prefix)
            } else {
                item = nil
            }
            if item != nil { state.busy += 1 }
            return item
        }
    }

    func begin() { state.withLock { $0.busy += 1 } }

    func done() {
        let waiters = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            state.busy -= 1
            guard state.isSettled else { return [] }
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async { await wakeup.wait() }

    func settled() async {
        await withCheckedContinuation { continuation in
            let isSettled = state.withLock { state in
                if !state.isSettled { state.waiters.append(continuation) }
                return state.isSettled
            }
            if isSettled { continuation.resume() }
        }
    }

    /// Returns when buckets have been looked for once.
    func started() async {
        await withCheckedContinuation { continuation in
            let hasStarted = state.withLock { state in
                if !state.hasStarted { state.startWaiters.append(continuation) }
                return state.hasStarted
            }
            if hasStarted { continuation.resume() }
        }
    }

    func markStarted() {
        let waiters = state.withLock { state in
            state.hasStarted = true
            defer { state.startWaiters = [] }
            return state.startWaiters
        }
        for waiter in waiters { waiter.resume() }
    }

    // MARK: Which buckets are watched

    var watched: Set<Int64> { state.withLock(\.watched) }

    func markWatched(_ bucket: Int64) { state.withLock { _ = $0.watched.insert(bucket) } }

    func unwatch(_ bucket: Int64) { state.withLock { _ = $0.watched.remove(bucket) } }
}
