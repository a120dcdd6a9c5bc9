public import Core

extension HistoryEventType {
    /// The member of a history event that holds the details, such as `stateEnteredEventDetails`; nil for types without.
    public var detailsMember: String? {
        switch self {
        case .choiceStateEntered, .failStateEntered, .mapStateEntered, .parallelStateEntered, .passStateEntered,
            .succeedStateEntered, .taskStateEntered, .waitStateEntered:
            "stateEnteredEventDetails"
        case .choiceStateExited, .mapStateExited, .parallelStateExited, .passStateExited, .succeedStateExited,
            .taskStateExited, .waitStateExited:
            "stateExitedEventDetails"
        case .mapStateAborted, .mapStateFailed, .mapStateSucceeded, .parallelStateAborted, .parallelStateFailed,
            .parallelStateStarted, .parallelStateSucceeded, .taskStateAborted, .waitStateAborted,
            .lambdaFunctionStarted, .mapRunSucceeded, .mapRunAborted:
            nil
        default: name.prefix(1).lowercased() + name.dropFirst() + "EventDetails"
        }
    }
}

extension HistoryEvent {
    /// The event as `GetExecutionHistory` gives it. `timestamp` is in seconds, as the JSON protocol writes it.
    ///
    /// - Parameter includesData: Whether inputs, outputs and their kin are shown.
    public func json(includesData: Bool = true) -> JSONObject {
        var object: JSONObject = [
            "timestamp": .double(timestamp.seconds), "type": .string(type.name), "id": .int(id),
            "previousEventId": .int(previousID),
        ]
        if let member = type.detailsMember { object[member] = .object(detailsJSON(includesData: includesData)) }
        return object
    }

    /// The details alone, as log records also show them.
    public func detailsJSON(includesData: Bool = true) -> JSONObject {
        var writer = DetailsWriter(includesData: includesData)
        writer.write(details)
        return writer.object
    }
}

private struct DetailsWriter {
    let includesData: Bool
    var object: JSONObject = [:]

    init(includesData: Bool) { self.includesData = includesData }

    mutating func write(_ details: HistoryEventDetails) {
        switch details {
        case .none: break
        case .executionStarted(let input, let role, let version, let alias):
            data("input", text: input)
            text("roleArn", role)
            text("stateMachineVersionArn", version)
            text("stateMachineAliasArn", alias)
        case .executionRedriven(let count): object["redriveCount"] = .int(count)
        case .output(let output): data("output", text: output)
        case .failure(let failure): write(failure)
        case .stateEntered(let name, let input):
            text("name", name)
            data("input", text: input)
        case .stateExited(let name, let output, let assigned):
            text("name", name)
            data("output", text: output)
            if let assigned { write(assigned: assigned) }
        case .taskScheduled(let task): write(task)
        case .workScheduled(let work): write(work)
        case .taskStarted(let resource, let type): write(resource, type)
        case .taskOutput(let resource, let type, let output):
            write(resource, type)
            data("output", text: output.text())
        case .taskFailure(let resource, let type, let failure):
            write(resource, type)
            write(failure)
        case .activityStarted(let worker): text("workerName", worker)
        case .mapStarted(let length): object["length"] = .int(length)
        case .mapIteration(let name, let index):
            text("name", name)
            object["index"] = .int(index)
        case .mapRun(let arn): text("mapRunArn", arn)
        case .mapRunRedriven(let arn, let count):
            text("mapRunArn", arn)
            object["redriveCount"] = .int(count)
        case .evaluationFailed(let failure, let location, let state):
            write(failure)
            text("location", location)
            text("state", state)
        }
    }

    private mutating func text(_ member: String, _ value: String?) {
        if let value { object[member] = .string(value) }
    }

    private mutating func data(_ member: String, text value: String) {
        guard includesData else { return }
        object[member] = .string(value)
        object[member + "Details"] = ["truncated": false]
    }

    private mutating func write(_ failure: ErrorOutput) {
        text("error", failure.error)
        text("cause", failure.cause)
    }

    private mutating func write(_ resource: String, _ type: String) {
        text("resourceType", type)
        text("resource", resource)
    }

    private mutating func write(assigned: JSONObject) {
        guard includesData else { return }
        let texts = assigned.map { ($0.key, JSON.string($0.value.text())) }
        object["assignedVariables"] = .object(JSONObject(texts))
        object["assignedVariablesDetails"] = ["truncated": false]
    }

    private mutating func write(_ task: TaskScheduledDetails) {
        write(task.resource, task.resourceType)
        text("region", task.region)
        if includesData { object["parameters"] = .string(task.parameters.text()) }
        writeLimits(task.timeout, task.heartbeat, task.roleARN)
    }

    private mutating func write(_ work: WorkScheduledDetails) {
        text("resource", work.resource)
        data("input", text: work.input.text())
        writeLimits(work.timeout, work.heartbeat, work.roleARN)
    }

    private mutating func writeLimits(_ timeout: Int64?, _ heartbeat: Int64?, _ role: String?) {
        if let timeout { object["timeoutInSeconds"] = .int(timeout) }
        if let heartbeat { object["heartbeatInSeconds"] = .int(heartbeat) }
        if let role { object["taskCredentials"] = ["roleArn": .string(role)] }
    }
}
