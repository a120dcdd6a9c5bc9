import Core
import StatesLanguage

/// Where a Choice state goes, and what it takes along.
struct ChosenRule {
    /// The effective input.
    let input: JSON
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
        scope.filtered = input
        for rule in choice.rules where try holds(rule.condition, &scope) {
            return .chosen(
                ChosenRule(
                    input: input, next: rule.next, output: rule.output ?? visit.state.output,
                    assign: rule.assign ?? visit.state.assign))
        }
        guard let next = choice.defaultNext else {
            throw .runtime(
                scope.cause("Failed to transition out of the state. The state does not point to a next state."),
                error: ErrorName.noChoiceMatched)
        }
        return .chosen(
            ChosenRule(input: input, next: next, output: visit.state.output, assign: visit.state.assign))
    }
}
