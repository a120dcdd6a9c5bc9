import Core
import StatesLanguage

/// A message to an execution, with whom to tell once it is on record.
struct Message: Sendable {
    var kind: Signal.Kind
    /// The token that the message came with; refused when its task waits no longer.
    var token: TaskToken?
    var reply: Reply?
}

/// The one waiting for a message to be recorded.
final class Reply: Sendable {
    private let continuation: CheckedContinuation<Result<ExecutionRecord, WorkflowError>, Never>

    init(_ continuation: CheckedContinuation<Result<ExecutionRecord, WorkflowError>, Never>) {
        self.continuation = continuation
    }

    func answer(_ result: Result<ExecutionRecord, WorkflowError>) { continuation.resume(returning: result) }
}

/// An execution in memory.
///
/// The engine's shard lock guards the mailbox; everything else belongs to the one task that is at work on the execution,
/// of which `isBusy` sees that there is never a second.
final class LiveExecution: @unchecked Sendable {
    let id: Int64
    var mailbox: [Message] = []
    var isBusy = false
    /// Nil until it is read from the database.
    var loaded: Loaded?
    /// Tasks that the host has been asked for and that have not ended.
    var invocations: [TaskID: TaskInvocation] = [:]
    /// Whether the task at work would do the execution's next task itself, which saves a hand-over.
    var takesNext = false
    /// The task that it will do.
    var next: TaskInvocation?

    struct Loaded {
        var record: ExecutionRecord
        var state: ExecutionState
        var machine: WorkflowMachine
        var sequence: Int64
        var logging: LoggingConfiguration
    }

    init(id: Int64, loaded: Loaded? = nil) {
        self.id = id
        self.loaded = loaded
    }
}
