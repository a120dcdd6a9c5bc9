import Core
import StatesLanguage

extension MachineRun {
    mutating func runWait(_ wait: WaitState, _ visit: Visit, in id: FlowID) throws(StateFailure) -> StateOutcome {
        let input = try input(of: visit, in: id)
        var scope = scope(of: visit, in: id)
        scope.filtered = input.json
        let until: Timestamp
        do throws(StateFailure) {
            until = try evaluate(&scope) { evaluation throws(EvaluationFailure) in try evaluation.deadline(of: wait) }
        } catch {
            throw error.afterEntry
        }
        // A wait that is over already needs no timer.
        guard until > now else { return .result(input) }
        state.flows[id].visit?.activity = .waiting(until: until)
        return .waiting
    }

    mutating func completeWait(_ id: FlowID, _ visit: Visit) {
        do throws(StateFailure) {
            complete(id, result: try input(of: visit, in: id))
        } catch {
            fail(id, error)
        }
    }
}

extension StateFailure {
    /// AWS enters a Wait state before it looks at the instant, so that its failure follows the entry.
    fileprivate var afterEntry: StateFailure {
        guard case .evaluation(let location, _) = origin, output.cause?.contains("The JSONata expression") != true
        else {
            return self
        }
        var late = self
        late.origin = .evaluation(location: location, isLate: true)
        return late
    }
}
