import Core
import StatesLanguage

extension MachineRun {
    mutating func runFail(_ fail: FailState, _ visit: Visit, in id: FlowID) throws(StateFailure) -> StateOutcome {
        inspection?.afterInputPath = visit.payload
        var scope = scope(of: visit, in: id)
        let output = try evaluate(&scope) { evaluation throws(EvaluationFailure) in
            ErrorOutput(
                error: try fail.error.map { field throws(EvaluationFailure) in
                    try evaluation.string(field, named: "Error")
                },
                cause: try fail.cause.map { field throws(EvaluationFailure) in
                    try evaluation.string(field, named: "Cause")
                })
        }
        throw StateFailure(output, origin: .failState)
    }
}
