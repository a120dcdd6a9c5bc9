/// Which variables a piece of syntax binds in the scope around it.
enum BoundNames {
    static func inside(_ syntax: Syntax) -> [String] {
        var names: [String] = []
        collect(syntax, into: &names)
        return names
    }

    static func inside(_ items: [Syntax]) -> [String] {
        var names: [String] = []
        for item in items { collect(item, into: &names) }
        return unique(names)
    }

    /// The same for a path that has a scope of its own.
    static func directly(in path: Syntax) -> [String] {
        var names: [String] = []
        collectParts(of: path, into: &names)
        return unique(names)
    }

    /// What the steps of a path bind for the steps behind them: focus, index, parents, and all that of inner paths.
    static func ofTuples(_ steps: [Syntax]) -> [String] {
        var names: [String] = []
        for step in steps { collectTuples(of: step, into: &names) }
        return unique(names)
    }

    private static func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }

    private static func collect(_ syntax: Syntax, into names: inout [String]) {
        switch syntax.kind {
        case .block, .lambda:
            // Their bindings are their own; what hangs on them is not.
            return collectTrimmings(of: syntax, into: &names)
        case .path(let steps) where steps.contains(where: \.carriesBindings): return
        default: collectParts(of: syntax, into: &names)
        }
    }

    private static func collectParts(of syntax: Syntax, into names: inout [String]) {
        if case .binding(let name, _) = syntax.kind { names.append(name) }
        for child in syntax.kind.children { collect(child, into: &names) }
        collectTrimmings(of: syntax, into: &names)
    }

    private static func collectTrimmings(of syntax: Syntax, into names: inout [String]) {
        for case .filter(let predicate, _) in syntax.predicates + syntax.stages { collect(predicate, into: &names) }
        for pair in syntax.group?.pairs ?? [] {
            collect(pair.key, into: &names)
            collect(pair.value, into: &names)
        }
    }

    private static func collectTuples(of step: Syntax, into names: inout [String]) {
        if let focus = step.focus { names.append(focus) }
        if let index = step.index { names.append(index) }
        if let ancestor = step.ancestor { names.append(ancestor.label) }
        for case .index(let name) in step.stages { names.append(name) }
        guard step.carriesBindings else { return }
        switch step.kind {
        case .block(let expressions): if let last = expressions.last { collectTuples(of: last, into: &names) }
        case .path(let steps): for inner in steps { collectTuples(of: inner, into: &names) }
        default: return
        }
    }
}
