import Core
import StatesLanguage

/// Where a Choice state goes, and what it takes along.
struct ChosenRule {
    /// The effective input.
    let input: Payload
    let next: StateGraph.Index
    let output: Template?
    let assign: [Assignment]
}

extension MachineRun {
    mutating func runChoice(
        _ choice: ChoiceState, _ visit: Visit, in id: FlowID
    ) throws(StateFailure) -> StateOutcome {
        let input = try input(of: visit, in: id)
        var scope = scope(of: visit, in: id)
        scope.filtered = input.json
        let outcome = try evaluate(&scope) { evaluation throws(EvaluationFailure) in try evaluation.choose(choice) }
        switch outcome {
        case .rule(let index):
            let rule = choice.rules[index]
            return .chosen(
                ChosenRule(
                    input: input, next: rule.next, output: rule.output ?? visit.state.output,
                    assign: rule.assign ?? visit.state.assign))
        case .defaultNext(let next):
            return .chosen(
                ChosenRule(input: input, next: next, output: visit.state.output, assign: visit.state.assign))
        }
    }
}
