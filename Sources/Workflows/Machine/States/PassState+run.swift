import Core
import StatesLanguage

extension MachineRun {
    mutating func runPass(_ pass: PassState, _ visit: Visit, in id: FlowID) throws(StateFailure) -> StateOutcome {
        let input = try input(of: visit, in: id)
        var result = input
        if let parameters = pass.parameters {
            var scope = scope(of: visit, in: id)
            scope.filtered = input.json
            let parameters = try value(of: parameters, &scope)
            inspection?.afterParameters = parameters
            result = Payload(parameters)
        }
        if let fixed = pass.result { result = Payload(fixed) }
        inspection?.result = result
        return .result(result)
    }
}
