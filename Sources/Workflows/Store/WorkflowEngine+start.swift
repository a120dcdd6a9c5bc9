import Core
import StatesLanguage
import Storage
import Synchronization

extension WorkflowEngine {
    /// `StartExecution`: returns once the execution is durable.
    ///
    /// Starting a running Standard execution again with the same name and input gives the same answer; any other use of
    /// a name is refused. An express execution is begun in memory.
    ///
    /// - Throws: `StateMachineDoesNotExist`, `ExecutionAlreadyExists`, `InvalidName`, `InvalidExecutionInput`.
    public func startExecution(_ request: StartExecutionRequest) async throws(WorkflowError) -> ExecutionRecord {
        if let name = request.name { try Self.checkName(name) }
        let input = try Self.parseInput(request.input, limit: options.limits.payloadBytes)
        let resolved = try await resolve(request.machineARN)
        try checkBudget(resolved)
        let record = newRecord(request, resolved)
        guard resolved.record.type == .standard else {
            return try startExpress(record, resolved.machine, input)
        }
        return try await begin(record, resolved.machine, input)
    }

    func checkBudget(_ machine: ResolvedMachine) throws(WorkflowError) {
        guard let objection = meter.objection(toStarting: machine.record.arn) else { return }
        throw WorkflowError(.throttling, objection)
    }

    static func parseInput(_ text: String, limit: Int) throws(WorkflowError) -> JSON {
        guard text.utf8.count <= limit else {
            throw WorkflowError(
                .invalidExecutionInput,
                "Invalid State Machine Execution Input: 'The input exceeds the maximum of \(limit) bytes.'")
        }
        guard !text.isEmpty else {
            throw WorkflowError(
                .invalidExecutionInput, "Invalid State Machine Execution Input: 'Invalid execution input.'")
        }
        do throws(JSONParseError) {
            return try JSON(parsing: text)
        } catch {
            let message = JSONSyntaxReport(text)?.message ?? error.reason
            throw WorkflowError(
                .invalidExecutionInput, "Invalid State Machine Execution Input: '\(message)'")
        }
    }

    /// Finds the machine, version or alias, compiled.
    func resolve(_ arn: String) async throws(WorkflowError) -> ResolvedMachine {
        let qualified = try qualified(arn)
        if let known = resolved.withLock({ $0[arn] }) { return known }
        let draw = random.nextUInt64()
        let found = try await look { transaction in
            guard let machine = try StateMachineRecord.find(qualified.machine, in: transaction) else {
                throw WorkflowError.noMachine(arn)
            }
            var record = machine
            var aliasARN: String?
            if qualified.qualifier != nil {
                var number = qualified.version
                if number == nil, let alias = try StateMachineAlias.find(arn, in: transaction) {
                    aliasARN = arn
                    number = alias.route(draw: draw).flatMap { QualifiedARN($0)?.version }
                }
                guard let number, let version = try machine.version(number, in: transaction) else {
                    throw WorkflowError.noMachine(arn)
                }
                record = version
            }
            return ResolvedMachine(
                record: record, machine: try self.cache.machine(record.definition, in: transaction),
                versionARN: record.versionARN, aliasARN: aliasARN)
        }
        // What an alias stands for is drawn anew each time.
        if found.aliasARN == nil {
            resolved.withLock { known in
                if known.count >= 1000 { known = [:] }
                known[arn] = found
            }
        }
        return found
    }

    /// To be called when a machine has changed or is gone.
    func forgetResolved() { resolved.withLock { $0 = [:] } }

    func newRecord(_ request: StartExecutionRequest, _ resolved: ResolvedMachine) -> ExecutionRecord {
        let machine = resolved.record
        let scope = QualifiedARN(machine.arn)?.scope ?? Scope()
        let name = request.name ?? UUIDText.random(using: random)
        let resource =
            machine.type == .express
            ? "express:\(machine.name):\(name):\(UUIDText.random(using: random))"
            : "execution:\(machine.name):\(name)"
        var settings: JSONObject = [:]
        if let logging = machine.settings["loggingConfiguration"] { settings["loggingConfiguration"] = logging }
        if let header = request.traceHeader { settings["traceHeader"] = .string(header) }
        return ExecutionRecord(
            id: identifiers.next(), arn: scope.arn("states", resource).description, machineARN: machine.arn,
            name: name, versionARN: resolved.versionARN, aliasARN: resolved.aliasARN, definition: machine.definition,
            roleARN: machine.roleARN, settings: settings, status: .running, input: request.input,
            failure: ErrorOutput(error: nil, cause: nil), startedAt: clock.now, redriveCount: 0, eventCount: 0)
    }

    /// Runs the first states and writes the execution with what they gave, all in one commit.
    func begin(
        _ new: ExecutionRecord, _ machine: WorkflowMachine, _ input: JSON
    ) async throws(WorkflowError) -> ExecutionRecord {
        var record = new
        var state = ExecutionState(record.identity(type: .standard, input: input))
        let start = signal(.start, to: machine)
        let (events, effects) = machine.apply(start, to: &state)
        record.settle(state, now: start.time, parkAfter: options.parkAfter)
        let row = Journal.Row(
            execution: record.id, sequence: 0, firstEvent: 1, signals: Signal.encode([start]),
            events: HistoryEvent.encode(events))
        let commit = EngineCommit(
            row: row, record: record, events: events, nextDue: state.nextDue,
            usage: WorkflowUsage(
                executionARN: record.arn, machineARN: record.machineARN, at: start.time,
                transitions: state.transitions), changesRecord: false, changesStatus: record.status != .running)
        let execution = LiveExecution(
            id: record.id,
            loaded: LiveExecution.Loaded(
                record: record, state: state, machine: machine, sequence: 1,
                logging: LoggingConfiguration(record.settings["loggingConfiguration"])))
        // Before it is on record, or an engine that is just starting would find it there and take it up a second time.
        live.insert(execution)
        do throws(WorkflowError) {
            let existing = try await change { transaction in try self.insert(commit, in: transaction) }
            if let existing {
                live.remove(execution)
                return try Self.sameExecution(existing, as: record)
            }
        } catch {
            live.remove(execution)
            throw error
        }
        await committed(commit, execution, effects)
        endTurn(execution)
        return record
    }

    /// Gives the execution back that has the name already, if there is one.
    private func insert(_ commit: EngineCommit, in transaction: Transaction) throws -> ExecutionRecord? {
        if let existing = try ExecutionRecord.find(arn: commit.record.arn, in: transaction) { return existing }
        try commit.record.insert(in: transaction)
        if commit.changesStatus {
            var running = commit.record
            running.status = .running
            running.output = nil
            running.stoppedAt = nil
            try observer.statusChanged(running, in: transaction)
        }
        try observer.statusChanged(commit.record, in: transaction)
        try write(commit.withoutStatusChange, in: transaction)
        return nil
    }

    private static func sameExecution(
        _ existing: ExecutionRecord, as new: ExecutionRecord
    ) throws(WorkflowError) -> ExecutionRecord {
        let isChild = new.mapRunARN != nil
        if isChild || (existing.status == .running && existing.input == new.input) { return existing }
        throw WorkflowError(.executionAlreadyExists, "Execution Already Exists: '\(existing.arn)'")
    }
}

extension EngineCommit {
    /// The same, for when the observer has been told already.
    var withoutStatusChange: EngineCommit {
        EngineCommit(
            row: row, record: record, events: events, nextDue: nextDue, usage: usage, changesRecord: changesRecord,
            changesStatus: false)
    }
}
