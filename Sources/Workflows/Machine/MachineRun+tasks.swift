import Core
import StatesLanguage

/// What comes back from tasks.
extension MachineRun {
    /// The flow that waits for the task, if it still does: late and repeated answers change nothing.
    private func find(_ task: TaskID) -> (flow: FlowID, visit: Visit, attempt: TaskAttempt)? {
        var found: (FlowID, Visit, TaskAttempt)?
        state.flows.forEachActive { id, flow in
            guard let visit = flow.visit, case .task(let attempt) = visit.activity, attempt.id == task else { return }
            found = (id, visit, attempt)
        }
        return found
    }

    mutating func taskStarted(_ task: TaskID, worker: String?) {
        guard case (let id, _, var attempt)? = find(task), case .scheduled = attempt.phase else { return }
        attempt.phase = .started
        attempt.heartbeatAt = attempt.heartbeat.map { deadline(after: $0) }
        record(.activityStarted, .activityStarted(worker: worker), in: id)
        state.flows[id].visit?.activity = .task(attempt)
    }

    mutating func taskSubmitted(_ task: TaskID, _ output: JSON) {
        guard case (let id, _, var attempt)? = find(task), let integration = attempt.resource.integration else {
            return
        }
        if case .submitted = attempt.phase { return }
        attempt.phase = .submitted(output)
        record(
            .taskSubmitted,
            .taskOutput(resource: integration.resource, resourceType: integration.resourceType, output: output),
            in: id)
        state.flows[id].visit?.activity = .task(attempt)
    }

    mutating func taskSucceeded(_ task: TaskID, _ result: Payload) {
        guard let (id, _, attempt) = find(task) else { return }
        let output = result.json
        if !fits(output) {
            let name = attempt.resource.integration?.resourceType ?? attempt.resource.text
            let cause =
                "The state/task '\(name)' returned a result with a size exceeding the maximum number of bytes "
                + "service limit."
            return taskFailed(task, ErrorOutput(error: ErrorName.dataLimitExceeded, cause: cause))
        }
        if let integration = attempt.resource.integration {
            record(
                .taskSucceeded,
                .taskOutput(resource: integration.resource, resourceType: integration.resourceType, output: output),
                in: id)
        } else {
            record(attempt.isActivity ? .activitySucceeded : .lambdaFunctionSucceeded, .output(result.text), in: id)
        }
        state.flows[id].visit?.activity = .running
        inspection?.result = result
        complete(id, result: result)
    }

    mutating func taskFailed(_ task: TaskID, _ failure: ErrorOutput) {
        guard let (id, _, attempt) = find(task) else { return }
        if let integration = attempt.resource.integration {
            record(
                .taskFailed,
                .taskFailure(
                    resource: integration.resource, resourceType: integration.resourceType, failure), in: id)
        } else {
            record(attempt.isActivity ? .activityFailed : .lambdaFunctionFailed, .failure(failure), in: id)
        }
        state.flows[id].visit?.activity = .running
        fail(id, StateFailure(failure, origin: .task))
    }

    mutating func heartbeat(_ task: TaskID) {
        guard case (let id, _, var attempt)? = find(task), let seconds = attempt.heartbeat else { return }
        attempt.heartbeatAt = deadline(after: seconds)
        state.flows[id].visit?.activity = .task(attempt)
    }

    /// Records that the flow's task is late, if it is; what follows from it comes later.
    mutating func recordTimeout(_ id: FlowID) -> (FlowID, StateFailure)? {
        guard state.flows.isActive(id), case .task(let task) = state.flows[id].visit?.activity, let due = task.due,
            due <= now
        else { return nil }
        let isHeartbeat = task.timeoutAt.map { $0 > now } ?? true
        let failure = ErrorOutput(error: ErrorName.timeout, cause: nil)
        if let integration = task.resource.integration {
            record(
                .taskTimedOut,
                .taskFailure(
                    resource: integration.resource, resourceType: integration.resourceType, failure), in: id)
        } else {
            record(task.isActivity ? .activityTimedOut : .lambdaFunctionTimedOut, .failure(failure), in: id)
        }
        effects.append(.cancel(task.id))
        state.flows[id].visit?.activity = .running
        return (id, StateFailure(failure, origin: isHeartbeat ? .heartbeat : .task))
    }
}
