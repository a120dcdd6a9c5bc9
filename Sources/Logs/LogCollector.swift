import Core
import Synchronization

/// Lines that are written from now on, gathered until they are taken: for callers that look once a second.
public final class LogCollector: Sendable {
    public typealias Line = (group: String, event: LogEvent)

    private struct State {
        var lines: [Line] = []
        var isSampled = false
    }

    /// Lines between two looks; of more, the first are kept.
    private static let limit = 500
    private let state = Mutex(State())
    private let accepts: @Sendable (String, LogEvent) -> Bool

    init(where accepts: @escaping @Sendable (String, LogEvent) -> Bool) { self.accepts = accepts }

    func add(_ events: [LogEvent], group: String) {
        let wanted = events.filter { accepts(group, $0) }
        guard !wanted.isEmpty else { return }
        state.withLock { state in
            let room = Self.limit - state.lines.count
            state.lines += wanted.prefix(max(room, 0)).map { (group, $0) }
            if wanted.count > room { state.isSampled = true }
        }
    }

    /// What has come since the last look, and whether that is only a part.
    public func take() -> (lines: [Line], isSampled: Bool) {
        state.withLock { state in
            defer { state = State() }
            return (state.lines, state.isSampled)
        }
    }
}

extension LogService {
    /// Begins to gather the lines that the predicate accepts; ends when the collector is let go.
    public func collect(
        _ scope: Scope, where accepts: @escaping @Sendable (String, LogEvent) -> Bool
    ) -> LogCollector {
        let collector = LogCollector(where: accepts)
        followers.add(collector, scope)
        return collector
    }
}
