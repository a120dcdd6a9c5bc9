import Core
import StatesLanguage

/// One attempt at a task, from its scheduling to its end.
struct TaskAttempt: Sendable {
    enum Phase: Sendable {
        /// Scheduled; the host was or will be asked to begin.
        case scheduled
        /// Begun, as far as the history knows.
        case started
        /// The service took the request; its answer is kept for restarts.
        case submitted(JSON)
    }

    let id: TaskID
    let resource: TaskResource
    let parameters: JSON
    let token: String
    let roleARN: String?
    let timeout: Int64?
    let heartbeat: Int64?
    var phase: Phase = .scheduled
    var timeoutAt: Timestamp?
    var heartbeatAt: Timestamp?

    var due: Timestamp? {
        guard let timeoutAt else { return heartbeatAt }
        return min(timeoutAt, heartbeatAt ?? timeoutAt)
    }

    /// Activities that a worker has and submitted callbacks wait for others; everything else is the host's work.
    var needsHost: Bool {
        switch resource.kind {
        case .activity: if case .scheduled = phase { return true } else { return false }
        case .lambda: return true
        case .optimized(let integration), .sdk(let integration):
            if integration.pattern == .waitForTaskToken, case .submitted = phase { return false }
            return true
        }
    }

    var isActivity: Bool { if case .activity = resource.kind { true } else { false } }

    /// Whether the task may be answered with its token.
    var takesToken: Bool { isActivity || resource.givesToken }
}

extension TaskResource {
    /// Whether the context object has a token for the task: whoever gets it may end the task.
    var givesToken: Bool {
        switch integration?.pattern {
        case .waitForTaskToken, .sync, .sync2: true
        case .requestResponse, nil: false
        }
    }

    /// Whether the task is done once the service's job is.
    var awaitsJob: Bool { givesToken && integration?.pattern != .waitForTaskToken }
}
