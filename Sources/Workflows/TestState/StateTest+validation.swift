import Core
import StatesLanguage

extension StateTest {
    /// Refuses what AWS refuses, in its words.
    func validate(_ tested: State) throws(WorkflowError) {
        try validateMock(tested)
        if mapIterationFailureCount != nil, mock == nil {
            throw refusal("TestState does not support MapIterationFailureCount when a mock is not specified.")
        }
        guard mock == nil else { return }
        switch tested.kind {
        case .map, .parallel:
            throw WorkflowError(
                .invalidDefinition,
                "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, "
                    + "Pass, Succeed, Fail, Choice]")
        case .task where roleARN == nil: throw refusal("RoleArn must be specified when testing a Task state")
        default: break
        }
    }

    private func refusal(_ message: String) -> WorkflowError { WorkflowError(.validation, message) }

    private func validateMock(_ tested: State) throws(WorkflowError) {
        guard let mock else { return }
        if revealsSecrets { throw refusal("TestState does not support RevealSecrets when a mock is specified.") }
        switch tested.kind {
        case .task, .map, .parallel: break
        default:
            throw refusal("State type '\(tested.kind.type.rawValue)' is not supported when a mock is specified")
        }
        guard case .result(let text) = mock else { return }
        guard let result = try? JSON(parsing: text) else { throw refusal("Mocked result must be valid JSON") }
        switch tested.kind {
        case .task(let task):
            guard let integration = task.resource.integration else { return }
            if let problem = checkResult?(result, integration) { throw refusal(problem) }
        case .map(let map): try validate(result, map)
        case .parallel(let parallel):
            guard case .array(let results) = result else { throw refusal("Mocked result must be an array.") }
            guard results.count == parallel.branches.count else {
                throw refusal("Mocked result must contain the same number of items as number of Parallel branches.")
            }
        default: break
        }
    }

    private func validate(_ result: JSON, _ map: MapState) throws(WorkflowError) {
        if map.resultWriter?.resource != nil {
            guard case .object = result else { throw refusal("Mocked result must be a JSON object.") }
            return
        }
        guard case .array(let results) = result else { throw refusal("Mocked result must be an array.") }
        if let failures = mapIterationFailureCount, failures > Int64(results.count) {
            throw refusal("Map iteration failure count must be less than or equal to the number of Map iterations")
        }
    }

    // MARK: The context object

    private static let contextFields: [(name: String, fields: [String])] = [
        ("Execution", ["Id", "Input", "Name", "RoleArn", "StartTime", "RedriveCount", "RedriveTime"]),
        ("State", ["EnteredTime", "Name", "RetryCount"]), ("StateMachine", ["Id", "Name"]), ("Task", ["Token"]),
    ]

    func parsedContext(_ tested: State) throws(WorkflowError) -> JSON? {
        guard let context else { return nil }
        guard let parsed = try? JSON(parsing: context), case .object(let object) = parsed else {
            throw contextRefusal("Context object must be a valid JSON object")
        }
        for (name, value) in object {
            if name == "Map" { throw contextRefusal("'Map' field is not supported when mocking a Context object") }
            guard let known = Self.contextFields.first(where: { $0.name == name }) else {
                throw contextRefusal("Field '\(name)' is not allowed")
            }
            try validate(value, known.name, known.fields)
        }
        if object["Task"] != nil, !awaitsOthers(tested) {
            throw contextRefusal(
                "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' "
                    + "service integration pattern")
        }
        return parsed
    }

    private func validate(_ value: JSON, _ name: String, _ fields: [String]) throws(WorkflowError) {
        guard case .object(let members) = value else { throw contextRefusal("\(name) must be an object") }
        for (field, member) in members {
            guard fields.contains(field) else { throw contextRefusal("Field '\(field)' is not allowed") }
            switch field {
            case "Input": break
            case "RedriveCount", "RetryCount":
                guard member.isNumber else { throw contextRefusal("\(name).\(field) must be a number") }
            default:
                guard member.stringValue != nil else { throw contextRefusal("\(name).\(field) must be a string") }
            }
        }
    }

    private func contextRefusal(_ reason: String) -> WorkflowError {
        refusal("Invalid Context object provided: \(reason)")
    }

    private func awaitsOthers(_ tested: State) -> Bool {
        guard case .task(let task) = tested.kind else { return false }
        return (task.resource.integration?.pattern ?? .requestResponse) != .requestResponse
    }
}
