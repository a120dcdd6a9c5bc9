import Core
public import StatesLanguage

/// The workflow machine: what an execution does next is a function of what it is and what happens to it.
///
/// It holds no clock, no randomness and no connection to anything: signals carry the time and a seed, and what is to be
/// done comes back as effects. The same signals always give the same events and effects, which is what recovery rests
/// on.
public struct WorkflowMachine: Sendable {
    public let graph: StateGraph
    /// Seconds after which an execution times out.
    public let timeoutSeconds: Int64?
    public let limits: WorkflowLimits
    /// Off for express executions that nobody logs: events are counted, not made.
    public let recordsEvents: Bool
    /// The activities that its tasks are on, with which ones there are a signal says.
    let activities: [String]

    public init(
        _ definition: StateMachineDefinition, limits: WorkflowLimits = .standard, recordsEvents: Bool = true
    ) {
        self.init(
            definition.graph, timeoutSeconds: definition.timeoutSeconds, limits: limits,
            recordsEvents: recordsEvents)
    }

    /// - Parameter graph: The states of a machine, or those that a distributed Map runs for its items.
    public init(
        _ graph: StateGraph, timeoutSeconds: Int64?, limits: WorkflowLimits = .standard, recordsEvents: Bool = true
    ) {
        self.graph = graph
        self.timeoutSeconds = timeoutSeconds
        self.limits = limits
        self.recordsEvents = recordsEvents
        activities = graph.activities
    }

    /// The same machine, with or without a record of what happens.
    func recording(_ recordsEvents: Bool) -> WorkflowMachine {
        WorkflowMachine(graph, timeoutSeconds: timeoutSeconds, limits: limits, recordsEvents: recordsEvents)
    }

    /// Takes the signal and runs on through every state that needs nothing from outside.
    public func apply(
        _ signal: Signal, to state: inout ExecutionState
    ) -> (events: [HistoryEvent], effects: [Effect]) {
        var run = MachineRun(self, state, signal)
        state = .placeholder
        run.take(signal.kind)
        state = run.state
        return (run.events, run.effects)
    }

    /// What the host must be asked for once more after a restart: every effect whose result was not recorded.
    public func outstandingEffects(of state: ExecutionState) -> [Effect] {
        guard state.status == .running else { return [] }
        var effects: [Effect] = []
        state.flows.forEachActive { id, flow in
            guard flow.needsHost, let visit = flow.visit else {
                if flow.pending != nil { effects.append(.yield) }
                return
            }
            switch visit.activity {
            case .task(let task): effects.append(.start(task.invocation(visit, state.identity)))
            case .mapRun(let attempt): effects.append(.startMapRun(attempt.request))
            default: effects.append(.yield)
            }
        }
        return effects
    }
}

extension StateGraph {
    /// ARNs of the activities that tasks are on, here and below. The depth of definitions is bounded.
    fileprivate var activities: [String] {
        states.flatMap { state -> [String] in
            switch state.kind {
            case .task(let task):
                if case .activity = task.resource.kind { return [task.resource.text] }
                return []
            case .map(let map):
                if case .inline = map.processor.mode { return map.processor.graph.activities }
                return []
            case .parallel(let parallel): return parallel.branches.flatMap(\.activities)
            default: return []
            }
        }
    }
}

/// The quotas of AWS that bound an execution.
public struct WorkflowLimits: Sendable {
    /// Bytes of a state's input, output or variable.
    public var payloadBytes = 262_144
    /// Events in a Standard execution's history.
    public var historyEvents: Int64 = 25_000
    /// States that one signal may run through before the host gets a turn.
    public var statesPerSignal = 1000
    /// Iterations of an inline Map at one time, whatever `MaxConcurrency` says.
    public var inlineConcurrency = 40
    /// Bytes of all variables of an execution's flow.
    public var variableBytes = 10_485_760

    public init() {}

    public static let standard = WorkflowLimits()
}
