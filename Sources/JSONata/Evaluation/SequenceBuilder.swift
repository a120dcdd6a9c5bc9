import Core

/// Collects the results of a path's step and settles how they combine: arrays flatten into the sequence, except that
/// a lone array in the last step stays what it is.
struct SequenceBuilder {
    private var elements: [JSON] = []
    private var first: Value = .undefined
    private var count = 0
    private var allAreValues = true

    /// - Parameter value: one result; undefined ones do not count.
    @inline(__always) mutating func append(_ value: Value, _ run: Evaluation) throws(JSONataError) {
        if case .undefined = value { return }
        count += 1
        if count == 1 {
            first = value
            return
        }
        if count == 2 { try flatten(first, run) }
        try flatten(value, run)
    }

    @inline(__always) private mutating func flatten(_ value: Value, _ run: Evaluation) throws(JSONataError) {
        switch value {
        case .json(.array(let inner)):
            elements += inner
            allAreValues = false
            try run.spend(inner.count)
        case .json(let json): elements.append(json)
        case .array(let inner, let traits):
            if traits.contains(.isOneValue) {
                elements.append(.array(inner))
            } else {
                elements += inner
                if !traits.contains(.elementsAreValues) { allAreValues = false }
                try run.spend(inner.count)
            }
        default: if let element = try run.element(value) { elements.append(element) }
        }
    }

    var isEmpty: Bool { count == 0 }

    /// The sequence, a lone value that stands for its sequence, or in the last step the lone array.
    mutating func finish(isLastStep: Bool, _ run: Evaluation) throws(JSONataError) -> Value {
        if count == 1 {
            switch first {
            case .json(.array(let inner)):
                return isLastStep ? first : .array(inner, .sequence)
            case .array(let inner, let traits) where !traits.contains(.sequence):
                if isLastStep { return first }
                return traits.contains(.isOneValue)
                    ? .array([.array(inner)], [.sequence, .elementsAreValues]) : .array(inner, .sequence)
            case .array(let inner, let traits):
                return .array(inner, traits.intersection([.sequence, .elementsAreValues]))
            default: return first
            }
        }
        try run.checkLength(elements.count)
        return .array(elements, allAreValues ? [.sequence, .elementsAreValues] : .sequence)
    }
}
