import Core
import StatesLanguage

extension MachineRun {
    /// Deals with a failure of the state that the flow is in: retries it, catches it, or fails the flow.
    mutating func fail(_ id: FlowID, _ failure: StateFailure) {
        guard let visit = state.flows[id].visit else { return }
        inspection?.failure = failure.output
        recordEvaluationFailure(id, visit, failure)
        // A map run's own attempt stays known, so that a redrive can go on with it.
        if case .task = visit.activity { state.flows[id].visit?.activity = .running }
        if case .waiting = visit.activity { state.flows[id].visit?.activity = .running }
        if retry(id, visit, failure) { return }
        recordStateFailed(id, visit, failure)
        let caught = visit.state.catchers.enumerated().first { failure.matches($0.element.errors) }
        if let (index, catcher) = caught {
            inspection?.catchIndex = index
            do {
                return try goOn(id, visit, caught: failure, by: catcher)
            } catch {
                recordEvaluationFailure(id, visit, error)
                return failFlow(id, error)
            }
        }
        failFlow(id, failure)
    }

    private mutating func recordEvaluationFailure(_ id: FlowID, _ visit: Visit, _ failure: StateFailure) {
        guard case .evaluation(let location, let isLate) = failure.origin else { return }
        let flow = state.flows[id]
        let isFirst = flow.lastEventID == visit.enteredEventID && !isLate
        state.flows[id].lastEventID = record(
            .evaluationFailed,
            .evaluationFailed(failure.output, location: location, state: visit.state.name),
            previous: isFirst ? visit.previousEventID : flow.lastEventID)
    }

    /// Map and Parallel states say that they failed, unless it was their own paths and values.
    private mutating func recordStateFailed(_ id: FlowID, _ visit: Visit, _ failure: StateFailure) {
        switch failure.origin {
        case .runtime, .task, .heartbeat, .failState: return
        case .children, .mapRun, .evaluation: break
        }
        switch visit.state.kind {
        case .map: record(.mapStateFailed, in: id)
        case .parallel: record(.parallelStateFailed, in: id)
        default: break
        }
    }

    // MARK: Retry

    private mutating func retry(_ id: FlowID, _ visit: Visit, _ failure: StateFailure) -> Bool {
        let retriers = visit.state.retriers
        guard let index = retriers.firstIndex(where: { failure.matches($0.errors) }) else { return false }
        let retrier = retriers[index]
        var retries = visit.retries.isEmpty ? [Int64](repeating: 0, count: retriers.count) : visit.retries
        inspection?.retry = (index, nil)
        guard retries[index] < retrier.maxAttempts else { return false }
        var seconds = retrier.delaySeconds(attempt: retries[index])
        if retrier.jitterStrategy == .full { seconds = Double.random(in: 0...max(0, seconds), using: &random) }
        inspection?.retry = (index, Int64(seconds.rounded()))
        retries[index] += 1
        removeChildren(of: id)
        state.flows[id].visit?.retries = retries
        state.flows[id].visit?.retryCount += 1
        let milliseconds = min(seconds * 1000, Double(WaitState.maximumSeconds) * 1000)
        state.flows[id].visit?.activity = .retrying(at: now.adding(milliseconds: Int64(milliseconds)))
        return true
    }

    // MARK: Catch

    private mutating func goOn(
        _ id: FlowID, _ visit: Visit, caught failure: StateFailure, by catcher: Catcher
    ) throws(StateFailure) {
        var scope = scope(of: visit, in: id)
        let error = failure.output.json
        scope.errorOutput = error
        scope.filtered = error
        let assigned = try assignments(catcher.assign, &scope)
        let output: Payload
        if catcher.queryLanguage == .jsonata {
            output = Payload(
                try catcher.output.map { template throws(StateFailure) in try value(of: template, &scope) } ?? error)
        } else {
            output = try insert(Payload(error), into: visit.payload, catcher.resultPath, &scope)
        }
        try assign(assigned, in: id, visit)
        exit(id, visit, output: output, assigned: assigned)
        goOn(id, to: catcher.next, with: output)
    }

    // MARK: Failing on

    private mutating func failFlow(_ id: FlowID, _ failure: StateFailure) {
        if let parent = state.flows[id].parent {
            childFailed(parent, id, failure)
        } else {
            failExecution(failure.output, previous: state.flows[id].lastEventID)
        }
    }
}
