extension StateMachineDefinition {
    /// The workflow variables that each state reads, by the state's name; states that read none are left out.
    ///
    /// States of branches and processors are listed under their own names. The variables are sorted.
    public func variableReferences() -> [(state: String, variables: [String])] {
        var found: [(state: String, variables: [String])] = []
        Self.collect(graph, into: &found)
        return found
    }

    // As deep as graphs are nested, which the compiler bounds.
    private static func collect(_ graph: StateGraph, into found: inout [(state: String, variables: [String])]) {
        for state in graph.states {
            var collector = VariableCollector()
            collector.add(state)
            if !collector.names.isEmpty { found.append((state.name, collector.names.sorted())) }
            switch state.kind {
            case .parallel(let parallel): for branch in parallel.branches { collect(branch, into: &found) }
            case .map(let map): collect(map.processor.graph, into: &found)
            default: continue
            }
        }
    }
}

/// Gathers the names of the variables in a state's expressions.
private struct VariableCollector {
    private(set) var names: Set<String> = []

    mutating func add(_ state: State) {
        add(state.inputPath)
        add(state.outputPath)
        add(state.output)
        add(state.assign)
        switch state.kind {
        case .succeed: return
        case .pass(let pass): add(pass.parameters)
        case .task(let task): add(task)
        case .choice(let choice): for rule in choice.rules { add(rule) }
        case .wait(.seconds(let field)): add(field)
        case .wait(.timestamp(let field)): add(field)
        case .fail(let fail):
            add(fail.error)
            add(fail.cause)
        case .parallel(let parallel):
            add(parallel.arguments)
            add(parallel.resultSelector)
            add(parallel.catchers)
        case .map(let map): add(map)
        }
    }

    private mutating func add(_ task: TaskState) {
        add(task.arguments)
        add(task.resultSelector)
        add(task.timeoutSeconds)
        add(task.heartbeatSeconds)
        add(task.credentials)
        add(task.catchers)
    }

    private mutating func add(_ map: MapState) {
        add(map.itemSelector)
        add(map.maxConcurrency)
        add(map.resultSelector)
        add(map.toleratedFailureCount)
        add(map.toleratedFailurePercentage)
        add(map.itemBatcher?.maxItemsPerBatch)
        add(map.itemBatcher?.maxInputBytesPerBatch)
        add(map.itemBatcher?.batchInput)
        add(map.resultWriter?.arguments)
        add(map.catchers)
        switch map.items {
        case .input: return
        case .path(let path): add(path)
        case .template(let template): add(template)
        case .reader(let reader, let path):
            if let path { add(path) }
            add(reader.arguments)
            add(reader.configuration.maxItems)
        }
    }

    private mutating func add(_ rule: ChoiceRule) {
        add(rule.condition)
        add(rule.output)
        add(rule.assign ?? [])
    }

    private mutating func add(_ condition: ChoiceCondition) {
        switch condition {
        case .and(let inner), .or(let inner): for condition in inner { add(condition) }
        case .not(let inner): add(inner)
        case .jsonata(let field): add(field)
        case .constant: return
        case .comparison(let comparison):
            add(comparison.variable)
            if let path = comparison.test.operandPath { add(path) }
        }
    }

    private mutating func add(_ catchers: [Catcher]) {
        for catcher in catchers {
            add(catcher.output)
            add(catcher.assign)
        }
    }

    private mutating func add(_ assignments: [Assignment]) { for assignment in assignments { add(assignment.value) } }

    private mutating func add(_ template: Template?) {
        switch template {
        case nil, .constant: return
        case .path(let field): add(field.path)
        case .intrinsic(let field): add(field.call)
        case .jsonata(let field): add(field)
        case .object(let members): for member in members { add(member.value) }
        case .array(let elements): for element in elements { add(element) }
        }
    }

    private mutating func add<Value>(_ field: FieldValue<Value>?) {
        switch field {
        case nil, .constant: return
        case .path(let field): add(field.path)
        case .intrinsic(let field): add(field.call)
        case .jsonata(let field): add(field)
        }
    }

    private mutating func add(_ call: IntrinsicCall) {
        for argument in call.arguments {
            switch argument {
            case .path(let path): add(path)
            case .call(let inner): add(inner)
            case .string, .literal: continue
            }
        }
    }

    private mutating func add(_ filter: PathFilter) { if case .path(let path) = filter { add(path) } }

    private mutating func add(_ path: JSONPath) { if case .variable(let name) = path.root { names.insert(name) } }

    private mutating func add(_ field: JSONataField) { names.formUnion(field.expression.variableNames) }
}

extension ChoiceTest {
    /// The path of an operator whose name ends in `Path`.
    fileprivate var operandPath: JSONPath? {
        switch self {
        case .boolean(.path(let path, _)), .numeric(_, .path(let path, _)), .string(_, .path(let path, _)),
            .timestamp(_, .path(let path, _)):
            path
        default: nil
        }
    }
}
