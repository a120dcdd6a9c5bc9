import Core
import StatesLanguage

/// The state under test, compiled, in a graph of its own.
struct TestedState {
    let graph: StateGraph
    let state: State

    init(_ test: StateTest) throws(WorkflowError) {
        let document: JSON
        do throws(JSONParseError) {
            document = try JSON(parsing: test.definition)
        } catch {
            // The compiler words the error as the service does.
            _ = try MachineCache.compile(test.definition)
            throw WorkflowError(.invalidDefinition, "Invalid State Machine Definition: '\(error)'")
        }
        let isMachine = document["States"] != nil && document["Type"] == nil
        let text = isMachine ? test.definition : Self.machine(around: document).text()
        let definition = try MachineCache.compile(text)
        let name = test.stateName ?? (isMachine ? nil : ExecutionState.TestConditions.stateName)
        guard let name else {
            throw WorkflowError(.validation, "The field 'stateName' is required when a state machine is tested.")
        }
        let wanted = isMachine ? name : ExecutionState.TestConditions.stateName
        guard let (graph, state) = definition.graph.locate(wanted) else {
            throw WorkflowError(.validation, "State not found in definition")
        }
        self.graph = graph
        self.state = state
    }

    /// A machine of the state and of empty ones for every state that it leads to.
    private static func machine(around state: JSON) -> JSON {
        var states: JSONObject = [ExecutionState.TestConditions.stateName: state]
        var targets = [state["Next"], state["Default"]]
        for list in ["Catch", "Choices"] { targets += (state[list]?.arrayValue ?? []).map { $0["Next"] } }
        for case .string(let target)? in targets where states[target] == nil { states[target] = ["Type": "Succeed"] }
        return ["StartAt": .string(ExecutionState.TestConditions.stateName), "States": .object(states)]
    }
}

extension StateGraph {
    /// The state of that name with its graph, here or below. The depth of definitions is bounded.
    fileprivate func locate(_ name: String) -> (graph: StateGraph, state: State)? {
        if let index = index(of: name) { return (self, self[index]) }
        for state in states {
            switch state.kind {
            case .map(let map): if let found = map.processor.graph.locate(name) { return found }
            case .parallel(let parallel):
                for branch in parallel.branches { if let found = branch.locate(name) { return found } }
            default: break
            }
        }
        return nil
    }
}
