import Core
import StatesLanguage

/// The taking of one signal.
struct MachineRun {
    /// What is to be done before the signal is dealt with.
    enum Work {
        /// Enter the states that the flow has coming.
        case run(FlowID)
        /// Ask the host to begin the task that the flow has scheduled.
        case begin(FlowID)
        /// Run the flow's current state once more, after a wait for a retry or in a redrive.
        case again(FlowID)
    }

    let machine: WorkflowMachine
    let now: Timestamp
    var state: ExecutionState
    var events: [HistoryEvent] = []
    var effects: [Effect] = []
    var random: SeededRandom
    /// Data as it passes the stages of a state, for tests of single states.
    var inspection: StateInspection?
    let missingActivities: [String]
    private var work: [Work] = []
    private var nextWork = 0
    private var statesLeft: Int

    init(_ machine: WorkflowMachine, _ state: ExecutionState, _ signal: Signal, states: Int? = nil) {
        self.machine = machine
        self.state = state
        now = signal.time
        random = SeededRandom(seed: signal.seed)
        missingActivities = signal.missingActivities
        statesLeft = states ?? machine.limits.statesPerSignal
    }

    mutating func schedule(_ item: Work) { work.append(item) }

    /// Works off the queue: each flow runs until it must wait, then the next one.
    mutating func drain() {
        while nextWork < work.count, state.status == .running {
            let item = work[nextWork]
            nextWork += 1
            switch item {
            case .run(let flow): run(flow)
            case .begin(let flow): if state.flows.isActive(flow) { beginTask(flow) }
            case .again(let flow): if state.flows.isActive(flow) { perform(flow) }
            }
        }
    }

    private mutating func run(_ id: FlowID) {
        while state.status == .running, state.flows.isActive(id), let pending = state.flows[id].pending {
            guard statesLeft > 0 else {
                effects.append(.yield)
                return
            }
            statesLeft -= 1
            state.flows[id].pending = nil
            enter(id, pending.index, pending.input)
        }
    }

    // MARK: The history

    /// Records an event of a flow and makes it the cause of the flow's next.
    @discardableResult
    mutating func record(
        _ type: HistoryEventType, _ details: @autoclosure () -> HistoryEventDetails = .none, in id: FlowID
    ) -> Int64 {
        let event = record(type, details(), previous: state.flows[id].lastEventID)
        state.flows[id].lastEventID = event
        return event
    }

    /// Records an event that is nobody's cause.
    @discardableResult
    mutating func record(
        _ type: HistoryEventType, _ details: @autoclosure () -> HistoryEventDetails = .none, previous: Int64
    ) -> Int64 {
        let id = state.nextEventID
        state.nextEventID += 1
        if machine.recordsEvents {
            events.append(
                HistoryEvent(id: id, previousID: previous, timestamp: now, type: type, details: details()))
        }
        return id
    }

    /// Whether the history has room for what entering a state may record before the next check.
    var hasHistoryLeft: Bool {
        state.identity.type == .express || state.nextEventID + 8 <= machine.limits.historyEvents
    }

    // MARK: The end of the execution

    mutating func finish(_ result: ExecutionResult, _ type: HistoryEventType, previous: Int64) {
        state.status = result.status
        state.result = result
        if let output = result.output {
            record(type, .output(output.text), previous: previous)
        } else {
            record(type, .failure(result.failure), previous: previous)
        }
        cancelEverything()
        effects.append(.finish(result))
    }

    mutating func failExecution(_ failure: ErrorOutput, previous: Int64) {
        finish(ExecutionResult(status: .failed, output: nil, failure: failure), .executionFailed, previous: previous)
    }

    /// Tasks and map runs that are still going on are called off; the flows stay as they are for a redrive.
    private mutating func cancelEverything() {
        var cancelled: [Effect] = []
        state.flows.forEachActive { _, flow in
            guard let activity = flow.visit?.activity else { return }
            switch activity {
            case .task(let task): cancelled.append(.cancel(task.id))
            case .mapRun(let run): cancelled.append(.cancelMapRun(run.request.id))
            default: break
            }
        }
        effects += cancelled
        if state.result?.status == .succeeded { state.flows.removeAll() }
    }
}
