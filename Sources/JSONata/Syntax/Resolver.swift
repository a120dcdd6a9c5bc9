import Core

/// The second pass: turns chains of steps into paths and hangs filters, groupings and bindings on their steps.
struct Resolver {
    private init() {}

    static func resolve(_ syntax: Syntax) throws(JSONataError) -> Syntax {
        let resolved = try Resolver().resolve(syntax)
        var isParent = false
        if case .parent = resolved.kind { isParent = true }
        guard !isParent, resolved.seekingParent.isEmpty else {
            throw JSONataError(code: "S0217", position: resolved.position, token: resolved.kind.typeName)
        }
        return resolved
    }

    private func resolve(_ syntax: Syntax) throws(JSONataError) -> Syntax {
        let resolved = try resolveKind(syntax)
        if syntax.keepsArray { resolved.keepsArray = true }
        return resolved
    }

    private func resolveKind(_ syntax: Syntax) throws(JSONataError) -> Syntax {
        switch syntax.kind {
        case .step(let left, let right): return try step(left, right, at: syntax.position)
        case .filter(let left, let predicate): return try filter(left, predicate, at: syntax.position)
        case .grouping(let left, let pairs): return try grouping(left, pairs, at: syntax.position)
        case .ordering(let left, let terms): return try ordering(left, terms, at: syntax.position)
        case .focusBinding(let left, let name): return try focusBinding(left, name, syntax)
        case .indexBinding(let left, let name): return try indexBinding(left, name, at: syntax.position)
        case .name:
            let path = Syntax(.path([syntax]), at: syntax.position)
            path.keepsSingletonArray = syntax.keepsArray
            return path
        case .word(let symbol):
            let name = Syntax(.name(symbol.rawValue), at: syntax.position)
            name.keepsArray = syntax.keepsArray
            return try resolveKind(name)
        case .end: throw JSONataError(code: "S0207", position: syntax.position, token: "(end)")
        case .placeholder, .string, .number, .constant, .variable, .regex, .wildcard, .descendant, .parent:
            return syntax
        default: return try resolveCompound(syntax)
        }
    }

    // MARK: Paths

    private func step(_ left: Syntax, _ right: Syntax, at position: Int) throws(JSONataError) -> Syntax {
        let first = try resolve(left)
        var path = first
        if case .path = first.kind {} else { path = Syntax(.path([first]), at: position) }
        if case .parent(let slot) = first.kind { path.seekingParent = [slot] }
        guard case .path(var steps) = path.kind else { return path }
        let rest = try resolve(right)
        if case .path(let more) = rest.kind {
            steps += more
        } else {
            if !rest.predicates.isEmpty {
                rest.stages = rest.predicates
                rest.predicates = []
            }
            steps.append(rest)
        }
        try nameSteps(steps)
        if steps.contains(where: \.keepsArray) { path.keepsSingletonArray = true }
        if let first = steps.first, case .array = first.kind { first.isArrayValue = true }
        if let last = steps.last, case .array = last.kind { last.isArrayValue = true }
        path.kind = .path(steps)
        try Ancestry.resolve(path)
        return path
    }

    /// A string between dots is a name; other literals cannot be steps.
    private func nameSteps(_ steps: [Syntax]) throws(JSONataError) {
        for step in steps {
            switch step.kind {
            case .number(let value):
                throw JSONataError(code: "S0213", position: step.position, value: JSON(number: value))
            case .constant(let value): throw JSONataError(code: "S0213", position: step.position, value: value)
            case .string(let text): step.kind = .name(text)
            default: break
            }
        }
    }

    private func filter(_ left: Syntax, _ right: Syntax, at position: Int) throws(JSONataError) -> Syntax {
        let result = try resolve(left)
        var target = result
        var isStep = false
        if case .path(let steps) = result.kind, let last = steps.last {
            target = last
            isStep = true
        }
        guard target.group == nil else { throw JSONataError(code: "S0209", position: position) }
        let predicate = try resolve(right)
        for slot in predicate.seekingParent {
            if slot.level == 1 {
                try Ancestry.seek(slot, in: target)
            } else {
                slot.level -= 1
            }
        }
        // A bare `%` as a predicate is no part of this, and so means nothing.
        if !predicate.seekingParent.isEmpty { Ancestry.pass(from: predicate, to: target) }
        let stage = Syntax.Stage.filter(predicate, position: position)
        if isStep { target.stages.append(stage) } else { target.predicates.append(stage) }
        return result
    }

    private func grouping(_ left: Syntax, _ pairs: [Syntax.Pair], at position: Int) throws(JSONataError) -> Syntax {
        let result = try resolve(left)
        guard result.group == nil else { throw JSONataError(code: "S0210", position: position) }
        var resolved: [Syntax.Pair] = []
        for pair in pairs { resolved.append(Syntax.Pair(key: try resolve(pair.key), value: try resolve(pair.value))) }
        result.group = Syntax.Group(pairs: resolved, position: position)
        return result
    }

