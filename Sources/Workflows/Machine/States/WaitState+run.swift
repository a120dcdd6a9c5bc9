import Core
import StatesLanguage

extension MachineRun {
    mutating func runWait(_ wait: WaitState, _ visit: Visit, in id: FlowID) throws(StateFailure) -> StateOutcome {
        let input = try input(of: visit, in: id)
        var scope = scope(of: visit, in: id)
        scope.filtered = input
        let until: Timestamp
        switch wait {
        case .seconds(let field): until = deadline(after: try waitSeconds(field, &scope))
        case .timestamp(let field): until = try waitTimestamp(field, &scope)
        }
        // A wait that is over already still gives others their turn, but needs no timer.
        guard until > now else { return .result(input) }
        state.flows[id].visit?.activity = .waiting(until: until)
        return .waiting
    }

    private mutating func waitSeconds(
        _ field: FieldValue<Int64>, _ scope: inout StateScope
    ) throws(StateFailure) -> Int64 {
        let seconds = try self.seconds(field, &scope)
        guard seconds <= WaitState.maximumSeconds else { throw .runtime(scope.cause("Wait state delay is too long.")) }
        return seconds
    }

    private mutating func waitTimestamp(
        _ field: FieldValue<Timestamp>, _ scope: inout StateScope
    ) throws(StateFailure) -> Timestamp {
        let instant = try timestamp(field, &scope)
        guard instant.milliseconds(since: now) <= WaitState.maximumSeconds * 1000 else {
            throw .runtime(scope.cause("Wait state delay is too long."))
        }
        return instant
    }
}
