public import Core
public import Storage

/// What the host wants to know of executions: status changes for the event bus, history for the logs.
public protocol WorkflowObserver: Sendable {
    /// Called in the transaction that makes the status true, for standard executions.
    func statusChanged(_ execution: ExecutionRecord, in transaction: Transaction) throws

    /// Records of an execution whose machine logs, after they are durable. Must not wait.
    func log(_ records: [WorkflowLogRecord], of execution: ExecutionRecord, to destination: String)
}

/// Wants to know nothing.
public struct UnobservedWorkflows: WorkflowObserver {
    public init() {}
    public func statusChanged(_ execution: ExecutionRecord, in transaction: Transaction) throws {}
    public func log(_ records: [WorkflowLogRecord], of execution: ExecutionRecord, to destination: String) {}
}

/// One line that Step Functions writes to a log group.
public struct WorkflowLogRecord: Sendable, Equatable {
    public var timestamp: Timestamp
    /// The message: an object with string identifiers, as AWS writes it.
    public var message: JSON
}

/// `loggingConfiguration` of a state machine.
public struct LoggingConfiguration: Sendable, Equatable {
    public enum Level: String, Sendable {
        case all = "ALL"
        case error = "ERROR"
        case fatal = "FATAL"
        case off = "OFF"
    }

    public var level: Level
    public var includesExecutionData: Bool
    /// The log group's ARN.
    public var destination: String?

    /// - Parameter json: The structure as the API has it; nothing of it means no logs.
    public init(_ json: JSON?) {
        level = json?["level"]?.stringValue.flatMap(Level.init(rawValue:)) ?? .off
        includesExecutionData = json?["includeExecutionData"]?.boolValue ?? false
        destination = json?["destinations"]?[0]?["cloudWatchLogsLogGroup"]?["logGroupArn"]?.stringValue
    }

    public var isOn: Bool { level != .off && destination != nil }

    func shows(_ type: HistoryEventType) -> Bool {
        switch level {
        case .all: true
        case .off: false
        case .fatal: Self.fatal.contains(type)
        case .error: Self.fatal.contains(type) || Self.errors.contains(type)
        }
    }

    private static let fatal: Set<HistoryEventType> = [.executionAborted, .executionFailed, .executionTimedOut]
    private static let errors: Set<HistoryEventType> = [
        .activityFailed, .activityScheduleFailed, .activityTimedOut, .failStateEntered, .lambdaFunctionFailed,
        .lambdaFunctionScheduleFailed, .lambdaFunctionStartFailed, .lambdaFunctionTimedOut, .mapStateAborted,
        .mapStateFailed, .mapIterationAborted, .mapIterationFailed, .mapRunAborted, .mapRunFailed,
        .parallelStateAborted, .parallelStateFailed, .taskFailed, .taskStartFailed, .taskStateAborted,
        .taskSubmitFailed, .taskTimedOut, .waitStateAborted, .evaluationFailed,
    ]

    func records(_ events: [HistoryEvent], of arn: String, redriveCount: Int64) -> [WorkflowLogRecord] {
        events.filter { shows($0.type) }.map { event in
            WorkflowLogRecord(
                timestamp: event.timestamp,
                message: [
                    "id": .string(String(event.id)), "type": .string(event.type.name),
                    "details": .object(event.detailsJSON(includesData: includesExecutionData)),
                    "previous_event_id": .string(String(event.previousID)),
                    "event_timestamp": .string(String(event.timestamp.milliseconds)),
                    "execution_arn": .string(arn), "redrive_count": .string(String(redriveCount)),
                ])
        }
    }
}
