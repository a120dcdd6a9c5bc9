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

    init(states: [State], startAt: Index) {
        self.states = states
        self.startAt = startAt
        positions = Dictionary(states.map { ($0.name, $0.index) }, uniquingKeysWith: { first, _ in first })
    }

    public subscript(index: Index) -> State { states[index] }

    /// The position of the state of that name, for callers that come from outside, such as a journal or a test request.
    public func index(of name: String) -> Index? { positions[name] }
}
