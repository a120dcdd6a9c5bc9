public import Core

/// Something that happens to an execution. Together with the instant and the seed it is all that the machine knows of
/// the world, and it is what the journal keeps.
public struct Signal: Sendable, Equatable {
    public var kind: Kind
    public var time: Timestamp
    /// Where the random numbers of this step begin: jitter, tokens, `States.UUID`.
    public var seed: UInt64
    /// Activities that the machine has tasks on and that are not there now.
    public var missingActivities: [String] = []

    public init(_ kind: Kind, at time: Timestamp, seed: UInt64) {
        self.kind = kind
        self.time = time
        self.seed = seed
    }

    public enum Kind: Sendable, Equatable {
        /// The first signal of every execution.
        case start
        /// Time has passed; whatever is due happens.
        case clock
        /// A worker took the activity task.
        case taskStarted(TaskID, worker: String?)
        /// The service took the request of a `.sync` or `.waitForTaskToken` task.
        case taskSubmitted(TaskID, output: JSON)
        case taskSucceeded(TaskID, output: JSON)
        case taskFailed(TaskID, ErrorOutput)
        case heartbeat(TaskID)
        case mapRunSucceeded(MapRunID, output: JSON)
        case mapRunFailed(MapRunID, ErrorOutput)
        case stop(ErrorOutput)
        /// With the token that the request came with.
        case redrive(clientToken: String? = nil)

        /// The task that ends with the signal.
        var endedTask: TaskID? {
            switch self {
            case .taskSucceeded(let task, _), .taskFailed(let task, _): task
            default: nil
            }
        }
    }
}

/// One attempt at a task, numbered within its execution.
public typealias TaskID = Int64

/// One run of a distributed Map, numbered within its execution.
public typealias MapRunID = Int64
