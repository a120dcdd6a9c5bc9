/// The variables that one block, function or path binds, known when it is compiled.
final class Scope: @unchecked Sendable {
    let parent: Scope?
    private(set) var names: [String] = []
    private var slots: [String: Int] = [:]

    init(parent: Scope?, names: some Sequence<String> = []) {
        self.parent = parent
        for name in names { declare(name) }
    }

    var count: Int { names.count }

    @discardableResult func declare(_ name: String) -> Int {
        if let slot = slots[name] { return slot }
        slots[name] = names.count
        names.append(name)
        return names.count - 1
    }

    func slot(of name: String) -> Int? { slots[name] }

    /// Where a variable may be bound, innermost first.
    func places(of name: String) -> [VariableNode.Place] {
        var places: [VariableNode.Place] = []
        var hops = 0
        var scope: Scope? = self
        while let current = scope {
            if let slot = current.slots[name] { places.append(VariableNode.Place(hops: hops, slot: slot)) }
            hops += 1
            scope = current.parent
        }
        return places
    }
}
