import Core
import JSONata

extension EvaluationScope {
    /// The value of an expression, which must not be undefined.
    public mutating func evaluate(_ field: JSONataField) throws(EvaluationFailure) -> JSON {
        let result: JSONataResult
        do throws(JSONataError) {
            result = try field.expression.evaluate(in: self, seed: random.next())
        } catch {
            throw field.failure("threw an error during evaluation. \(error.code): \(error.message)")
        }
        switch result {
        case .value(let value): return value
        case .undefined: throw field.failure("returned nothing (undefined).")
        case .function: throw field.failure("returned an unsupported result type.")
        }
    }

    mutating func boolean(_ field: JSONataField) throws(EvaluationFailure) -> Bool {
        let value = try evaluate(field)
        guard case .bool(let boolean) = value else { throw field.mismatch("boolean", value) }
        return boolean
    }

    mutating func string(_ field: JSONataField) throws(EvaluationFailure) -> String {
        let value = try evaluate(field)
        guard case .string(let text) = value else { throw field.mismatch("string", value) }
        return text
    }

    mutating func array(_ field: JSONataField) throws(EvaluationFailure) -> [JSON] {
        let value = try evaluate(field)
        guard case .array(let array) = value else { throw field.mismatch("array", value) }
        return array
    }

    mutating func number(_ field: JSONataField) throws(EvaluationFailure) -> Double {
        let value = try evaluate(field)
        guard let number = value.doubleValue else { throw field.mismatch("number", value) }
        return number
    }

    mutating func integer(_ field: JSONataField) throws(EvaluationFailure) -> Int64 {
        let value = try evaluate(field)
        guard value.isNumber else { throw field.mismatch("number", value) }
        guard let integer = value.intValue else { throw field.mismatch("integer", value) }
        return integer
    }
}

extension JSONataField {
    func failure(_ ending: String) -> EvaluationFailure {
        EvaluationFailure(
            ErrorName.queryEvaluationError,
            "The JSONata expression '\(source)' specified for the field '\(field)' \(ending)", location: field)
    }

    func mismatch(_ expected: String, _ value: JSON) -> EvaluationFailure {
        failure(
            "returned an unexpected result type. Expected '\(expected)', but was '\(value.typeName)' for value: "
                + value.text())
    }
}
