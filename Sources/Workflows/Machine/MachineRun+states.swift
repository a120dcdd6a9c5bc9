import Core
import StatesLanguage

/// How a state's own work came out.
enum StateOutcome {
    /// The state has its result, before any selector or path shapes it.
    case result(Payload)
    /// The state has its output, and goes where the rule that matched says.
    case chosen(ChosenRule)
    /// Something must happen first.
    case waiting
}

/// The template that every state runs through: enter, input, evaluate, output, quota, next, exit.
extension MachineRun {
    mutating func enter(_ id: FlowID, _ index: StateGraph.Index, _ input: Payload) {
        guard hasHistoryLeft else { return failHistoryQuota(previous: state.flows[id].lastEventID) }
        let entered = state.flows[id].graph[index]
        let previous = state.flows[id].lastEventID
        let event = record(
            entered.kind.type.enteredEvent, .stateEntered(name: entered.name, input: input.text), in: id)
        state.flows[id].visit = Visit(
            state: entered, enteredAt: now, enteredEventID: event, previousEventID: previous, payload: input)
        state.transitions += 1
        perform(id)
    }

    func failHistoryQuotaCause() -> String {
        "The execution reached the maximum number of history events (\(machine.limits.historyEvents))."
    }

    mutating func failHistoryQuota(previous: Int64) {
        failExecution(ErrorOutput(error: ErrorName.runtime, cause: failHistoryQuotaCause()), previous: previous)
    }

    /// Does the work of the state that the flow is in, for the first time or again.
    mutating func perform(_ id: FlowID) {
        guard let visit = state.flows[id].visit else { return }
        do {
            switch try evaluate(id, visit) {
            case .result(let result): complete(id, result: result)
            case .chosen(let rule): try complete(id, visit, rule)
            case .waiting: break
            }
        } catch {
            fail(id, error)
        }
    }

    private mutating func evaluate(_ id: FlowID, _ visit: Visit) throws(StateFailure) -> StateOutcome {
        switch visit.state.kind {
        case .pass(let pass): try runPass(pass, visit, in: id)
        case .task(let task): try runTask(task, visit, in: id)
        case .choice(let choice): try runChoice(choice, visit, in: id)
        case .wait(let wait): try runWait(wait, visit, in: id)
        case .succeed: .result(try input(of: visit, in: id))
        case .fail(let fail): try runFail(fail, visit, in: id)
        case .parallel(let parallel): try runParallel(parallel, visit, in: id)
        case .map(let map): try runMap(map, visit, in: id)
        }
    }

    // MARK: Output

    mutating func complete(_ id: FlowID, result: Payload) {
        guard let visit = state.flows[id].visit else { return }
        do {
            if visit.state.handsResultOn {
                inspection?.afterResultSelector = result
                inspection?.afterResultPath = result
                return try leave(id, visit, output: result, assigned: nil, to: visit.state.transition)
            }
            var scope = scope(of: visit, in: id)
            scope.result = result.json
            let assigned = try assignments(visit.state.assign, &scope)
            let output = try self.output(result, visit, &scope)
            try leave(id, visit, output: output, assigned: assigned, to: visit.state.transition)
        } catch {
            fail(id, error)
        }
    }

    private mutating func complete(_ id: FlowID, _ visit: Visit, _ rule: ChosenRule) throws(StateFailure) {
        var scope = scope(of: visit, in: id)
        scope.filtered = rule.input.json
        let assigned = try assignments(rule.assign, &scope)
        let output: Payload
        if let template = rule.output {
            output = Payload(try value(of: template, &scope))
        } else if visit.state.queryLanguage == .jsonata {
            output = visit.payload
        } else {
            output = try filter(visit.state.outputPath, rule.input, &scope)
        }
        try leave(id, visit, output: output, assigned: assigned, to: .next(rule.next))
    }

