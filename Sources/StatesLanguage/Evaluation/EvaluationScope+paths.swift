import Core

extension EvaluationScope {
    /// What the path's root stands for; nil when the variable is not set.
    func document(of path: JSONPath) -> JSON? {
        switch path.root {
        case .input: input
        case .context: context.value
        case .variable(let name): variables[name]
        }
    }

    /// What the path's root stands for. AWS applies no path to an input that is null, not even `$`.
    func requiredDocument(of path: JSONPath) throws(EvaluationFailure) -> JSON {
        guard let document = document(of: path) else { throw EvaluationFailure.undefined(path) }
        if case .null = document, path.root == .input {
            throw EvaluationFailure(
                ErrorName.runtime, "Unable to apply Path transformation to null or empty input.")
        }
        return document
    }

    /// The value of `InputPath` or `OutputPath` in this scope.
    public func filter(_ path: PathFilter) throws(EvaluationFailure) -> JSON {
        switch path {
        case .whole: return input
        case .discard: return .object([:])
        case .path(let path): return try value(of: path)
        }
    }

    /// The value of a path field such as `InputPath`, `ItemsPath` or `SecondsPath`.
    public func value(of path: JSONPath) throws(EvaluationFailure) -> JSON {
        let document = try requiredDocument(of: path)
        do throws(PathFailure) {
            return try path.value(in: document)
        } catch {
            throw EvaluationFailure(ErrorName.runtime, "Invalid path '\(path.text)' : \(error.reason)")
        }
    }

    /// The value of a path within a payload template, or in `ErrorPath` and `CausePath`.
    public func value(of field: FieldPath) throws(EvaluationFailure) -> JSON {
        let document = try requiredDocument(of: field.path)
        do throws(PathFailure) {
            return try field.path.value(in: document)
        } catch {
            throw EvaluationFailure(
                ErrorName.runtime,
                "The JSONPath '\(field.path.text)' specified for the field '\(field.field)' could not be found in "
                    + "the input '\(document.text())'")
        }
    }
}

extension EvaluationFailure {
    static func undefined(_ path: JSONPath) -> EvaluationFailure {
        var name = ""
        if case .variable(let variable) = path.root { name = variable }
        return EvaluationFailure(ErrorName.runtime, "The variable '$\(name)' is not defined.")
    }
}
