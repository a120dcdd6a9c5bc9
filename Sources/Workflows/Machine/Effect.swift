public import Core
public import StatesLanguage

/// What the machine wants done. Effects are carried out after their signal is journaled.
public enum Effect: Sendable {
    case start(TaskInvocation)
    case cancel(TaskID)
    case startMapRun(MapRunRequest)
    case cancelMapRun(MapRunID)
    case redriveMapRun(MapRunID)
    case finish(ExecutionResult)
    /// The machine stopped at its bound of steps a signal; send ``Signal/Kind/clock`` to go on.
    case yield
}

/// One attempt at a task, as an integration sees it.
public struct TaskInvocation: Sendable {
    public var id: TaskID
    public var resource: TaskResource
    /// The parameters of a service, or the payload of a function or an activity.
    public var parameters: JSON
    /// What answers come back under; empty for tasks that no outside party can answer.
    public var token: String
    /// The role of `Credentials`, else that of the state machine.
    public var roleARN: String
    /// The account and region that services are called in: the account is that of the role of `Credentials`, else the
    /// execution's.
    public var scope: Scope
    public var timeout: Int64?
    public var heartbeat: Int64?
    public var stateName: String
    /// How often the state was retried before.
    public var retryCount: Int
    public var execution: ExecutionIdentity
    /// The service's answer to the request, when it was recorded in an earlier life of the host.
    public var submission: JSON?
}

/// How an execution ended.
public struct ExecutionResult: Sendable, Equatable {
    public var status: ExecutionStatus
    /// Of succeeded executions.
    public var output: Payload?
    public var failure: ErrorOutput
}

/// The values of `status`.
public enum ExecutionStatus: String, Sendable, Hashable, CaseIterable {
    case running = "RUNNING"
    case succeeded = "SUCCEEDED"
    case failed = "FAILED"
    case timedOut = "TIMED_OUT"
    case aborted = "ABORTED"
    case pendingRedrive = "PENDING_REDRIVE"

    public var isFinal: Bool { self != .running && self != .pendingRedrive }
}

/// A distributed Map that is to be run.
public struct MapRunRequest: Sendable {
    public var id: MapRunID
    public var arn: String
    /// Names the run in the ARNs of its children; a UUID when the state has no `Label`.
    public var label: String
    public var stateName: String
    public var map: MapState
    public var type: StateMachineType
    public var items: Items
    /// What the item selector and the batch input may read.
    public var scope: MapRunScope
    public var maxConcurrency: Int64
    public var toleratedFailureCount: Int64?
    public var toleratedFailurePercentage: Double?
    public var maxItems: Int64?
    public var maxItemsPerBatch: Int64?
    public var maxInputBytesPerBatch: Int64?
    /// The arguments of the result writer: `Bucket`, `Prefix`.
    public var writerArguments: JSON?
    public var execution: ExecutionIdentity
    /// The row of the definition that the children run a part of; known to the host alone.
    var definition: Int64 = 0

    public enum Items: Sendable {
        case values([MapItem])
        /// To be read with these arguments: `Bucket`, `Key`, `Prefix`.
        case reader(ItemReader, arguments: JSON)
    }
}

/// What the state saw that started a map run.
public struct MapRunScope: Sendable {
    public var input: JSON
    public var rawInput: JSON
    public var variables: [String: JSON]
    public var context: JSON
    public var queryLanguage: QueryLanguage
}

/// `Map.Item` of the context object.
public struct ItemContext: Sendable, Equatable {
    public var index: Int64
    public var value: JSON
    /// Of a member, when the items are those of an object.
    public var key: String?
    /// `STATE_DATA` or the S3 address that the items were read from; nil for inline maps.
    public var source: String?

    public var json: JSON {
        var item: JSONObject = ["Index": .int(index), "Value": value]
        if let key { item["Key"] = .string(key) }
        if let source { item["Source"] = .string(source) }
        return ["Item": .object(item)]
    }
}
