import Core
import StatesLanguage

/// What the expressions of a state can see, and how their failures are told.
struct StateScope {
    var evaluation: EvaluationScope
    /// The callback token, for the context object of the task that waits for it.
    var taskToken: String?
    private let identity: ExecutionIdentity
    private let test: ExecutionState.TestConditions?
    let visit: Visit
    private var item: ItemContext?

    init(_ visit: Visit, _ flow: Flow, _ state: ExecutionState, now: Timestamp) {
        let identity = state.identity
        test = state.test
        self.visit = visit
        self.identity = identity
        item = flow.mapItem
        evaluation = EvaluationScope(
            input: visit.input, variables: flow.variables, now: now, random: SeededRandom(seed: 0))
        renewContext()
    }

    /// What `$` means from now on. `$states.input` always means the input as the state was given it.
    var filtered: JSON {
        get { evaluation.input }
        set { if visit.state.queryLanguage == .jsonPath { evaluation.input = newValue } }
    }

    var result: JSON? {
        get { evaluation.result }
        set {
            evaluation.result = newValue
            if let newValue { filtered = newValue }
        }
    }

    var errorOutput: JSON? {
        get { evaluation.errorOutput }
        set { evaluation.errorOutput = newValue }
    }

    mutating func use(item: ItemContext) {
        self.item = item
        renewContext()
    }

    mutating func use(token: String?) {
        taskToken = token
        renewContext()
    }

    /// The sentence with the state's name before it, as causes of failed executions have it.
    func cause(_ reason: String) -> String {
        if test != nil { return reason }
        return "An error occurred while executing the state '\(visit.state.name)' (entered at the event id "
            + "#\(visit.enteredEventID)). \(reason)"
    }

    func failure(_ failure: EvaluationFailure) -> StateFailure {
        let output = ErrorOutput(error: failure.error, cause: cause(failure.reason))
        guard visit.state.queryLanguage == .jsonata else { return StateFailure(output, origin: .runtime) }
        return StateFailure(output, origin: .evaluation(location: failure.location, isLate: false))
    }

    private mutating func renewContext() {
        if let given = test?.context {
            evaluation.context = ContextObject(given)
            return
        }
        let name = test == nil ? visit.state.name : ExecutionState.TestConditions.stateName
        let source = ContextSource(identity: identity, visit: visit, name: name, item: item, token: taskToken)
        evaluation.context = ContextObject { source.json }
    }
}

/// The context object (`$$`, `$states.context`), put together only when an expression asks for it.
struct ContextSource: Sendable {
    let identity: ExecutionIdentity
    let stateName: String
    let enteredAt: Timestamp
    let retryCount: Int?
    let item: ItemContext?
    let token: String?

    init(identity: ExecutionIdentity, visit: Visit, name: String, item: ItemContext?, token: String?) {
        self.identity = identity
        self.item = item
        self.token = token
        stateName = name
        enteredAt = visit.enteredAt
        switch visit.state.kind {
        case .task, .parallel, .map: retryCount = visit.retryCount
        default: retryCount = nil
        }
    }

    var json: JSON {
        var state: JSONObject = ["Name": .string(stateName), "EnteredTime": .string(enteredAt.description)]
        if let retryCount { state["RetryCount"] = JSON(retryCount) }
        var context: JSONObject = [
            "Execution": .object(execution),
            "StateMachine": ["Id": .string(identity.stateMachineARN), "Name": .string(identity.stateMachineName)],
            "State": .object(state),
        ]
        if let token { context["Task"] = ["Token": .string(token)] }
        if let item { context["Map"] = item.json }
        return .object(context)
    }

    private var execution: JSONObject {
        var execution: JSONObject = [
            "Id": .string(identity.arn), "Input": identity.input, "StartTime": .string(identity.startedAt.description),
            "Name": .string(identity.name), "RoleArn": identity.roleARN.isEmpty ? .null : .string(identity.roleARN),
        ]
        if !identity.isSynchronous { execution["RedriveCount"] = .int(identity.redriveCount) }
        if let redrivenAt = identity.redrivenAt { execution["RedriveTime"] = .string(redrivenAt.description) }
        return execution
    }
}

extension StateScope {
    var queryLanguage: QueryLanguage { visit.state.queryLanguage }
}
