import Synchronization

/// Lets one task at a time work on a key, in the order of asking.
final class KeyLocks: Sendable {
    struct Name: Hashable, Sendable {
        var bucket: Int64
        var key: ObjectKey
    }

    /// The tasks that wait for each locked name.
    private let waiting = Mutex<[Name: [UnsafeContinuation<Void, Never>]]>([:])

    func withLock<Value: Sendable>(
        _ bucket: Int64, _ key: ObjectKey, _ body: () async throws -> Value
    ) async rethrows -> Value {
        let name = Name(bucket: bucket, key: key)
        await lock(name)
        defer { unlock(name) }
        return try await body()
    }

    func lock(_ name: Name) async {
        await withUnsafeContinuation { continuation in
            let isFree = waiting.withLock { waiting in
                if waiting[name] == nil {
                    waiting[name] = []
                    return true
                }
                waiting[name]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// Takes the lock if nobody has it.
    func tryLock(_ name: Name) -> Bool {
        waiting.withLock { waiting in
            guard waiting[name] == nil else { return false }
            waiting[name] = []
            return true
        }
    }

    func unlock(_ name: Name) {
        let next = waiting.withLock { waiting -> UnsafeContinuation<Void, Never>? in
            guard var tasks = waiting[name], !tasks.isEmpty else {
                waiting[name] = nil
                return nil
            }
            let next = tasks.removeFirst()
            waiting[name] = tasks
            return next
        }
        next?.resume()
    }
}
