public import Core
public import StatesLanguage

/// A request to run a single state: `TestState`.
public struct StateTest: Sendable {
    /// What the state's work is said to have given, instead of having it done.
    public enum Mock: Sendable, Equatable {
        /// JSON.
        case result(String)
        case failure(error: String?, cause: String?)
    }

    /// A state, or a whole state machine of which `stateName` names one.
    public var definition: String
    public var stateName: String?
    public var input: String
    public var roleARN: String?
    /// The context object, as JSON.
    public var context: String?
    /// An object of variables, as JSON.
    public var variables: String?
    public var mock: Mock?
    public var revealsSecrets = false
    /// How often the retrier that matches is said to have been used.
    public var retrierRetryCount: Int64?
    /// Of Map and Parallel states: the inner state that the mocked error came from.
    public var errorCausedByState: String?
    public var mapIterationFailureCount: Int64?
    /// What the item reader is said to have read, as JSON.
    public var mapItemReaderData: String?
    /// What is wrong with the mocked result of a service's task; nil when nothing is.
    public var checkResult: (@Sendable (JSON, ServiceIntegration) -> String?)?

    public init(definition: String, stateName: String? = nil, input: String = "{}", mock: Mock? = nil) {
        self.definition = definition
        self.stateName = stateName
        self.input = input
        self.mock = mock
    }
}

/// What a state did when it was tested.
public struct StateTestResult: Sendable {
    public enum Status: String, Sendable {
        case succeeded = "SUCCEEDED"
        case failed = "FAILED"
        case retriable = "RETRIABLE"
        case caughtError = "CAUGHT_ERROR"
    }

    public var status: Status
    public var output: String?
    public var error: String?
    public var cause: String?
    public var nextState: String?
    /// `inspectionData`, for the inspection levels `DEBUG` and `TRACE`.
    public var inspection: InspectionData
}

/// A state's data as it passed the stages of its processing, as texts of JSON.
public struct InspectionData: Sendable, Equatable {
    public var input: String?
    public var afterArguments: String?
    public var afterInputPath: String?
    public var afterParameters: String?
    public var result: String?
    public var afterResultSelector: String?
    public var afterResultPath: String?
    public var afterItemsPath: String?
    public var afterItemSelector: String?
    public var variables: String?
    public var maxConcurrency: Int64?
    public var toleratedFailureCount: Int64?
    public var toleratedFailurePercentage: Double?
    public var catchIndex: Int64?
    public var retryIndex: Int64?
    public var retryBackoffIntervalSeconds: Int64?
    /// Of tasks that speak HTTP themselves; shown at the inspection level `TRACE` alone.
    public var exchange: TaskTrace.HTTPExchange?
}
