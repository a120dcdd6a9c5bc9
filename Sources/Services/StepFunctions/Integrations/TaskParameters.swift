import Core
import Wire

/// Why the parameters of a task cannot be those of its operation.
struct TaskParameterProblem: Error, Sendable, Equatable {
    var message: String
}

/// The parameters of a task, read as the input of a service's operation.
///
/// Members are named in Pascal case whatever the service's own way is; values that stand where the service expects text
/// or bytes are written as JSON.
enum TaskParameters {
    /// Values inside one another.
    private static let maxDepth = 100

    /// - Parameter allowed: the members that the integration takes; nil for all of the operation.
    static func record(
        _ parameters: JSON, _ shape: ShapeSchema, allowed: Set<String>? = nil
    ) throws(TaskParameterProblem) -> Record {
        guard case .object(let object) = parameters else {
            if case .null = parameters { return Record(shape) }
            throw TaskParameterProblem(message: "The value of the field 'Parameters' has an invalid format")
        }
        if let allowed, let stranger = object.keys.first(where: { !allowed.contains($0) }) {
            throw unsupported(stranger)
        }
        return try record(object, shape, depth: 0)
    }

    private static func unsupported(_ name: String) -> TaskParameterProblem {
        TaskParameterProblem(message: "The field '\(name)' is not supported by Step Functions")
    }

    private static func record(
        _ object: JSONObject, _ shape: ShapeSchema, depth: Int
    ) throws(TaskParameterProblem) -> Record {
        var record = Record(shape)
        for (name, json) in object {
            guard let member = member(named: name, of: shape) else { throw unsupported(name) }
            if json.isNull { continue }
            record[raw: member.index] = try value(
                json, member.target, name, isStreaming: member.isStreaming, depth: depth)
        }
        return record
    }

    /// The member that Step Functions spells that way. Its own spelling, which differs from the model's where there are
    /// acronyms (`KmsMasterKeyId`), goes by letters alone.
    private static func member(named name: String, of shape: ShapeSchema) -> MemberSchema? {
        if let exact = shape.members.first(where: { SDKService.capitalized($0.name) == name }) { return exact }
        guard let first = name.first, first.isUppercase else { return nil }
        let lowercased = name.lowercased()
        return shape.members.first { $0.name.lowercased() == lowercased }
    }

    private static func value(
        _ json: JSON, _ shape: ShapeSchema, _ name: String, isStreaming: Bool = false, depth: Int
    ) throws(TaskParameterProblem) -> Value {
        let problem = TaskParameterProblem(message: "The value of the field '\(name)' has an invalid format")
        guard depth < maxDepth else { throw problem }
        switch shape.kind {
        case .string: return .string(json.stringValue ?? json.text())
        case .blob:
            // A body is the JSON of its value, text in its quotes.
            if isStreaming || shape.isStreaming { return .stream(ByteStream(json.bytes())) }
            return .blob(Array((json.stringValue ?? json.text()).utf8))
        case .document: return .document(json)
        case .list:
            guard case .array(let elements) = json else { throw problem }
            var values: [Value] = []
            for element in elements { values.append(try value(element, shape.element.target, name, depth: depth + 1)) }
            return .list(values)
        case .map:
            guard case .object(let object) = json else { throw problem }
            var entries: [MapEntry] = []
            for (key, json) in object where !json.isNull {
                entries.append(MapEntry(key: key, value: try value(json, shape.value.target, key, depth: depth + 1)))
            }
            return .map(entries)
        case .structure:
            guard case .object(let object) = json else { throw problem }
            return .structure(try record(object, shape, depth: depth + 1))
        case .boolean, .integer, .long, .float, .double, .timestamp:
            guard let scalar = scalar(json, shape.kind) else { throw problem }
            return scalar
        }
    }

    private static func scalar(_ json: JSON, _ kind: ShapeSchema.Kind) -> Value? {
        switch (kind, json) {
        case (.boolean, .bool(let flag)): .bool(flag)
        case (.boolean, .string("true")): .bool(true)
        case (.boolean, .string("false")): .bool(false)
        case (.integer, .string(let text)), (.long, .string(let text)): Int64(text).map { .integer($0) }
        case (.integer, _), (.long, _): json.intValue.map { .integer($0) }
        case (.float, .string(let text)), (.double, .string(let text)): Double(text).map { .double($0) }
        case (.float, _), (.double, _): json.doubleValue.map { .double($0) }
        case (.timestamp, .string(let text)): Timestamp(rfc3339: text).map { .timestamp($0) }
        case (.timestamp, _):
            json.doubleValue.flatMap { $0.magnitude < 1e12 ? .timestamp(Timestamp(seconds: $0)) : nil }
        default: nil
        }
    }
}
