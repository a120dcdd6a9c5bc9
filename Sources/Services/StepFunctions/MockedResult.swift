import AWSModels
import Core
import StatesLanguage
import Wire

/// The checking of a mocked result against what the service's operation answers, as TestState does it.
struct MockedResult {
    enum Mode: String {
        /// Required members must be there, and all that are there must be right.
        case strict = "STRICT"
        /// What is there must be right.
        case present = "PRESENT"
        case none = "NONE"
    }

    let mode: Mode

    /// Values inside one another.
    private static let maxDepth = 100

    /// What a task of that integration answers with: of `.sync` tasks, what the polling of the job answers.
    static func shape(of integration: ServiceIntegration, in services: InProcessServices) -> ShapeSchema? {
        let names = integration.isSDK ? SDKService.sdk(integration.service) : .optimized(integration.service)
        let isJob = integration.pattern == .sync || integration.pattern == .sync2
        let action =
            isJob && integration.service == "states" ? "DescribeExecution" : SDKService.capitalized(integration.action)
        let model = services[names.modelID]?.model ?? modelOfOthers(names.modelID)
        return model?.operation(named: action)?.output
    }

    /// What services answer that the host does not have: their tasks run with mocks only.
    private static func modelOfOthers(_ id: String) -> ServiceModel? {
        switch id {
        case "dynamodb": DynamoDB.model
        case "kms": KMS.model
        case "secretsmanager": SecretsManager.model
        case "ssm": SSM.model
        default: nil
        }
    }

    /// What is wrong with the result; nil when nothing is.
    func problem(_ result: JSON, _ shape: ShapeSchema) -> String? {
        guard mode != .none, case .object(let object) = result else { return nil }
        return problem(object, shape, depth: 0).map { "Mock result schema validation error: \($0)" }
    }

    private func problem(_ object: JSONObject, _ shape: ShapeSchema, depth: Int) -> String? {
        for member in shape.members {
            let name = SDKService.capitalized(member.name)
            guard let value = object[name] else {
                if member.isRequired, mode == .strict { return "Required field '\(name)' is missing" }
                continue
            }
            if let found = problem(value, member.target, "Field '\(name)'", depth: depth) { return found }
        }
        return nil
    }

    private func problem(_ json: JSON, _ shape: ShapeSchema, _ field: String, depth: Int) -> String? {
        guard depth < Self.maxDepth else { return "\(field) is nested too deeply" }
        switch (shape.kind, json) {
        case (.structure, .object(let object)): return problem(object, shape, depth: depth + 1)
        case (.structure, _) where json.objectValue == nil, (.map, _) where json.objectValue == nil:
            return "\(field) must be an object"
        case (.map, .object(let object)):
            return object.values.lazy.compactMap { problem($0, shape.value.target, field, depth: depth + 1) }.first
        case (.list, .array(let elements)):
            return elements.lazy.compactMap { problem($0, shape.element.target, field, depth: depth + 1) }.first
        case (.list, _): return "\(field) must be an array"
        case (.string, .string(let text)): return problem(text, shape, field)
        case (.blob, .string(let text)): return lengthProblem(text.utf8.count, shape, field)
        case (.timestamp, .string): return nil
        case (.string, _), (.blob, _), (.timestamp, _): return "\(field) must be a string"
        case (.boolean, .bool): return nil
        case (.boolean, _): return "\(field) must be a boolean"
        case (.integer, _), (.long, _), (.float, _), (.double, _):
            guard let number = json.doubleValue else { return "\(field) must be a number" }
            if let minimum = shape.constraints?.minimum, number < minimum {
                return "\(field) is less than the minimum value"
            }
            if let maximum = shape.constraints?.maximum, number > maximum {
                return "\(field) exceeds the maximum value"
            }
            return nil
        default: return nil
        }
    }

    private func problem(_ text: String, _ shape: ShapeSchema, _ field: String) -> String? {
        if let values = shape.constraints?.enumeration, !values.isEmpty, !values.contains(text) {
            return "\(field) is not an expected value"
        }
        return lengthProblem(text.unicodeScalars.count, shape, field)
    }

    private func lengthProblem(_ length: Int, _ shape: ShapeSchema, _ field: String) -> String? {
        if let minimum = shape.constraints?.minimum, Double(length) < minimum {
            return "\(field) is smaller than the minimum length"
        }
        if let maximum = shape.constraints?.maximum, Double(length) > maximum {
            return "\(field) exceeds the maximum length"
        }
        return nil
    }
}