    private mutating func output(
        _ result: Payload, _ visit: Visit, _ scope: inout StateScope
    ) throws(StateFailure) -> Payload {
        let current = visit.state
        if current.queryLanguage == .jsonata {
            guard let template = current.output else { return result }
            return Payload(try value(of: template, &scope))
        }
        var selected = result
        if let selector = current.resultSelector {
            scope.filtered = result.json
            selected = Payload(try value(of: selector, &scope))
        }
        inspection?.afterResultSelector = selected
        let combined = try insert(selected, into: visit.payload, current.resultPath, &scope)
        inspection?.afterResultPath = combined
        return try filter(current.outputPath, combined, &scope)
    }

    /// Checks the quotas, sets the variables, records the exit and goes on.
    private mutating func leave(
        _ id: FlowID, _ visit: Visit, output: Payload, assigned: JSONObject?, to transition: Transition
    ) throws(StateFailure) {
        try checkSize(of: output.json, visit)
        try assign(assigned, in: id, visit)
        exit(id, visit, output: output, assigned: assigned)
        switch transition {
        case .next(let index): goOn(id, to: index, with: output)
        case .end: end(id, output: output)
        }
    }

    private mutating func checkSize(of output: JSON, _ visit: Visit) throws(StateFailure) {
        guard !fits(output) else { return }
        throw .runtime(
            "The state/task '\(visit.state.name)' returned a result with a size exceeding the maximum number of bytes "
                + "service limit.", error: ErrorName.dataLimitExceeded)
    }

    mutating func exit(_ id: FlowID, _ visit: Visit, output: Payload, assigned: JSONObject?) {
        guard let type = visit.state.kind.type.exitedEvent else { return }
        record(type, .stateExited(name: visit.state.name, output: output.text, assigned: assigned), in: id)
    }

    mutating func goOn(_ id: FlowID, to index: StateGraph.Index, with input: Payload) {
        removeChildren(of: id)
        state.flows[id].visit = nil
        state.flows[id].pending = (index, input)
        schedule(.run(id))
    }

    /// The flow has run its graph to the end.
    mutating func end(_ id: FlowID, output: Payload) {
        removeChildren(of: id)
        if let parent = state.flows[id].parent {
            let last = state.flows[id].lastEventID
            state.flows.remove(id)
            childSucceeded(parent, output, lastEvent: last)
        } else {
            let result = ExecutionResult(
                status: .succeeded, output: output, failure: ErrorOutput(error: nil, cause: nil))
            finish(result, .executionSucceeded, previous: state.flows[id].lastEventID)
        }
    }

    // MARK: Variables

    mutating func assignments(
        _ assign: [Assignment], _ scope: inout StateScope
    ) throws(StateFailure) -> JSONObject? {
        guard !assign.isEmpty else { return nil }
        let values = try evaluate(&scope) { evaluation throws(EvaluationFailure) in
            try evaluation.evaluate(assign)
        }
        return JSONObject(values.map { ($0.name, $0.value) })
    }

    mutating func assign(_ assigned: JSONObject?, in id: FlowID, _ visit: Visit) throws(StateFailure) {
        guard let assigned else { return }
        guard fits(.object(assigned)) else {
            throw .runtime(
                "The variables assigned by the state '\(visit.state.name)' exceed the maximum number of bytes service "
                    + "limit of \(machine.limits.payloadBytes).", error: ErrorName.dataLimitExceeded)
        }
        var variables = state.flows[id].variables
        for (name, value) in assigned { variables[name] = value }
        let all = JSON.object(JSONObject(variables.map { ($0.key, $0.value) }))
        guard PayloadMeasure.fits(all, bytes: machine.limits.variableBytes) else {
            throw .runtime(
                "The variables of the execution exceed the maximum number of bytes service limit of "
                    + "\(machine.limits.variableBytes).", error: ErrorName.dataLimitExceeded)
        }
        state.flows[id].variables = variables
        inspection?.variables = all
    }

    func fits(_ value: JSON) -> Bool { PayloadMeasure.fits(value, bytes: machine.limits.payloadBytes) }
}
