import Core

extension EvaluationScope {
    /// The value of a template. Its depth is that of the definition, which is bounded.
    public mutating func evaluate(_ template: Template) throws(EvaluationFailure) -> JSON {
        switch template {
        case .constant(let value): return value
        case .path(let field): return try value(of: field)
        case .intrinsic(let field): return try evaluate(field)
        case .jsonata(let field): return try evaluate(field)
        case .array(let elements):
            var values: [JSON] = []
            values.reserveCapacity(elements.count)
            for element in elements { values.append(try evaluate(element)) }
            return .array(values)
        case .object(let members):
            var object = JSONObject()
            object.reserveCapacity(members.count)
            for member in members { object[member.name] = try evaluate(member.value) }
            return .object(object)
        }
    }

    /// The values of `Assign`, each seen against the variables as they were before.
    public mutating func evaluate(_ assignments: [Assignment]) throws(EvaluationFailure) -> [(
        name: String, value: JSON
    )] {
        var values: [(name: String, value: JSON)] = []
        values.reserveCapacity(assignments.count)
        for assignment in assignments { values.append((assignment.variable, try evaluate(assignment.value))) }
        return values
    }
}

extension ResultPath {
    /// Joins a state's result, or a catcher's error output, with the state's input.
    public func apply(_ result: JSON, to input: JSON) throws(EvaluationFailure) -> JSON {
        switch self {
        case .replace: return result
        case .discard: return input
        case .insert(let path): return try path.inserting(result, into: input)
        }
    }
}
