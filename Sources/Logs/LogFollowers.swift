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

    private struct Collection: Sendable {
        weak var collector: LogCollector?
        var scope: Scope
    }

    private let followers = Mutex<[Int: Follower]>([:])
    private let collections = Mutex<[Collection]>([])

    func add(_ collector: LogCollector, _ scope: Scope) {
        collections.withLock { $0.append(Collection(collector: collector, scope: scope)) }
    }

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
        let collectors = collections.withLock { collections -> [LogCollector] in
            collections.removeAll { $0.collector == nil }
            return collections.filter { $0.scope == scope }.compactMap(\.collector)
        }
        for collector in collectors { collector.add(events, group: group) }
    }

    private func remove(_ id: Int) {
        _ = followers.withLock { $0.removeValue(forKey: id) }
    }
}
