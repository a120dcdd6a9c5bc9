import Core
import StatesLanguage
import Storage

/// What the machine wants done, done.
extension WorkflowEngine {
    func carryOut(_ effects: [Effect], _ execution: LiveExecution) async {
        let id = execution.id
        for effect in effects {
            switch effect {
            case .start(let task): start(task, execution)
            case .cancel(let task): cancel(task, execution)
            case .startMapRun(let request): spawn { await self.run(request, redriven: false) }
            case .cancelMapRun(let run): mapRuns.cancel(execution: id, run: run)
            case .redriveMapRun(let run): redrive(run, execution)
            case .finish:
                if let record = execution.loaded?.record { waiters.ended(record) }
            case .yield: post(.clock, to: id)
            }
        }
    }

    private func start(_ task: TaskInvocation, _ execution: LiveExecution) {
        execution.invocations[task.id] = task
        if case .activity(let arn) = task.resource.kind {
            activities.offer(
                ActivityTask(execution: execution.id, task: task.id, token: task.token, input: task.parameters),
                to: arn.description)
            return
        }
        // A job may take longer than a shutdown waits, and can be awaited anew by the next start.
        guard !task.resource.awaitsJob else { return spawn { await self.perform(task) } }
        guard draining.begin() else { return }
        if execution.takesNext, execution.next == nil {
            execution.next = task
        } else {
            spawn { await self.performAll(from: task) }
        }
    }

    /// Does the task, and those that the execution schedules one after another.
    private func performAll(from first: TaskInvocation) async {
        var task: TaskInvocation? = first
        while let current = task {
            task = await perform(current)
            draining.end()
        }
    }

    private func cancel(_ task: TaskID, _ execution: LiveExecution) {
        guard let invocation = execution.invocations.removeValue(forKey: task) else { return }
        if case .activity(let arn) = invocation.resource.kind {
            activities.withdraw(execution: execution.id, task: task, from: arn.description)
            return
        }
        spawn { await self.integration(for: invocation).cancel(invocation) }
    }

    private func redrive(_ run: MapRunID, _ execution: LiveExecution) {
        guard let request = execution.loaded?.state.mapRunRequest(run) else { return }
        spawn { await self.run(request, redriven: true) }
    }

    /// Has a task done, and tells its execution how it ended. When the host shuts down meanwhile nothing is recorded,
    /// so that the next start does it again.
    ///
    /// - Returns: the task that the execution has scheduled then, if there is one.
    @discardableResult
    private func perform(_ task: TaskInvocation) async -> TaskInvocation? {
        let execution = task.execution.key
        let kind: Signal.Kind
        do throws(TaskFailure) {
            kind = try await outcome(of: task)
        } catch {
            kind = .taskFailed(task.id, error.output)
        }
        guard !Task.isCancelled, let taken = live.post(Message(kind: kind), to: execution) else { return nil }
        return await workOff(taken, takingNext: !task.resource.awaitsJob)
    }

    func integration(for task: TaskInvocation) -> any TaskIntegration {
        NestedExecutions.takes(task) ? NestedExecutions(engine: self) : integration
    }

    private func outcome(of task: TaskInvocation) async throws(TaskFailure) -> Signal.Kind {
        let integration = integration(for: task)
        let pattern = task.resource.integration?.pattern ?? .requestResponse
        switch pattern {
        case .requestResponse: return .taskSucceeded(task.id, output: try await integration.start(task))
        case .waitForTaskToken: return .taskSubmitted(task.id, output: try await integration.start(task))
        case .sync, .sync2:
            var submission = task.submission
            if submission == nil {
                let answer = try await integration.start(task)
                // What was handed over must be on record before it is waited for, or it would be handed over twice.
                do throws(WorkflowError) {
                    _ = try await send(.taskSubmitted(task.id, output: answer), to: task.execution.key)
                } catch {
                    throw TaskFailure(error: ErrorName.runtime, cause: error.message)
                }
                submission = answer
            }
            return .taskSucceeded(
                task.id, output: try await integration.result(of: task, submission: submission ?? .null))
        }
    }
}

extension ExecutionState {
    func mapRunRequest(_ run: MapRunID) -> MapRunRequest? {
        var found: MapRunRequest?
        flows.forEachActive { _, flow in
            if case .mapRun(let attempt) = flow.visit?.activity, attempt.request.id == run { found = attempt.request }
        }
        return found
    }

    var hasPending: Bool {
        var has = false
        flows.forEachActive { _, flow in
            if flow.pending != nil { has = true }
        }
        return has
    }
}
