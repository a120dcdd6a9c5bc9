import Core

extension EvaluationScope {
    /// The instant at which a Wait state ends.
    public mutating func deadline(of wait: WaitState) throws(EvaluationFailure) -> Timestamp {
        switch wait {
        case .seconds(let field):
            let seconds = try seconds(field)
            guard seconds <= WaitState.maximumSeconds else { throw EvaluationFailure.tooLong }
            return now.adding(milliseconds: seconds * 1000)
        case .timestamp(let field):
            let deadline = try timestamp(field)
            guard deadline.milliseconds(since: now) / 1000 <= WaitState.maximumSecondsToTimestamp else {
                throw EvaluationFailure.tooLong
            }
            return deadline
        }
    }

    private mutating func seconds(_ field: FieldValue<Int64>) throws(EvaluationFailure) -> Int64 {
        switch field {
        case .constant(let seconds): return seconds
        case .path(let field): return try seconds(field)
        case .jsonata, .intrinsic: return try count(field, named: "Seconds")
        }
    }

    private func seconds(_ field: FieldPath) throws(EvaluationFailure) -> Int64 {
        let value = try waitValue(field)
        guard let seconds = value.intValue ?? value.stringValue.flatMap({ Int64($0) }) else {
            throw EvaluationFailure(
                ErrorName.runtime,
                "The \(field.field) parameter cannot be parsed as a long value: \(field.path.text) == "
                    + value.plainText)
        }
        guard seconds >= 0 else {
            throw EvaluationFailure(
                ErrorName.runtime,
                "The \(field.field) parameter references a negative value: \(field.path.text) == \(seconds)")
        }
        return seconds
    }

    private mutating func timestamp(_ field: FieldValue<Timestamp>) throws(EvaluationFailure) -> Timestamp {
        switch field {
        case .constant(let timestamp): return timestamp
        case .jsonata(let field):
            let text = try string(field)
            guard let timestamp = Timestamp(statesLanguage: text) else {
                throw EvaluationFailure(
                    ErrorName.queryEvaluationError,
                    "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: "
                        + text, location: field.field)
            }
            return timestamp
        case .path(let field):
            let value = try waitValue(field)
            guard let timestamp = value.stringValue.flatMap(Timestamp.init(statesLanguage:)) else {
                throw EvaluationFailure(
                    ErrorName.runtime,
                    "The \(field.field) parameter does not reference a valid ISO-8601 extended offset date-time "
                        + "format string: \(field.path.text) == \(value.plainText)")
            }
            return timestamp
        case .intrinsic(let call):
            let value = try evaluate(call)
            guard let timestamp = value.stringValue.flatMap(Timestamp.init(statesLanguage:)) else {
                throw EvaluationFailure(ErrorName.runtime, "The value of '\(call.field)' is not a timestamp")
            }
            return timestamp
        }
    }

    private func waitValue(_ field: FieldPath) throws(EvaluationFailure) -> JSON {
        guard let value = document(of: field.path).flatMap(field.path.valueIfPresent(in:)) else {
            throw EvaluationFailure(
                ErrorName.runtime, "The \(field.field) parameter does not reference an input value: \(field.path.text)")
        }
        return value
    }
}

extension EvaluationFailure {
    static let tooLong = EvaluationFailure(ErrorName.runtime, "Wait state delay is too long.")
}

extension Timestamp {
    /// RFC 3339 with a capital `T` and, without an offset, a capital `Z`.
    init?(statesLanguage text: String) {
        guard !text.utf8.contains(where: { $0 == UInt8(ascii: "t") || $0 == UInt8(ascii: "z") }) else { return nil }
        self.init(rfc3339: text)
    }
}
