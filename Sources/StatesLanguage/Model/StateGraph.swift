/// States that lead to one another: those of a state machine, of a branch, or of a Map state's processor.
///
/// A state is addressed by its position, which transitions hold, so that no name is looked up while an execution runs.
public struct StateGraph: Sendable {
    public typealias Index = Int

    /// The states in the order in which the definition lists them.
    public let states: [State]
    /// Position of the state in which a run begins.
    public let startAt: Index
    private let positions: [String: Index]
    /// Targets of transitions that no state here has the name of; only a state that is tested alone leads to such.
    private let unknownNames: [String]

    init(states: [State], startAt: Index, unknownNames: [String] = []) {
        self.states = states
        self.startAt = startAt
        self.unknownNames = unknownNames
        positions = Dictionary(states.map { ($0.name, $0.index) }, uniquingKeysWith: { first, _ in first })
    }

    public subscript(index: Index) -> State { states[index] }

    /// The name of the state at a position that a transition holds.
    public func name(at index: Index) -> String {
        if states.indices.contains(index) { return states[index].name }
        let unknown = index - states.count
        return unknownNames.indices.contains(unknown) ? unknownNames[unknown] : ""
    }

    /// The state of that name, here or in a branch or processor, with the graph that it belongs to.
    public func find(_ name: String) -> (graph: StateGraph, state: State)? {
        if let index = index(of: name) { return (self, states[index]) }
        for state in states {
            switch state.kind {
            case .parallel(let parallel):
                for branch in parallel.branches { if let found = branch.find(name) { return found } }
            case .map(let map): if let found = map.processor.graph.find(name) { return found }
            default: continue
            }
        }
        return nil
    }

    /// The position of the state of that name, for callers that come from outside, such as a journal or a test request.
    public func index(of name: String) -> Index? { positions[name] }
}
