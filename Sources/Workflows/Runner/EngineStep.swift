import Core
import StatesLanguage

/// The taking of the messages that have come in for an execution, up to the commit.
struct EngineStep {
    private(set) var state: ExecutionState
    private(set) var effects: [Effect] = []
    private(set) var replies: [(Reply, Result<ExecutionRecord, WorkflowError>)] = []
    private var pendingReplies: [Reply] = []
    private var signals: [Signal] = []
    private var events: [HistoryEvent] = []
    private var record: ExecutionRecord
    private let machine: WorkflowMachine
    private let sequence: Int64
    private let firstEvent: Int64
    private let transitions: Int64
    private let before: (status: ExecutionStatus, isParked: Bool, redriveCount: Int64)
    private let now: Timestamp

    init(_ loaded: LiveExecution.Loaded, now: Timestamp) {
        state = loaded.state
        record = loaded.record
        before = (record.status, record.isParked, record.redriveCount)
        machine = loaded.machine
        sequence = loaded.sequence
        firstEvent = state.eventCount + 1
        transitions = state.transitions
        self.now = now
    }

    var isWorthRecording: Bool { !signals.isEmpty }

    mutating func take(_ message: Message, _ signal: Signal) {
        if let token = message.token, !state.awaits(token) {
            if let reply = message.reply { replies.append((reply, .failure(.taskGone))) }
            return
        }
        if case .redrive = signal.kind, state.status == .running {
            // Another redrive came first.
            let refusal = WorkflowError(.executionNotRedrivable, RedriveStatus.runningReason)
            if let reply = message.reply { replies.append((reply, .failure(refusal))) }
            return
        }
        if isVoid(signal) {
            if let reply = message.reply { replies.append((reply, .success(record))) }
            return
        }
        let (events, effects) = machine.apply(signal, to: &state)
        signals.append(signal)
        self.events += events
        self.effects += effects
        if let reply = message.reply { pendingReplies.append(reply) }
    }

    /// Whether the signal would change nothing and need not be kept.
    private func isVoid(_ signal: Signal) -> Bool {
        switch signal.kind {
        case .clock: state.status != .running || !(state.hasPending || state.nextDue.map { $0 <= signal.time } == true)
        case .redrive, .start: false
        default: state.status != .running
        }
    }

    /// Brings the record up to what the state has become.
    mutating func settle(parkAfter: Int64) {
        record.settle(state, now: now, parkAfter: parkAfter)
        for reply in pendingReplies { replies.append((reply, .success(record))) }
        pendingReplies = []
    }

    var commit: EngineCommit {
        EngineCommit(
            row: Journal.Row(
                execution: record.id, sequence: sequence, firstEvent: firstEvent, signals: Signal.encode(signals),
                events: HistoryEvent.encode(events)),
            record: record, events: events, nextDue: state.nextDue,
            usage: WorkflowUsage(
                executionARN: record.arn, machineARN: record.machineARN, at: now,
                transitions: state.transitions - transitions),
            changesRecord: record.isParked != before.isParked || record.isParked || record.status != before.status
                || record.redriveCount != before.redriveCount,
            changesStatus: record.status != before.status)
    }
}

/// What one commit writes.
struct EngineCommit: Sendable {
    let row: Journal.Row
    let record: ExecutionRecord
    let events: [HistoryEvent]
    let nextDue: Timestamp?
    let usage: WorkflowUsage
    let changesRecord: Bool
    let changesStatus: Bool
}

extension ExecutionRecord {
    mutating func settle(_ state: ExecutionState, now: Timestamp, parkAfter: Int64) {
        eventCount = state.eventCount
        redriveCount = state.identity.redriveCount
        redrivenAt = state.identity.redrivenAt
        status = state.status
        if let result = state.result {
            output = result.output?.text
            failure = result.failure
            if stoppedAt == nil { stoppedAt = now }
            isParked = true
            dueAt = nil
            return
        }
        output = nil
        failure = ErrorOutput(error: nil, cause: nil)
        stoppedAt = nil
        let due = state.nextDue
        isParked = state.isParked && (due.map { $0.milliseconds(since: now) > parkAfter } ?? true)
        dueAt = isParked ? due : nil
    }
}
