import Core

/// Finds what an expression refers to outside of itself.
struct ReferenceFinder {
    private var found = JSONataReferences()
    /// Names that are bound around the place, as often as they are.
    private var bound: [String: Int] = [:]
    /// Whether `$` means the input of the whole expression here.
    private var isAtTop = true
    private let library: [String: Builtin]

    private init(dialect: JSONataDialect) { library = Library.functions(of: dialect) }

    static func references(in syntax: Syntax, dialect: JSONataDialect) -> JSONataReferences {
        var finder = ReferenceFinder(dialect: dialect)
        finder.binding(BoundNames.inside(syntax)) { $0.visit(syntax) }
        return finder.found
    }

    private mutating func binding(_ names: [String], _ body: (inout ReferenceFinder) -> Void) {
        for name in names { bound[name, default: 0] += 1 }
        body(&self)
        for name in names { bound[name, default: 1] -= 1 }
    }

    /// What is evaluated once for each value of something else has that value for its context.
    private mutating func below(_ body: (inout ReferenceFinder) -> Void) {
        let wasAtTop = isAtTop
        isAtTop = false
        body(&self)
        isAtTop = wasAtTop
    }

    private mutating func visit(_ syntax: Syntax) {
        switch syntax.kind {
        case .path(let steps): visit(path: steps, syntax)
        case .variable(let name): visit(variable: name, path: [], syntax.position)
        case .block(let expressions):
            binding(BoundNames.inside(expressions)) { finder in for each in expressions { finder.visit(each) } }
        case .lambda(let parameters, _, let body):
            binding(parameters + BoundNames.inside(body)) { $0.visit(body) }
        case .transform(let pattern, let update, let deletion):
            below { finder in
                finder.visit(pattern)
                finder.visit(update)
                if let deletion { finder.visit(deletion) }
            }
        case .name(let name):
            if isAtTop { found.inputFields.append(.init(name: name, path: [], position: syntax.position)) }
        case .wildcard, .descendant: if isAtTop { found.inputReferences.append(syntax.position) }
        default: for child in syntax.kind.children { visit(child) }
        }
        visitTrimmings(of: syntax)
    }

    private mutating func visitTrimmings(of syntax: Syntax) {
        below { finder in
            for case .filter(let predicate, _) in syntax.predicates + syntax.stages { finder.visit(predicate) }
            for pair in syntax.group?.pairs ?? [] {
                finder.visit(pair.key)
                finder.visit(pair.value)
            }
        }
    }

    private mutating func visit(path steps: [Syntax], _ syntax: Syntax) {
        let names = BoundNames.ofTuples(steps) + BoundNames.directly(in: syntax)
        binding(steps.contains(where: \.carriesBindings) ? names : []) { finder in
            guard let first = steps.first else { return }
            let tail = Self.plainNames(first.stages.isEmpty ? steps.dropFirst() : [])
            switch first.kind {
            case .variable(let name):
                finder.visit(variable: name, path: tail, first.position)
                finder.visitTrimmings(of: first)
            case .name(let name):
                if finder.isAtTop {
                    finder.found.inputFields.append(.init(name: name, path: tail, position: first.position))
                }
                finder.visitTrimmings(of: first)
            default: finder.visit(first)
            }
            finder.below { finder in for step in steps.dropFirst() { finder.visit(step) } }
        }
    }

    /// The names that follow as plain steps, up to and including the first that something hangs on.
    private static func plainNames(_ steps: ArraySlice<Syntax>) -> [String] {
        var names: [String] = []
        for step in steps {
            guard case .name(let name) = step.kind else { break }
            names.append(name)
            if !step.stages.isEmpty { break }
        }
        return names
    }

    private mutating func visit(variable name: String, path: [String], _ position: Int) {
        if name.isEmpty {
            if isAtTop { found.inputReferences.append(position) }
        } else if name == "$" {
            found.rootReferences.append(position)
        } else if bound[name, default: 0] > 0 {
            return
        } else if library[name] != nil {
            found.functions.append(name)
        } else {
            found.variables.append(.init(name: name, path: path, position: position))
        }
    }
}
