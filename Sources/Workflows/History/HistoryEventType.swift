/// The kinds of history event, by the names that AWS gives them.
///
/// The raw values are stored in journals: never renumber them.
public enum HistoryEventType: UInt8, Sendable, Hashable, CaseIterable {
    case activityFailed = 1
    case activityScheduled, activityScheduleFailed, activityStarted, activitySucceeded, activityTimedOut
    case choiceStateEntered, choiceStateExited
    case executionAborted, executionFailed, executionStarted, executionSucceeded, executionTimedOut, executionRedriven
    case failStateEntered
    case lambdaFunctionFailed, lambdaFunctionScheduled, lambdaFunctionScheduleFailed, lambdaFunctionStarted
    case lambdaFunctionStartFailed, lambdaFunctionSucceeded, lambdaFunctionTimedOut
    case mapIterationAborted, mapIterationFailed, mapIterationStarted, mapIterationSucceeded
    case mapStateAborted, mapStateEntered, mapStateExited, mapStateFailed, mapStateStarted, mapStateSucceeded
    case parallelStateAborted, parallelStateEntered, parallelStateExited, parallelStateFailed, parallelStateStarted
    case parallelStateSucceeded
    case passStateEntered, passStateExited
    case succeedStateEntered, succeedStateExited
    case taskFailed, taskScheduled, taskStarted, taskStartFailed, taskStateAborted, taskStateEntered, taskStateExited
    case taskSubmitFailed, taskSubmitted, taskSucceeded, taskTimedOut
    case waitStateAborted, waitStateEntered, waitStateExited
    case mapRunAborted, mapRunFailed, mapRunStarted, mapRunSucceeded, mapRunRedriven
    case evaluationFailed

    /// Such as `PassStateEntered`.
    public var name: String { Self.names[self] ?? "" }

    /// Such as `passStateEntered`, the case as it is written here.
    private static let names: [HistoryEventType: String] = Dictionary(
        uniqueKeysWithValues: allCases.map { type in
            let label = String(describing: type)
            return (type, label.prefix(1).uppercased() + label.dropFirst())
        })

    public init?(name: String) {
        guard let type = Self.types[name] else { return nil }
        self = type
    }

    private static let types = Dictionary(uniqueKeysWithValues: names.map { ($1, $0) })
}