    private func ordering(_ left: Syntax, _ terms: [Syntax.Term], at position: Int) throws(JSONataError) -> Syntax {
        let resolved = try resolve(left)
        var path = resolved
        if case .path = resolved.kind {} else { path = Syntax(.path([resolved]), at: position) }
        var sorted: [Syntax.Term] = []
        for term in terms {
            sorted.append(Syntax.Term(isDescending: term.isDescending, expression: try resolve(term.expression)))
        }
        let sort = Syntax(.sort(sorted), at: position)
        for term in sorted { Ancestry.pass(from: term.expression, to: sort) }
        guard case .path(let steps) = path.kind else { return path }
        path.kind = .path(steps + [sort])
        try Ancestry.resolve(path)
        return path
    }

    private func focusBinding(_ left: Syntax, _ name: String, _ syntax: Syntax) throws(JSONataError) -> Syntax {
        let result = try resolve(left)
        let step = Self.lastStep(of: result)
        guard step.stages.isEmpty, step.predicates.isEmpty else {
            throw JSONataError(code: "S0215", position: syntax.position)
        }
        if case .sort = step.kind { throw JSONataError(code: "S0216", position: syntax.position) }
        if syntax.keepsArray { step.keepsArray = true }
        step.focus = name
        step.carriesBindings = true
        return result
    }

    private func indexBinding(_ left: Syntax, _ name: String, at position: Int) throws(JSONataError) -> Syntax {
        var result = try resolve(left)
        let step = Self.lastStep(of: result)
        if step === result {
            result = Syntax(.path([step]), at: position)
            step.stages = step.predicates
            step.predicates = []
        }
        if step.stages.isEmpty { step.index = name } else { step.stages.append(.index(name)) }
        step.carriesBindings = true
        return result
    }

    private static func lastStep(of syntax: Syntax) -> Syntax {
        if case .path(let steps) = syntax.kind, let last = steps.last { last } else { syntax }
    }

    // MARK: Everything else

    private func resolveCompound(_ syntax: Syntax) throws(JSONataError) -> Syntax {
        switch syntax.kind {
        case .negation(let operand): return try negation(operand, at: syntax.position)
        case .application(let left, let right):
            let result = Syntax(.application(try resolve(left), try resolve(right)), at: syntax.position)
            for side in result.kind.children where side.keepsArray { result.keepsArray = true }
            return result
        case .lambda(let parameters, let signature, let body):
            // What `%` means inside a function is not known here, so nothing is passed on.
            return Syntax(
                .lambda(parameters: parameters, signature: signature, body: try resolve(body)), at: syntax.position)
        case .transform(let pattern, let update, let deletion):
            var resolvedDeletion: Syntax?
            if let deletion { resolvedDeletion = try resolve(deletion) }
            return Syntax(
                .transform(pattern: try resolve(pattern), update: try resolve(update), deletion: resolvedDeletion),
                at: syntax.position)
        default:
            let result = Syntax(try resolveChildren(of: syntax.kind), at: syntax.position)
            var heirs = result.kind.children
            // The procedure of a call does not pass its parents on.
            switch result.kind {
            case .call, .partial: heirs.removeFirst()
            default: break
            }
            for child in heirs { Ancestry.pass(from: child, to: result) }
            if case .block(let parts) = result.kind { result.isArrayValue = parts.contains(where: Self.isArrayValue) }
            return result
        }
    }

    private func resolveChildren(of kind: Syntax.Kind) throws(JSONataError) -> Syntax.Kind {
        switch kind {
        case .binary(let symbol, let left, let right): return .binary(symbol, try resolve(left), try resolve(right))
        case .binding(let name, let value): return .binding(name, try resolve(value))
        case .elvis(let left, let right): return .elvis(try resolve(left), try resolve(right))
        case .coalesce(let left, let right): return .coalesce(try resolve(left), try resolve(right))
        case .array(let items): return .array(try resolve(items))
        case .block(let items): return .block(try resolve(items))
        case .object(let pairs):
            var resolved: [Syntax.Pair] = []
            for pair in pairs {
                resolved.append(Syntax.Pair(key: try resolve(pair.key), value: try resolve(pair.value)))
            }
            return .object(resolved)
        case .call(let procedure, let arguments): return .call(try resolve(procedure), try resolve(arguments))
        case .partial(let procedure, let arguments): return .partial(try resolve(procedure), try resolve(arguments))
        case .condition(let test, let then, let otherwise):
            var resolvedOtherwise: Syntax?
            if let otherwise { resolvedOtherwise = try resolve(otherwise) }
            return .condition(try resolve(test), then: try resolve(then), otherwise: resolvedOtherwise)
        default: return kind
        }
    }

    private func resolve(_ items: [Syntax]) throws(JSONataError) -> [Syntax] {
        var resolved: [Syntax] = []
        resolved.reserveCapacity(items.count)
        for item in items { resolved.append(try resolve(item)) }
        return resolved
    }

    private func negation(_ operand: Syntax, at position: Int) throws(JSONataError) -> Syntax {
        let resolved = try resolve(operand)
        if case .number(let value) = resolved.kind {
            resolved.kind = .number(-value)
            return resolved
        }
        let result = Syntax(.negation(resolved), at: position)
        Ancestry.pass(from: resolved, to: result)
        return result
    }

    private static func isArrayValue(_ syntax: Syntax) -> Bool {
        if syntax.isArrayValue { return true }
        if case .path(let steps) = syntax.kind, let first = steps.first { return first.isArrayValue }
        return false
    }
}
