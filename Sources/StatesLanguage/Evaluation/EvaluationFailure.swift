/// Why a state failed while its fields were evaluated.
public struct EvaluationFailure: Error, Hashable, Sendable {
    /// The error name: `States.Runtime`, `States.QueryEvaluationError` …
    public var error: String
    /// The cause without the sentence that names the state, as TestState gives it.
    public var reason: String
    /// The field that a JSONata expression stands in: it makes the history tell of an `EvaluationFailed` event.
    public var location: String?

    public init(_ error: String, _ reason: String, location: String? = nil) {
        self.error = error
        self.reason = reason
        self.location = location
    }

    /// The cause as executions report it.
    ///
    /// - Parameter eventID: The id of the event with which the state was entered.
    public func cause(state: String, eventID: Int64) -> String {
        "An error occurred while executing the state '\(state)' (entered at the event id #\(eventID)). \(reason)"
    }
}
