import Core
import StatesLanguage

/// Why a state cannot go on.
struct StateFailure: Error, Sendable {
    enum Origin: Sendable, Equatable {
        /// The state's own paths and values.
        case runtime
        /// A JSONata expression; recorded as EvaluationFailed. Causes that came up once the state was under way follow
        /// its entry, those of its first evaluation the event before.
        case evaluation(location: String?, isLate: Bool)
        /// The work that the state had done.
        case task
        case heartbeat
        case children
        case mapRun
        case failState
    }

    var output: ErrorOutput
    var origin: Origin
    /// Whether the error came out of a task, however far below.
    var isFromTask: Bool

    init(_ output: ErrorOutput, origin: Origin, isFromTask: Bool = false) {
        self.output = output
        self.origin = origin
        self.isFromTask = isFromTask || origin == .task || origin == .heartbeat
    }

    static func runtime(_ cause: String, error: String = ErrorName.runtime) -> StateFailure {
        StateFailure(ErrorOutput(error: error, cause: cause), origin: .runtime)
    }

    /// The name that retriers and catchers compare.
    func matches(_ pattern: ErrorPattern) -> Bool {
        // The state's own paths and values: no retrier or catcher helps, not even one that names the error.
        if origin == .runtime, output.error == ErrorName.runtime { return false }
        if origin == .heartbeat, pattern.names.contains(ErrorName.heartbeatTimeout) { return true }
        return pattern.matches(output.error ?? "", fromTask: isFromTask)
    }
}
