import Core

extension EvaluationScope {
    /// The whole number of a field such as `MaxConcurrency` or `MaxConcurrencyPath`.
    ///
    /// - Parameter name: The field's name without `Path`.
    public mutating func integer(_ field: FieldValue<Int64>, named name: String) throws(EvaluationFailure) -> Int64 {
        switch field {
        case .constant(let value): return value
        case .jsonata(let expression): return try integer(expression)
        case .intrinsic(let call):
            guard let value = try evaluate(call).intValue else {
                throw EvaluationFailure(ErrorName.runtime, "The \(name) field must be an integer")
            }
            return value
        case .path(let field):
            let value = try value(of: field.path)
            guard let integer = value.intValue ?? value.stringValue.flatMap({ Int64($0) }) else {
                throw field.mismatch(value, "integer")
            }
            return integer
        }
    }

    /// A whole number that must not be negative.
    public mutating func count(_ field: FieldValue<Int64>, named name: String) throws(EvaluationFailure) -> Int64 {
        let value = try integer(field, named: name)
        guard value >= 0 else { throw negative(name, field) }
        return value
    }

    /// The share of items that may fail, 0 to 100.
    public mutating func percentage(_ field: FieldValue<Double>, named name: String) throws(EvaluationFailure) -> Double
    {
        let value: Double
        switch field {
        case .constant(let constant): value = constant
        case .jsonata(let expression): value = try number(expression)
        case .intrinsic(let call): value = try evaluate(call).doubleValue ?? -1
        case .path(let field):
            let found = try self.value(of: field.path)
            guard let number = found.doubleValue ?? found.stringValue.flatMap({ Double($0) }) else {
                throw field.mismatch(found, "float")
            }
            value = number
        }
        guard value >= 0, value <= 100 else {
            throw EvaluationFailure(
                failureName(of: field), "\(name) must be between 0 and 100.", location: field.location)
        }
        return value
    }

    /// The text of `Error` or `Cause`, or of their paths.
    public mutating func string(_ field: FieldValue<String>, named name: String) throws(EvaluationFailure) -> String {
        switch field {
        case .constant(let text): return text
        case .jsonata(let expression): return try string(expression)
        case .intrinsic(let call): return try string(try evaluate(call), call.field)
        case .path(let field): return try string(try value(of: field), field.field)
        }
    }

    private func string(_ value: JSON, _ field: String) throws(EvaluationFailure) -> String {
        guard case .string(let text) = value else {
            throw EvaluationFailure(
                ErrorName.runtime, "The value of the field '\(field)' must be a string, but was: \(value.text())")
        }
        return text
    }

    private func negative<Value>(_ name: String, _ field: FieldValue<Value>) -> EvaluationFailure {
        EvaluationFailure(failureName(of: field), "\(name) cannot be negative.", location: field.location)
    }

    private func failureName<Value>(of field: FieldValue<Value>) -> String {
        field.location == nil ? ErrorName.runtime : ErrorName.queryEvaluationError
    }
}

extension FieldValue {
    /// The field of a JSONata expression.
    var location: String? { if case .jsonata(let field) = self { field.field } else { nil } }
}

extension FieldPath {
    fileprivate func mismatch(_ value: JSON, _ expected: String) -> EvaluationFailure {
        EvaluationFailure(
            ErrorName.runtime,
            "The \(field) field refers to value \"\(value.plainText)\" which is not a valid \(expected): \(path.text)")
    }
}

extension JSON {
    /// A string as it is, anything else as JSON.
    var plainText: String { stringValue ?? text() }
}
