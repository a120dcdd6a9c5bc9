import Core

extension ReferencePath {
    /// A position beyond this is refused rather than filled up with nulls.
    static let maximumIndex = 100_000

    /// Sets the value at this place; objects that are missing on the way are made.
    public func inserting(_ value: JSON, into input: JSON) throws(EvaluationFailure) -> JSON {
        var result = input
        guard Self.set(value, in: &result, steps[...]) else {
            throw EvaluationFailure(
                ErrorName.resultPathMatchFailure, "Unable to apply ReferencePath \(text) to input \(input.text())")
        }
        return result
    }

    /// Recurses as deep as the path has steps, which the parser bounds.
    private static func set(_ value: JSON, in target: inout JSON, _ steps: ArraySlice<Step>) -> Bool {
        guard let step = steps.first else {
            target = value
            return true
        }
        switch step {
        case .member(let name):
            guard case .object(var object) = target else { return false }
            // The object is taken out while it changes, so that it is not copied.
            target = .null
            let done = set(value, in: &object[name, default: .object([:])], steps.dropFirst())
            target = .object(object)
            return done
        case .index(let index):
            guard case .array(var array) = target, index < array.count else { return false }
            target = .null
            let done = set(value, in: &array[index], steps.dropFirst())
            target = .array(array)
            return done
        }
    }
}
