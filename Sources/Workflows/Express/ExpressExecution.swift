import Core
import StatesLanguage

/// An express execution: in memory, by one task, from its start to its end.
struct ExpressExecution: Sendable {
    /// Five minutes: the longest that AWS lets one run.
    static let maximumDuration: Int64 = 300_000

    let engine: WorkflowEngine
    let record: ExecutionRecord
    let machine: WorkflowMachine
    let input: JSON
    /// Whether the caller waits for the end.
    let isSynchronous: Bool

    func run() async -> ExpressResult {
        let logging = LoggingConfiguration(record.settings["loggingConfiguration"])
        let machine = machine.recording(logging.isOn)
        var state = ExecutionState(record.identity(type: .express, input: input, isSynchronous: isSynchronous))
        // Most express executions wait for nothing; they need no group of tasks.
        let effects = step([.start], machine, &state, logging)
        if state.status == .running { await wait(effects, machine, &state, logging) }
        return await finish(state)
    }

    /// Takes the signals, and goes on for as long as the machine only asks for its next turn.
    private func step(
        _ kinds: [Signal.Kind], _ machine: WorkflowMachine, _ state: inout ExecutionState,
        _ logging: LoggingConfiguration
    ) -> [Effect] {
        var effects: [Effect] = []
        var kinds = kinds
        while !kinds.isEmpty {
            var yields = false
            for kind in kinds {
                let (events, new) = machine.apply(engine.signal(kind, to: machine), to: &state)
                log(events, logging)
                for effect in new {
                    if case .yield = effect { yields = true } else { effects.append(effect) }
                }
            }
            kinds = yields && state.status == .running && !isOverdue ? [.clock] : []
        }
        return effects
    }

    private var deadline: Timestamp { record.startedAt.adding(milliseconds: Self.maximumDuration) }

    private var isOverdue: Bool { engine.clock.now >= deadline }

    private enum Wake: Sendable {
        case signal(Signal.Kind?)
        case time
    }

    private func wait(
        _ first: [Effect], _ machine: WorkflowMachine, _ state: inout ExecutionState, _ logging: LoggingConfiguration
    ) async {
        await withTaskGroup(of: Wake.self) { group in
            var effects = first
            var alarm: Timestamp?
            while state.status == .running, !isOverdue, !Task.isCancelled {
                for effect in effects { carryOut(effect, &group) }
                let due = min(state.nextDue ?? deadline, deadline)
                if alarm.map({ due < $0 }) ?? true {
                    alarm = due
                    let clock = engine.clock
                    group.addTask {
                        try? await clock.sleep(until: due)
                        return .time
                    }
                }
                guard let wake = await group.next() else { break }
                var kinds: [Signal.Kind] = []
                switch wake {
                case .signal(let kind): if let kind { kinds.append(kind) }
                case .time:
                    alarm = nil
                    kinds.append(.clock)
                }
                effects = step(kinds, machine, &state, logging)
            }
            group.cancelAll()
        }
    }

    /// Express tasks cannot be called off one by one: late answers are not listened to.
    private func carryOut(_ effect: Effect, _ group: inout TaskGroup<Wake>) {
        let engine = engine
        switch effect {
        case .start(let task):
            group.addTask {
                do throws(TaskFailure) {
                    return .signal(.taskSucceeded(task.id, output: try await engine.integration(for: task).start(task)))
                } catch {
                    return .signal(Task.isCancelled ? nil : .taskFailed(task.id, error.output))
                }
            }
        case .startMapRun(let request):
            let failure = ErrorOutput(
                error: ErrorName.runtime,
                cause: "An express workflow cannot run the distributed Map '\(request.stateName)'.")
            group.addTask { .signal(.mapRunFailed(request.id, failure)) }
        case .cancel, .cancelMapRun, .redriveMapRun, .finish, .yield: break
        }
    }

    private func log(_ events: [HistoryEvent], _ logging: LoggingConfiguration) {
        guard logging.isOn, let destination = logging.destination else { return }
        let records = logging.records(events, of: record.arn, redriveCount: 0)
        if !records.isEmpty { engine.observer.log(records, of: record, to: destination) }
    }

    private func finish(_ state: ExecutionState) async -> ExpressResult {
        var ended = record
        let now = engine.clock.now
        let duration = max(0, now.milliseconds(since: record.startedAt))
        ended.status = state.result?.status ?? .timedOut
        ended.output = state.result?.output?.text
        ended.failure = state.result?.failure ?? ErrorOutput(error: ErrorName.timeout, cause: nil)
        ended.stoppedAt = now
        ended.eventCount = state.eventCount
        let billed = max(100, (duration + 99) / 100 * 100)
        await engine.meter.record(
            WorkflowUsage(
                executionARN: record.arn, machineARN: record.machineARN, at: now, requests: 1,
                billedMilliseconds: billed, billedMegabytes: 64))
        return ExpressResult(record: ended, billedMilliseconds: billed, billedMegabytes: 64)
    }
}
