import Core

extension EvaluationScope {
    /// The value of an intrinsic call that stands in a field.
    public mutating func evaluate(_ field: IntrinsicField) throws(EvaluationFailure) -> JSON {
        try evaluate(field.call, in: field)
    }

    /// Calls nest at most ten levels deep, as the parser sees to.
    private mutating func evaluate(_ call: IntrinsicCall, in field: IntrinsicField) throws(EvaluationFailure) -> JSON {
        var values: [JSON] = []
        values.reserveCapacity(call.arguments.count)
        for argument in call.arguments { values.append(try evaluate(argument, in: field)) }
        do throws(IntrinsicMistake) {
            return try apply(call, to: values)
        } catch {
            throw EvaluationFailure(
                ErrorName.intrinsicFailure,
                "The function '\(call.text)' had the following error: \(error.reason)")
        }
    }

    private mutating func evaluate(
        _ argument: IntrinsicArgument, in field: IntrinsicField
    ) throws(EvaluationFailure) -> JSON {
        switch argument {
        case .string(let string): return .string(string.value)
        case .literal(let value): return value
        case .call(let call): return try evaluate(call, in: field)
        case .path(let path):
            let document = try requiredDocument(of: path)
            do throws(PathFailure) {
                return try path.value(in: document)
            } catch {
                throw EvaluationFailure(
                    ErrorName.runtime,
                    "The JsonPath argument for the field '\(path.text)' could not be found in the input "
                        + "'\(document.text())'")
            }
        }
    }

    private mutating func apply(_ call: IntrinsicCall, to values: [JSON]) throws(IntrinsicMistake) -> JSON {
        let arguments = IntrinsicArguments(values)
        switch call.function {
        case .array: return .array(values)
        case .arrayContains: return .bool(try arguments.array(0).contains(values[1]))
        case .arrayGetItem: return try arguments.item()
        case .arrayLength: return JSON(try arguments.array(0).count)
        case .arrayPartition: return try arguments.partition()
        case .arrayRange: return try arguments.range()
        case .arrayUnique: return .array(try arguments.unique())
        case .base64Decode: return .string(try arguments.base64Decoded())
        case .base64Encode: return .string(Base64.encode(Array(try arguments.boundedString(0).utf8)))
        case .format: return .string(try format(call, values))
        case .hash: return .string(try arguments.hash())
        case .jsonMerge: return try arguments.merge()
        case .jsonToString: return .string(values[0].text())
        case .mathAdd: return .int(try arguments.sum())
        case .mathRandom: return .int(try arguments.randomNumber(&random))
        case .stringSplit: return .array(try arguments.split())
        case .stringToJson: return try arguments.parsed()
        case .uuid: return .string(UUIDText.random(using: &random))
        }
    }

    /// The template may also come from a path or another call, and then has no pieces ready.
    private func format(_ call: IntrinsicCall, _ values: [JSON]) throws(IntrinsicMistake) -> String {
        guard case .string(let template) = values[0] else {
            throw IntrinsicMistake("The first argument must be a string")
        }
        let pieces: [String]
        if case .string(let string) = call.arguments[0] {
            pieces = string.pieces
        } else {
            pieces = IntrinsicArguments.pieces(of: template)
        }
        return try IntrinsicArguments.format(pieces, values[1...])
    }
}

/// What is wrong with the arguments of a call.
struct IntrinsicMistake: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}
