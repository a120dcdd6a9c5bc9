/// A state machine in its compiled form: every name is resolved, every expression parsed. Immutable, so that any number
/// of executions can share it.
public struct StateMachineDefinition: Sendable {
    public let comment: String?
    /// The version of the language; `1.0` when the definition names none.
    public let version: String
    /// The language of every state that does not name its own.
    public let queryLanguage: QueryLanguage
    /// Seconds after which an execution ends as timed out.
    public let timeoutSeconds: Int64?
    public let graph: StateGraph
}

/// The language in which a state's expressions are written.
public enum QueryLanguage: String, Sendable, Hashable {
    case jsonPath = "JSONPath"
    case jsonata = "JSONata"
}

/// The two kinds of state machine; an express one may not wait for jobs, tokens or activities.
public enum StateMachineType: String, Sendable, Hashable {
    case standard = "STANDARD"
    case express = "EXPRESS"
}
