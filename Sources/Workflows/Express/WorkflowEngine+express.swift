import Core
import StatesLanguage
import Synchronization

extension WorkflowEngine {
    /// Begins an express execution and returns at once.
    func startExpress(
        _ record: ExecutionRecord, _ machine: WorkflowMachine, _ input: JSON
    ) throws(WorkflowError) -> ExecutionRecord {
        try takeExpressSlot()
        let execution = ExpressExecution(
            engine: self, record: record, machine: machine, input: input, isSynchronous: false)
        spawn {
            _ = await execution.run()
            self.giveExpressSlot()
        }
        return record
    }

    /// `StartSyncExecution`: returns when the express execution has ended.
    ///
    /// - Throws: `StateMachineTypeNotSupported` for a Standard machine.
    public func startSyncExecution(_ request: StartExecutionRequest) async throws(WorkflowError) -> ExpressResult {
        if let name = request.name { try Self.checkName(name) }
        let input = try Self.parseInput(request.input, limit: options.limits.payloadBytes)
        let resolved = try await resolve(request.machineARN)
        guard resolved.record.type == .express else {
            throw WorkflowError(
                .stateMachineTypeNotSupported, "This operation is not supported by this type of state machine")
        }
        try checkBudget(resolved)
        try takeExpressSlot()
        defer { giveExpressSlot() }
        let record = newRecord(request, resolved)
        return await ExpressExecution(
            engine: self, record: record, machine: resolved.machine, input: input, isSynchronous: true
        ).run()
    }

    private func takeExpressSlot() throws(WorkflowError) {
        let isTaken = expressSlots.withLock { slots -> Bool in
            guard slots > 0 else { return false }
            slots -= 1
            return true
        }
        guard isTaken else {
            throw WorkflowError(
                .executionLimitExceeded,
                "\(options.expressConcurrency) express executions are running already: try later.")
        }
    }

    private func giveExpressSlot() { expressSlots.withLock { $0 += 1 } }
}
