import Core
import Synchronization

/// Those who follow the logs live.
final class LogFollowers: Sendable {
    typealias Batch = (group: String, events: [LogEvent])

    private struct Follower: Sendable {
        var scope: Scope
        var accepts: @Sendable (String) -> Bool
        var continuation: AsyncStream<Batch>.Continuation
    }

    private let followers = Mutex<[Int: Follower]>([:])

    func follow(_ scope: Scope, where accepts: @escaping @Sendable (String) -> Bool) -> AsyncStream<Batch> {
        let (stream, continuation) = AsyncStream.makeStream(of: Batch.self, bufferingPolicy: .bufferingNewest(10_000))
        let id = followers.withLock { table -> Int in
            let id = (table.keys.max() ?? 0) + 1
            table[id] = Follower(scope: scope, accepts: accepts, continuation: continuation)
            return id
        }
        continuation.onTermination = { [weak self] _ in self?.remove(id) }
        return stream
    }

    func publish(_ events: [LogEvent], group: String, scope: Scope) {
        let interested = followers.withLock { table in
            table.values.filter { $0.scope == scope && $0.accepts(group) }
        }
        for follower in interested { follower.continuation.yield((group, events)) }
    }

    private func remove(_ id: Int) {
        _ = followers.withLock { $0.removeValue(forKey: id) }
    }
}
