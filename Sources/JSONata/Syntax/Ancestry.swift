import Core

/// Finds the steps that `%` means: one level up for each sign, across blocks and nested paths.
enum Ancestry {
    /// Hands the unresolved parents of a part on to the whole.
    static func pass(from part: Syntax, to whole: Syntax) {
        var slots = part.seekingParent
        if case .parent(let slot) = part.kind { slots.append(slot) }
        whole.seekingParent += slots
    }

    /// Looks for the parents that the last step speaks of among the steps before it.
    static func resolve(_ path: Syntax) throws(JSONataError) {
        guard case .path(let steps) = path.kind, let last = steps.last else { return }
        var slots = last.seekingParent
        if case .parent(let slot) = last.kind { slots.append(slot) }
        for slot in slots {
            var index = steps.count - 2
            while slot.level > 0 {
                guard index >= 0 else {
                    path.seekingParent.append(slot)
                    break
                }
                var step = steps[index]
                index -= 1
                // Neighbouring steps that bind their focus have one and the same parent.
                while index >= 0, step.focus != nil, steps[index].focus != nil {
                    step = steps[index]
                    index -= 1
                }
                try seek(slot, in: step)
            }
        }
    }

    /// Goes one or more levels up from a step, and binds the step's input when the level is reached.
    static func seek(_ slot: AncestorSlot, in node: Syntax) throws(JSONataError) {
        switch node.kind {
        case .name, .wildcard:
            slot.level -= 1
            guard slot.level == 0 else { return }
            if let known = node.ancestor { slot.label = known.label }
            node.ancestor = slot
            node.carriesBindings = true
        case .parent: slot.level += 1
        case .block(let expressions):
            guard let last = expressions.last else { return }
            node.carriesBindings = true
            try seek(slot, in: last)
        case .path(let steps):
            node.carriesBindings = true
            for step in steps.reversed() {
                try seek(slot, in: step)
                if slot.level <= 0 { break }
            }
        default: throw JSONataError(code: "S0217", position: node.position, token: node.kind.typeName)
        }
    }
}
