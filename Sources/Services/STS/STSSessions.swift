import Synchronization

/// Who the temporary credentials of this run belong to.
final class STSSessions: Sendable {
    struct Session: Sendable {
        var account: String
        var userID: String
        var arn: String
        /// Keys of tags that go over to the sessions of roles that this one assumes.
        var transitiveTags: [String] = []
    }

    /// As many sessions as are remembered; the oldest are forgotten first.
    private static let limit = 10_000

    private struct State {
        var sessions: [String: Session] = [:]
        var order: [String] = []
    }

    private let state = Mutex(State())

    subscript(key: String) -> Session? {
        get { state.withLock { $0.sessions[key] } }
        set {
            state.withLock { state in
                let isNew = state.sessions[key] == nil
                state.sessions[key] = newValue
                guard isNew, newValue != nil else { return }
                state.order.append(key)
                guard state.order.count > Self.limit else { return }
                for oldest in state.order.prefix(Self.limit / 10) { state.sessions[oldest] = nil }
                state.order.removeFirst(Self.limit / 10)
            }
        }
    }
}
