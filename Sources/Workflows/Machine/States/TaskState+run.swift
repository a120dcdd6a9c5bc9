import Core
import StatesLanguage

extension MachineRun {
    /// Schedules the task. The host is asked to begin once every flow has had its turn.
    mutating func runTask(_ task: TaskState, _ visit: Visit, in id: FlowID) throws(StateFailure) -> StateOutcome {
        guard hasHistoryLeft else { throw .runtime(failHistoryQuotaCause()) }
        let taskID = state.nextTaskID
        state.nextTaskID += 1
        let token = TaskToken(execution: state.identity.key, task: taskID, nonce: random.next()).text
        var scope = scope(of: visit, in: id)
        if task.resource.givesToken { scope.use(token: token) }
        let input = try filter(visit.state.inputPath, visit.payload, &scope)
        inspection?.afterInputPath = input
        scope.filtered = input.json
        let parameters = try arguments(task.arguments, &scope)
        let attempt = TaskAttempt(
            id: taskID, resource: task.resource, parameters: parameters, token: token,
            roleARN: try task.credentials.map { template throws(StateFailure) in
                try credentialsRole(template, &scope)
            } ?? nil,
            timeout: try task.timeoutSeconds.map { field throws(StateFailure) in
                try limit(field, "TimeoutSeconds", &scope)
            },
            heartbeat: try task.heartbeatSeconds.map { field throws(StateFailure) in
                try limit(field, "HeartbeatSeconds", &scope)
            })
        try checkParameters(parameters, visit)
        if attempt.isActivity, missingActivities.contains(task.resource.text) {
            throw scope.failure(
                EvaluationFailure(ErrorName.runtime, "The activity \(task.resource.text) does not exist."))
        }
        recordScheduled(attempt, in: id)
        state.flows[id].visit?.activity = .task(attempt)
        schedule(.begin(id))
        return .waiting
    }

    private func checkParameters(_ parameters: JSON, _ visit: Visit) throws(StateFailure) {
        guard !fits(parameters) else { return }
        throw .runtime(
            "The state/task '\(visit.state.name)' returned a result with a size exceeding the maximum number of bytes "
                + "service limit.", error: ErrorName.dataLimitExceeded)
    }

    private mutating func limit(
        _ field: FieldValue<Int64>, _ name: String, _ scope: inout StateScope
    ) throws(StateFailure) -> Int64 {
        try evaluate(&scope) { evaluation throws(EvaluationFailure) in try evaluation.count(field, named: name) }
    }

    private mutating func credentialsRole(
        _ template: Template, _ scope: inout StateScope
    ) throws(StateFailure) -> String? {
        try value(of: template, &scope)["RoleArn"]?.stringValue
    }

    private mutating func recordScheduled(_ task: TaskAttempt, in id: FlowID) {
        if let integration = task.resource.integration {
            let details = TaskScheduledDetails(
                resource: integration.resource, resourceType: integration.resourceType,
                region: state.identity.region, parameters: task.parameters, timeout: task.timeout,
                heartbeat: task.heartbeat, roleARN: task.roleARN)
            record(.taskScheduled, .taskScheduled(details), in: id)
        } else {
            let details = WorkScheduledDetails(
                resource: task.resource.text, input: task.parameters, timeout: task.timeout,
                heartbeat: task.heartbeat, roleARN: task.roleARN)
            record(
                task.isActivity ? .activityScheduled : .lambdaFunctionScheduled, .workScheduled(details), in: id)
        }
    }

    /// Records that the task has begun and asks the host for it. Activities begin when a worker takes them.
    mutating func beginTask(_ id: FlowID) {
        guard let visit = state.flows[id].visit, case .task(var task) = visit.activity else { return }
        task.timeoutAt = task.timeout.map { deadline(after: $0) }
        if !task.isActivity {
            task.phase = .started
            task.heartbeatAt = task.heartbeat.map { deadline(after: $0) }
            if let integration = task.resource.integration {
                record(
                    .taskStarted,
                    .taskStarted(resource: integration.resource, resourceType: integration.resourceType), in: id)
            } else {
                record(.lambdaFunctionStarted, in: id)
            }
        }
        state.flows[id].visit?.activity = .task(task)
        effects.append(.start(task.invocation(visit, state.identity)))
    }
}

extension TaskAttempt {
    func invocation(_ visit: Visit, _ execution: ExecutionIdentity) -> TaskInvocation {
        var invocation = TaskInvocation(
            id: id, resource: resource, parameters: parameters, token: takesToken ? token : "",
            roleARN: roleARN ?? execution.roleARN,
            scope: Scope(
                account: roleARN.flatMap { ARN($0)?.account } ?? execution.account, region: execution.region),
            timeout: timeout, heartbeat: heartbeat,
            stateName: visit.state.name, retryCount: visit.retryCount, execution: execution)
        if case .submitted(let submission) = phase { invocation.submission = submission }
        return invocation
    }
}
