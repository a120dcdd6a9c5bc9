import Core
import StatesLanguage

/// Position of a flow in its execution's arena.
typealias FlowID = Int

/// One line of states being run: the execution's own, a branch of a Parallel state, or an iteration of a Map state.
struct Flow: Sendable {
    struct Parent: Sendable {
        let flow: FlowID
        /// Number of the branch or iteration.
        let slot: Int
    }

    let parent: Parent?
    let graph: StateGraph
    /// The flow's own and those it found when it began; outer flows never see what is assigned here.
    var variables: [String: JSON]
    /// The item of the nearest Map around the flow.
    var mapItem: ItemContext?
    /// What the next event names as its cause.
    var lastEventID: Int64
    var visit: Visit?
    /// The state to enter next, with its input.
    var pending: (index: StateGraph.Index, input: Payload)?
    /// A flow that failed or was cut off, kept so that a redrive can take it up again.
    var isHalted = false

    /// When time alone will move the flow.
    var due: Timestamp? {
        guard let visit else { return nil }
        switch visit.activity {
        case .waiting(let until): return until
        case .retrying(let at): return at
        case .task(let task): return task.due
        case .running, .children, .mapRun: return nil
        }
    }

    /// Whether the host is working for the flow, or should be.
    var needsHost: Bool {
        if pending != nil { return true }
        guard let visit else { return false }
        switch visit.activity {
        case .running, .mapRun: return true
        case .task(let task): return task.needsHost
        case .waiting, .retrying, .children: return false
        }
    }
}

/// A state being run.
struct Visit: Sendable {
    let state: State
    let enteredAt: Timestamp
    let enteredEventID: Int64
    /// The event before the one that entered the state.
    let previousEventID: Int64
    let payload: Payload
    /// How often each retrier was used; empty until one is.
    var retries: [Int64] = []
    var retryCount = 0
    var activity: Activity = .running

    var input: JSON { payload.json }
}

/// What a state is waiting for.
enum Activity: Sendable {
    case running
    case waiting(until: Timestamp)
    case retrying(at: Timestamp)
    indirect case task(TaskAttempt)
    indirect case children(Children)
    indirect case mapRun(MapRunAttempt)
}

struct MapRunAttempt: Sendable {
    let request: MapRunRequest
}

/// The branches or iterations of a state.
struct Children: Sendable {
    /// Of iterations: what is left to hand out comes from here. Empty for branches.
    var items: [MapItem] = []
    /// The effective input that item selectors read.
    var selectorInput: JSON = .null
    /// Outputs by slot, present as they come in.
    var outputs: [Payload?]
    /// Flows that have begun and not succeeded, by slot.
    var running: [Int: FlowID] = [:]
    var nextSlot = 0
    var finished = 0
    var maxConcurrency = Int.max

    init(count: Int) { outputs = [Payload?](repeating: nil, count: count) }

    var isComplete: Bool { finished == outputs.count }
}

/// The flows of an execution. Slots of ended flows are used again.
struct FlowArena: Sendable {
    private var slots: [Flow?] = []
    private var free: [FlowID] = []

    mutating func insert(_ flow: Flow) -> FlowID {
        if let id = free.popLast() {
            slots[id] = flow
            return id
        }
        slots.append(flow)
        return slots.count - 1
    }

    mutating func remove(_ id: FlowID) {
        slots[id] = nil
        free.append(id)
    }

    mutating func removeAll() {
        slots = []
        free = []
    }

    var isEmpty: Bool { free.count == slots.count }

    func contains(_ id: FlowID) -> Bool { slots.indices.contains(id) && slots[id] != nil }

    func isActive(_ id: FlowID) -> Bool { contains(id) && slots[id]?.isHalted == false }

    /// Only the machine makes identifiers, and it asks for none that it has removed. Flows are read and changed where
    /// they lie: a copy costs a reference count for each of their parts.
    subscript(id: FlowID) -> Flow {
        _read { yield slots[id]! }
        _modify { yield &slots[id]! }
    }

    func forEach(_ body: (FlowID, Flow) -> Void) {
        for id in slots.indices {
            if let flow = slots[id] { body(id, flow) }
        }
    }

    func forEachActive(_ body: (FlowID, Flow) -> Void) {
        for id in slots.indices {
            if let flow = slots[id], !flow.isHalted { body(id, flow) }
        }
    }
}
