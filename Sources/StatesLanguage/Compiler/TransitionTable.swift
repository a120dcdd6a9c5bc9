/// The transitions of one graph while it is compiled.
struct TransitionTable {
    private let names: [String]
    private var positions: [String: Int]
    private let allowsUnknown: Bool
    /// Names that no state has; they get positions behind those of the states.
    private(set) var unknownNames: [String] = []
    private var targets: [[Int]]
    private var start: Int?
    /// Names that no state has, each with the place that names it.
    private(set) var dangling: [(name: String, place: [DefinitionPath.Step])] = []
    /// Whether some state ends the graph.
    var hasEnd = false
    /// The state whose transitions are being compiled.
    var current = 0

    init(names: [String], allowsUnknown: Bool) {
        self.names = names
        self.allowsUnknown = allowsUnknown
        positions = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        targets = Array(repeating: [], count: names.count)
    }

    /// The position of the state named as a target of the current one.
    mutating func resolve(_ name: String, at place: [DefinitionPath.Step]) -> Int? {
        resolve(name, at: place, from: current)
    }

    /// - Parameter source: The state that the transition leaves; nil for the start.
    mutating func resolve(_ name: String, at place: [DefinitionPath.Step], from source: Int?) -> Int? {
        guard let target = positions[name] else {
            guard allowsUnknown else {
                dangling.append((name, place))
                return nil
            }
            unknownNames.append(name)
            positions[name] = names.count + unknownNames.count - 1
            return positions[name]
        }
        if let source { targets[source].append(target) } else { start = target }
        return target
    }

    /// Names of the states that no run can come to, in the order of the definition.
    func unreachable() -> [String] {
        var isReached = Array(repeating: false, count: names.count)
        var pending = start.map { [$0] } ?? []
        while let next = pending.popLast() {
            guard !isReached[next] else { continue }
            isReached[next] = true
            pending += targets[next]
        }
        return names.indices.filter { !isReached[$0] }.map { names[$0] }
    }
}
