import Core

/// A path whose steps do more than follow names, but bind nothing.
final class PathNode: Node, @unchecked Sendable {
    struct Step: Sendable {
        var node: Node
        var filters: [Filter]
        /// An array constructor at the start takes the whole context, not one element after the other.
        var takesWholeContext: Bool
        var sort: SortTerms?
    }

    private let steps: [Step]
    /// A path that starts with a variable does not walk over the context.
    private let startsAtVariable: Bool
    private let keepsSingleton: Bool
    private let keepsArray: Bool
    private let group: GroupTemplate?

    init(
        _ steps: [Step], startsAtVariable: Bool, keepsSingleton: Bool, keepsArray: Bool, group: GroupTemplate?
    ) {
        self.steps = steps
        self.startsAtVariable = startsAtVariable
        self.keepsSingleton = keepsSingleton
        self.keepsArray = keepsArray
        self.group = group
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        var current = input
        var isSingle = startsAtVariable
        for index in steps.indices {
            let isLast = index == steps.count - 1
            if steps[index].takesWholeContext {
                current = try steps[index].node.evaluate(current, frame, run)
            } else {
                current = try Self.evaluate(steps[index], current, isSingle: isSingle, isLast, frame, run)
            }
            isSingle = false
            if current.isEmptyResult { break }
        }
        if keepsSingleton { current = try Self.keepingSingleton(current, run) }
        if let group { return try group.evaluate(current, frame, run) }
        if keepsArray { current = current.keepingSingleton() }
        return current.normalized(run)
    }

    static func evaluate(
        _ step: Step, _ input: Value, isSingle: Bool, _ isLast: Bool, _ frame: Frame, _ run: Evaluation
    ) throws(JSONataError) -> Value {
        if let sort = step.sort {
            var sorted = try sort.sort(input, frame, run)
            for filter in step.filters { sorted = try filter.apply(to: sorted, frame, run) }
            return sorted
        }
        var builder = SequenceBuilder()
        if !isSingle, let elements = input.elements {
            var traits: ArrayTraits = []
            if case .array(_, let own) = input { traits = own }
            try run.spend(elements.count)
            for element in elements {
                try visit(run.value(of: element, in: traits), step, &builder, frame, run)
            }
        } else {
            try visit(input, step, &builder, frame, run)
        }
        return try builder.finish(isLastStep: isLast, run)
    }

    @inline(__always) private static func visit(
        _ item: Value, _ step: Step, _ builder: inout SequenceBuilder, _ frame: Frame, _ run: Evaluation
    ) throws(JSONataError) {
        var result = try step.node.evaluate(item, frame, run)
        for filter in step.filters { result = try filter.apply(to: result, frame, run) }
        try builder.append(result, run)
    }

    /// `[]` behind a step makes even a lone value an array.
    static func keepingSingleton(_ value: Value, _ run: Evaluation) throws(JSONataError) -> Value {
        switch value {
        case .array(let elements, let traits) where traits.contains(.sequence):
            return .array(elements, traits.union(.keepsSingleton))
        case .array(let elements, let traits) where traits.contains(.isOneValue):
            return .array([.array(elements)], [.sequence, .keepsSingleton, .elementsAreValues])
        case .json(.array), .array, .undefined: return value
        default:
            guard let element = try run.element(value) else { return value }
            return .array([element], [.sequence, .keepsSingleton])
        }
    }
}

extension Value {
    @inline(__always) var isEmptyResult: Bool {
        switch self {
        case .undefined: true
        case .json(.array(let elements)), .array(let elements, _): elements.isEmpty
        default: false
        }
    }
}
