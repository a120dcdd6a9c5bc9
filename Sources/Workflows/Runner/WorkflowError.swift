import Core

/// What the workflow engine answers to a request that it cannot serve, by the names that AWS gives such answers.
public struct WorkflowError: Error, Sendable, Equatable, CustomStringConvertible {
    public enum Code: String, Sendable {
        case activityDoesNotExist = "ActivityDoesNotExist"
        case activityAlreadyExists = "ActivityAlreadyExists"
        case activityWorkerLimitExceeded = "ActivityWorkerLimitExceeded"
        case conflict = "ConflictException"
        case executionAlreadyExists = "ExecutionAlreadyExists"
        case executionDoesNotExist = "ExecutionDoesNotExist"
        case executionLimitExceeded = "ExecutionLimitExceeded"
        case executionNotRedrivable = "ExecutionNotRedrivable"
        case invalidARN = "InvalidArn"
        case invalidDefinition = "InvalidDefinition"
        case invalidExecutionInput = "InvalidExecutionInput"
        case invalidLoggingConfiguration = "InvalidLoggingConfiguration"
        case invalidName = "InvalidName"
        case invalidOutput = "InvalidOutput"
        case invalidToken = "InvalidToken"
        case missingRequiredParameter = "MissingRequiredParameter"
        case resourceNotFound = "ResourceNotFound"
        case serviceQuotaExceeded = "ServiceQuotaExceededException"
        /// A budget is used up.
        case throttling = "ThrottlingException"
        case stateMachineAlreadyExists = "StateMachineAlreadyExists"
        case stateMachineDoesNotExist = "StateMachineDoesNotExist"
        case stateMachineLimitExceeded = "StateMachineLimitExceeded"
        case stateMachineTypeNotSupported = "StateMachineTypeNotSupported"
        case taskDoesNotExist = "TaskDoesNotExist"
        case taskTimedOut = "TaskTimedOut"
        case tooManyTags = "TooManyTags"
        case validation = "ValidationException"
        /// The database did not take the request.
        case unavailable = "ServiceUnavailable"
    }

    public var code: Code
    public var message: String

    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { "\(code.rawValue): \(message)" }

    static func noExecution(_ arn: String) -> WorkflowError {
        WorkflowError(.executionDoesNotExist, "Execution Does Not Exist: '\(arn)'")
    }

    static func noMachine(_ arn: String) -> WorkflowError {
        WorkflowError(.stateMachineDoesNotExist, "State Machine Does Not Exist: '\(arn)'")
    }

    static func noActivity(_ arn: String) -> WorkflowError {
        WorkflowError(.activityDoesNotExist, "Activity Does Not Exist: '\(arn)'")
    }

    static func invalidARN(_ arn: String) -> WorkflowError {
        guard arn.hasPrefix("arn:") else {
            return WorkflowError(.invalidARN, "Invalid Arn: 'Invalid ARN prefix: \(arn)'")
        }
        guard let parsed = ARN(arn), parsed.service == "states", let type = parsed.resource.split(separator: ":").first
        else { return WorkflowError(.invalidARN, "Invalid Arn: '\(arn)'") }
        return WorkflowError(.invalidARN, "Invalid Arn: 'Resource type not valid in this context: \(type)'")
    }

    static let invalidToken = WorkflowError(.invalidToken, "Invalid Token: 'Invalid token'")
    static let taskGone = WorkflowError(
        .taskTimedOut, "Task Timed Out: 'Provided task does not exist anymore'")
}
