/// The error names that a retrier or catcher handles: its `ErrorEquals`.
public struct ErrorPattern: Sendable, Hashable {
    public let names: [String]

    public init(_ names: [String]) { self.names = names }

    /// Whether the error is handled.
    ///
    /// `States.ALL` stands for every error but `States.Runtime`, which never is handled by a wildcard. The service's
    /// document excepts `States.DataLimitExceeded` too, but the service itself does not. `States.TaskFailed` stands for every error that a task reports
    /// but `States.Timeout`.
    public func matches(_ error: String, fromTask: Bool) -> Bool {
        for name in names {
            if name == error { return true }
            if name == ErrorName.all { return error != ErrorName.runtime }
            if name == ErrorName.taskFailed, fromTask, Self.isTaskFailure(error) { return true }
        }
        return false
    }

    private static func isTaskFailure(_ error: String) -> Bool {
        error != ErrorName.timeout && error != ErrorName.runtime && error != ErrorName.dataLimitExceeded
    }
}

/// The error names that the language itself reserves.
public enum ErrorName {
    public static let all = "States.ALL"
    public static let timeout = "States.Timeout"
    public static let heartbeatTimeout = "States.HeartbeatTimeout"
    public static let taskFailed = "States.TaskFailed"
    public static let permissions = "States.Permissions"
    public static let resultPathMatchFailure = "States.ResultPathMatchFailure"
    public static let parameterPathFailure = "States.ParameterPathFailure"
    public static let branchFailed = "States.BranchFailed"
    public static let noChoiceMatched = "States.NoChoiceMatched"
    public static let intrinsicFailure = "States.IntrinsicFailure"
    public static let exceedToleratedFailureThreshold = "States.ExceedToleratedFailureThreshold"
    public static let itemReaderFailed = "States.ItemReaderFailed"
    public static let resultWriterFailed = "States.ResultWriterFailed"
    public static let dataLimitExceeded = "States.DataLimitExceeded"
    public static let runtime = "States.Runtime"
    public static let queryEvaluationError = "States.QueryEvaluationError"
}
