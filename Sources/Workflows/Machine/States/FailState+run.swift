import Core
import StatesLanguage

extension MachineRun {
    mutating func runFail(_ fail: FailState, _ visit: Visit, in id: FlowID) throws(StateFailure) -> StateOutcome {
        var scope = scope(of: visit, in: id)
        var output = ErrorOutput(error: nil, cause: nil)
        if let error = fail.error { output.error = try string(error, &scope) }
        if let cause = fail.cause { output.cause = try string(cause, &scope) }
        throw StateFailure(output, origin: .failState)
    }
}
