import Core
import StatesLanguage
import Storage

/// How messages reach executions, and what becomes of them.
extension WorkflowEngine {
    /// Hands a message over without waiting for it to be recorded.
    func post(_ kind: Signal.Kind, to execution: Int64) {
        guard let taken = live.post(Message(kind: kind), to: execution) else { return }
        spawn { await self.workOff(taken) }
    }

    /// Hands a message over and returns once it is on record.
    func send(
        _ kind: Signal.Kind, to execution: Int64, token: TaskToken? = nil
    ) async throws(WorkflowError) -> ExecutionRecord {
        let result = await withCheckedContinuation { continuation in
            let message = Message(kind: kind, token: token, reply: Reply(continuation))
            guard let taken = live.post(message, to: execution) else { return }
            spawn { await self.workOff(taken) }
        }
        return try result.get()
    }

    /// Works off an execution's messages until there are none. One task, and never two for one execution.
    func workOff(_ execution: LiveExecution) async { _ = await workOff(execution, takingNext: false) }

    /// Works off an execution's messages until there are none.
    ///
    /// - Returns: a task of the execution that the caller has to do, when it said that it takes one.
    func workOff(_ execution: LiveExecution, takingNext: Bool) async -> TaskInvocation? {
        execution.takesNext = takingNext
        if execution.loaded == nil {
            guard await load(execution) else { return nil }
        }
        var next: TaskInvocation?
        while true {
            if let task = execution.next {
                execution.next = nil
                execution.takesNext = false
                next = task
            }
            let canLeave = execution.loaded.map { mayLeave($0) } ?? true
            // After this the execution may be another task's.
            guard let messages = live.next(for: execution, evict: canLeave) else { return next }
            guard !Task.isCancelled else {
                live.putBack(messages, to: execution)
                abandon(execution)
                return next
            }
            await take(messages, execution)
        }
    }

    /// Leaves an execution that has just begun. What has come in for it meanwhile is not its caller's to wait for.
    func endTurn(_ execution: LiveExecution) {
        let canLeave = execution.loaded.map { mayLeave($0) } ?? true
        if !live.leave(execution, evict: canLeave) { spawn { await self.workOff(execution) } }
    }

    private func mayLeave(_ loaded: LiveExecution.Loaded) -> Bool {
        loaded.record.status.isFinal || loaded.record.isParked
    }

    /// Ends the turn without doing the work: the host is shutting down.
    private func abandon(_ execution: LiveExecution) {
        while let messages = live.next(for: execution, evict: true) {
            for message in messages {
                message.reply?.answer(.failure(WorkflowError(.unavailable, "The host is shutting down.")))
            }
        }
    }

    // MARK: Loading

    private func load(_ execution: LiveExecution) async -> Bool {
        let id = execution.id
        do {
            execution.loaded = try await database.read { transaction in try self.loaded(id, in: transaction) }
        } catch {
            refuse(execution, WorkflowError(.unavailable, "The execution cannot be read: \(error)"))
            return false
        }
        guard let loaded = execution.loaded else {
            refuse(execution, WorkflowError(.executionDoesNotExist, "Execution Does Not Exist"))
            return false
        }
        if loaded.record.status == .running {
            let outstanding = loaded.machine.outstandingEffects(of: loaded.state)
            await carryOut(outstanding, execution)
            timers.set(id, due: loaded.state.nextDue)
        }
        return true
    }

    private func refuse(_ execution: LiveExecution, _ error: WorkflowError) {
        while let messages = live.next(for: execution, evict: true) {
            for message in messages { message.reply?.answer(.failure(error)) }
        }
    }

    private func loaded(_ id: Int64, in transaction: Transaction) throws -> LiveExecution.Loaded? {
        guard let record = try ExecutionRecord.find(id, in: transaction) else { return nil }
        let machine = try cache.machine(record.definition, mapState: record.mapState, in: transaction)
        let rows = try Journal.signals(of: id, in: transaction)
        let state = try Journal.replay(rows, identity: record.identity(type: .standard), machine: machine)
        return LiveExecution.Loaded(
            record: record, state: state, machine: machine, sequence: Int64(rows.count),
            logging: LoggingConfiguration(record.settings["loggingConfiguration"]))
    }

    // MARK: Taking

    private func take(_ messages: [Message], _ execution: LiveExecution) async {
        guard let loaded = execution.loaded else { return }
        var step = EngineStep(loaded, now: clock.now)
        for message in messages { step.take(message, signal(message.kind, to: loaded.machine)) }
        guard step.isWorthRecording else {
            timers.set(execution.id, due: loaded.state.nextDue)
            for (reply, result) in step.replies { reply.answer(result) }
            return
        }
        step.settle(parkAfter: options.parkAfter)
        let commit = step.commit
        do {
            try await database.write { transaction in try self.write(commit, in: transaction) }
        } catch {
            // Nothing of it happened. The messages wait until the database takes them.
            live.putBack(messages, to: execution)
            try? await clock.sleep(milliseconds: 1000)
            return
        }
        execution.loaded?.record = commit.record
        execution.loaded?.state = step.state
        execution.loaded?.sequence += 1
        for message in messages {
            if let ended = message.kind.endedTask { execution.invocations[ended] = nil }
        }
        await committed(commit, execution, step.effects)
        for (reply, result) in step.replies { reply.answer(result) }
    }

    /// What follows from a commit, in this order: timers, logs, effects.
    func committed(_ commit: EngineCommit, _ execution: LiveExecution, _ effects: [Effect]) async {
        timers.set(execution.id, due: commit.nextDue)
        if let logging = execution.loaded?.logging, logging.isOn, let destination = logging.destination {
            let records = logging.records(
                commit.events, of: commit.record.arn, redriveCount: commit.record.redriveCount)
            if !records.isEmpty { observer.log(records, of: commit.record, to: destination) }
        }
        await carryOut(effects, execution)
    }

    func write(_ commit: EngineCommit, in transaction: Transaction) throws {
        try commit.row.insert(in: transaction)
        if commit.changesRecord { try commit.record.update(in: transaction) }
        if commit.changesStatus { try observer.statusChanged(commit.record, in: transaction) }
        if commit.usage.transitions > 0 { try meter.record(commit.usage, in: transaction) }
    }
}

extension ExecutionRecord {
    /// The Map state whose processor the execution runs, when it is a child of a map run.
    var mapState: String? { settings["mapState"]?.stringValue }
}
