import Core

extension DefinitionCompiler {
    /// Compiles the whole definition.
    mutating func compile(_ document: JSON) -> StateMachineDefinition? {
        guard case .object(let object) = document else {
            report("Definition must be a valid JSON object")
            return nil
        }
        machineLanguage = queryLanguage(of: object, inherited: .jsonPath)
        language = machineLanguage
        checkFields(of: object, allowed: .definition)
        let version = string("Version", in: object)
        if let version, version != "1.0" {
            report("The field 'Version' should have one of these values: [1.0]", at: "Version")
        }
        let timeout = integer("TimeoutSeconds", in: object, 1...WaitState.maximumSeconds)
        let comment = string("Comment", in: object)
        guard let graph = compileGraph(object) else { return nil }
        return StateMachineDefinition(
            comment: comment, version: version ?? "1.0", queryLanguage: machineLanguage, timeoutSeconds: timeout,
            graph: graph)
    }

    /// Anything but `JSONPath` counts as JSONata in what follows, as it does for AWS; a wrong value is reported.
    private mutating func queryLanguage(of object: JSONObject, inherited: QueryLanguage) -> QueryLanguage {
        guard let value = object["QueryLanguage"] else { return inherited }
        guard case .string(let text) = value else {
            report("Expected value of type String", at: "QueryLanguage")
            return .jsonata
        }
        guard let language = QueryLanguage(rawValue: text) else {
            report(
                "The field 'QueryLanguage' should have one of these values: [JSONPath, JSONata]", at: "QueryLanguage")
            return .jsonata
        }
        return language
    }

    /// Compiles the states of a machine, branch or processor.
    mutating func compileGraph(_ object: JSONObject) -> StateGraph? {
        guard nesting < Self.maximumNesting else {
            report("States are nested deeper than \(Self.maximumNesting) levels", code: .tooDeeplyNested)
            return nil
        }
        nesting += 1
        defer { nesting -= 1 }
        require(["States", "StartAt"], in: object)
        let startAt = string("StartAt", in: object)
        guard let states = self.object("States", in: object) else { return nil }
        guard !states.isEmpty else {
            report("Value cannot be empty", at: "States")
            return nil
        }
        var transitions = TransitionTable(names: states.keys, allowsUnknown: isTest)
        let compiled = within(.member("States")) { compiler in
            states.enumerated().map { index, member in
                compiler.within(.member(member.key)) {
                    $0.compileState(member.key, index, member.value, &transitions)
                }
            }
        }
        let start = startAt.flatMap { transitions.resolve($0, at: path + [.member("StartAt")], from: nil) }
        if !isTest {
            checkTransitions(transitions, isComplete: compiled.allSatisfy { $0 != nil } && startAt != nil)
        }
        let complete = compiled.compactMap { $0 }
        guard let start, complete.count == states.count else { return nil }
        return StateGraph(states: complete, startAt: start, unknownNames: transitions.unknownNames)
    }

    private mutating func checkTransitions(_ transitions: TransitionTable, isComplete: Bool) {
        for (name, place) in transitions.dangling {
            reportTransition("Missing 'Next' target: \(name)", at: place, code: .missingTransitionTarget)
        }
        guard isComplete else { return }
        guard transitions.hasEnd else {
            reportTransition("Workflow has no terminal state", at: path, code: .missingEndState)
            return
        }
        for name in transitions.unreachable() {
            reportTransition(
                "State \"\(name)\" is not reachable.", at: path + [.member("States"), .member(name)],
                code: .missingTransitionTarget)
        }
    }

    // MARK: States

    /// Nil when so much is wrong that nothing can be said about where the state leads.
    private mutating func compileState(
        _ name: String, _ index: Int, _ value: JSON, _ transitions: inout TransitionTable
    ) -> State? {
        checkName(ofState: name)
        guard case .object(let object) = value else {
            report("Expected value of type Object")
            return nil
        }
        let own = queryLanguage(of: object, inherited: machineLanguage)
        if machineLanguage == .jsonata, own == .jsonPath, object["QueryLanguage"] != nil {
            report("'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine")
        }
        let outer = (language, field)
        language = own
        field = []
        defer { (language, field) = outer }
        guard object["Type"] != nil else {
            report("These fields are required: [Type]")
            return nil
        }
        guard let type: StateType = choice("Type", in: object) else { return nil }
        checkFields(of: object, allowed: .state(type))
        transitions.current = index
        return compileState(name, index, type, object, &transitions)
    }

    private mutating func compileState(
        _ name: String, _ index: Int, _ type: StateType, _ object: JSONObject, _ transitions: inout TransitionTable
    ) -> State? {
        let comment = string("Comment", in: object)
        let transition = compileTransition(type, object, &transitions)
        let inputPath = compilePathFilter("InputPath", in: object)
        let outputPath = compilePathFilter("OutputPath", in: object)
        let output = language == .jsonata ? compileTemplate("Output", in: object) : nil
        let assign = compileAssign(in: object) ?? []
        guard let kind = compileKind(type, object, &transitions) else { return nil }
        return State(
            name: name, index: index, comment: comment, queryLanguage: language, transition: transition,
            inputPath: inputPath, outputPath: outputPath, output: output, assign: assign, kind: kind)
    }

    private mutating func compileTransition(
        _ type: StateType, _ object: JSONObject, _ transitions: inout TransitionTable
    ) -> Transition {
        switch type {
        case .choice: return .end
        case .succeed, .fail:
            transitions.hasEnd = true
            return .end
        default: break
        }
        let which = one(of: ["Next", "End"], in: object, required: true)
        guard which == "Next" else {
            if which == "End", boolean("End", in: object) == false { report("'End' must be true", at: "End") }
            transitions.hasEnd = true
            return .end
        }
        return string("Next", in: object)
            .flatMap { transitions.resolve($0, at: path + [.member("Next")]) }.map(Transition.next) ?? .end
    }

    private mutating func compileKind(
        _ type: StateType, _ object: JSONObject, _ transitions: inout TransitionTable
    ) -> StateKind? {
        switch type {
        case .pass: .pass(compilePass(object))
        case .succeed: .succeed
        case .fail: .fail(compileFail(object))
        case .wait: compileWait(object).map(StateKind.wait)
        case .choice: compileChoice(object, &transitions).map(StateKind.choice)
        case .task: compileTask(object, &transitions).map(StateKind.task)
        case .parallel: compileParallel(object, &transitions).map(StateKind.parallel)
        case .map: compileMap(object, &transitions).map(StateKind.map)
        }
    }
}
