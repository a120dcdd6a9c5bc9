public import Core
import StatesLanguage

/// One line of an execution's history.
public struct HistoryEvent: Sendable, Equatable {
    /// Dense from 1.
    public var id: Int64
    /// The event that led to this one; 0 for the first events of an execution.
    public var previousID: Int64
    public var timestamp: Timestamp
    public var type: HistoryEventType
    public var details: HistoryEventDetails

    public init(
        id: Int64, previousID: Int64, timestamp: Timestamp, type: HistoryEventType, details: HistoryEventDetails
    ) {
        self.id = id
        self.previousID = previousID
        self.timestamp = timestamp
        self.type = type
        self.details = details
    }
}

/// What a history event says besides its type. Several types share one form.
public enum HistoryEventDetails: Sendable, Equatable {
    case none
    /// `input` is the text that the caller gave.
    case executionStarted(input: String, roleARN: String, versionARN: String?, aliasARN: String?)
    case executionRedriven(count: Int64)
    /// The result of an execution, a function or an activity, as JSON.
    case output(String)
    /// How an execution, a function, an activity or a map run failed.
    case failure(ErrorOutput)
    /// `input` is JSON.
    case stateEntered(name: String, input: String)
    /// `output` is JSON.
    case stateExited(name: String, output: String, assigned: JSONObject?)
    case taskScheduled(TaskScheduledDetails)
    /// Functions called directly, and activities.
    case workScheduled(WorkScheduledDetails)
    case taskStarted(resource: String, resourceType: String)
    case taskOutput(resource: String, resourceType: String, output: JSON)
    case taskFailure(resource: String, resourceType: String, ErrorOutput)
    case activityStarted(worker: String?)
    case mapStarted(length: Int64)
    case mapIteration(name: String, index: Int64)
    case mapRun(arn: String)
    case mapRunRedriven(arn: String, count: Int64)
    case evaluationFailed(ErrorOutput, location: String?, state: String)
}

/// The error and cause of a failure, each of which a Fail state may leave out.
public struct ErrorOutput: Sendable, Hashable {
    public var error: String?
    public var cause: String?

    public init(error: String?, cause: String?) {
        self.error = error
        self.cause = cause
    }

    /// The object that catchers and `$states.errorOutput` see. Nobody gives a cause of timeouts, so theirs is empty.
    public var json: JSON {
        let cause = cause ?? (error == ErrorName.timeout ? "" : nil)
        return ["Error": error.map { .string($0) } ?? .null, "Cause": cause.map { .string($0) } ?? .null]
    }
}

public struct TaskScheduledDetails: Sendable, Equatable {
    public var resource: String
    public var resourceType: String
    public var region: String
    public var parameters: JSON
    public var timeout: Int64?
    public var heartbeat: Int64?
    /// The role of `Credentials`.
    public var roleARN: String?
}

public struct WorkScheduledDetails: Sendable, Equatable {
    /// The function's or activity's ARN.
    public var resource: String
    public var input: JSON
    public var timeout: Int64?
    public var heartbeat: Int64?
    public var roleARN: String?
}
