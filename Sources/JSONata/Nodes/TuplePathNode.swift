import Core

/// A path whose steps bind variables: `Order@$o#$i`, or steps that a `%` speaks of.
///
/// What flows from step to step is a stream of tuples. A tuple is a frame: its slot 0 holds the context, the others
/// hold the bindings, so that a step is evaluated with the tuple's frame and sees them as variables.
final class TuplePathNode: Node, @unchecked Sendable {
    struct Step: Sendable {
        var node: Node
        /// Filters on a block that hands its bindings on; they see the bindings.
        var predicates: [Filter]
        var stages: [Stage]
        var takesWholeContext: Bool
        var sort: SortTerms?
        /// The step or one before it binds something.
        var carriesBindings: Bool
        var focusSlot: Int?
        var indexSlot: Int?
        var ancestorSlot: Int?
        /// Slots of an inner path's tuples and where they go.
        var inherited: [(from: Int, to: Int)]
    }

    enum Stage: Sendable {
        case filter(Filter)
        case index(slot: Int)
    }

    private let steps: [Step]
    private let scope: Scope
    private let startsAtVariable: Bool
    private let keepsSingleton: Bool
    private let keepsArray: Bool
    private let group: GroupTemplate?
    /// The stream is handed on to the path around this one.
    private let handsOn: Bool

    init(
        _ steps: [Step], scope: Scope, startsAtVariable: Bool, keepsSingleton: Bool, keepsArray: Bool,
        group: GroupTemplate?, handsOn: Bool
    ) {
        self.steps = steps
        self.scope = scope
        self.startsAtVariable = startsAtVariable
        self.keepsSingleton = keepsSingleton
        self.keepsArray = keepsArray
        self.group = group
        self.handsOn = handsOn
    }

    override var tupleScope: Scope? { handsOn ? scope : nil }

    override func evaluateTuples(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> [Frame]? {
        guard handsOn else { return nil }
        switch try stream(input, frame, run) {
        case .tuples(let tuples, _): return tuples
        case .value(_, _): return []
        }
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        switch try stream(input, frame, run) {
        case .tuples(let tuples, let base):
            if let group { return try group.evaluate(tuples, base, run) }
            var values: [JSON] = []
            values.reserveCapacity(tuples.count)
            for tuple in tuples { if let element = try run.element(tuple[0]) { values.append(element) } }
            try run.checkLength(values.count)
            return try finish(.array(values, .sequence), run)
        case .value(let value, let base):
            if let group { return try group.evaluate(value, base, run) }
            return try finish(value, run)
        }
    }

    private func finish(_ value: Value, _ run: Evaluation) throws(JSONataError) -> Value {
        var value = value
        if keepsSingleton { value = try PathNode.keepingSingleton(value, run) }
        if keepsArray { value = value.keepingSingleton() }
        return value.normalized(run)
    }

    // MARK: The stream

    private enum Outcome {
        case tuples([Frame], base: Frame)
        /// The path ended before any step that binds.
        case value(Value, base: Frame)
    }

    private func stream(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Outcome {
        let base = Frame.make(scope.count, parent: frame)
        var current = input
        var isSingle = startsAtVariable
        var tuples: [Frame]?
        for index in steps.indices {
            let step = steps[index]
            if step.takesWholeContext {
                current = try step.node.evaluate(current, base, run)
            } else if step.carriesBindings {
                let isFirst = tuples == nil
                if isFirst { tuples = try Self.start(current, isSingle: isSingle, base, run) }
                tuples = try Self.advance(tuples ?? [], isFirst: isFirst, step, run)
            } else {
                let plain = PathNode.Step(
                    node: step.node, filters: step.filters, takesWholeContext: false, sort: step.sort)
                let isLast = index == steps.count - 1
                current = try PathNode.evaluate(plain, current, isSingle: isSingle, isLast, base, run)
            }
            isSingle = false
            if tuples == nil, current.isEmptyResult { return .value(current, base: base) }
        }
        return tuples.map { .tuples($0, base: base) } ?? .value(current, base: base)
    }

    /// The stream before the first step that binds.
    private static func start(
        _ input: Value, isSingle: Bool, _ base: Frame, _ run: Evaluation
    ) throws(JSONataError) -> [Frame] {
        var values: [Value] = []
        if !isSingle, let elements = input.elements {
            var traits: ArrayTraits = []
            if case .array(_, let own) = input { traits = own }
            values = elements.map { run.value(of: $0, in: traits) }
        } else {
            values = [input]
        }
        try run.spend(values.count * base.header.count)
        return values.map { value in
            let tuple = base.copy()
            tuple.bind(0, value)
            return tuple
        }
    }

    private static func advance(
        _ tuples: [Frame], isFirst: Bool, _ step: Step, _ run: Evaluation
    ) throws(JSONataError) -> [Frame] {
        var result: [Frame] = []
        if let sort = step.sort {
            result = try sort.sort(tuples, run)
            if isFirst, let slot = step.indexSlot {
                for (index, tuple) in result.enumerated() { tuple[slot] = Value(index) }
            }
        } else {
            for tuple in tuples { try extend(tuple, step, into: &result, run) }
        }
        try run.checkLength(result.count)
        for stage in step.stages {
            switch stage {
            case .filter(let filter): result = try select(result, filter, run)
            case .index(let slot): for (index, tuple) in result.enumerated() { tuple[slot] = Value(index) }
            }
        }
        return result
    }

    /// The tuples that a step makes of one.
    private static func extend(
        _ tuple: Frame, _ step: Step, into result: inout [Frame], _ run: Evaluation
    ) throws(JSONataError) {
        if let inner = try step.node.evaluateTuples(tuple[0], tuple, run) {
            try run.spend(inner.count * tuple.header.count)
            var extensions: [Frame] = []
            for each in inner {
                let extended = tuple.copy()
                for (from, to) in step.inherited {
                    let value = each[from]
                    if case .unbound = value { continue }
                    extended.bind(to, value)
                }
                extensions.append(extended)
            }
            for predicate in step.predicates { extensions = try select(extensions, predicate, run) }
            result += extensions
            return
        }
        let value = try step.node.evaluate(tuple[0], tuple, run)
        if value.isUndefined { return }
        guard let elements = value.elements else {
            return result.append(try bind(value, 0, tuple, step, run))
        }
        var traits: ArrayTraits = []
        if case .array(_, let own) = value { traits = own }
        for (index, element) in elements.enumerated() {
            result.append(try bind(run.value(of: element, in: traits), index, tuple, step, run))
        }
    }

    private static func bind(
        _ value: Value, _ index: Int, _ tuple: Frame, _ step: Step, _ run: Evaluation
    ) throws(JSONataError) -> Frame {
        try run.spend(tuple.header.count)
        let extended = tuple.copy()
        extended.bind(step.focusSlot ?? 0, value)
        if let slot = step.indexSlot { extended[slot] = Value(index) }
        if let slot = step.ancestorSlot { extended.bind(slot, tuple[0]) }
        return extended
    }

    private static func select(_ tuples: [Frame], _ filter: Filter, _ run: Evaluation) throws(JSONataError) -> [Frame] {
        switch filter.test {
        case .index(let index):
            guard let position = Filter.position(index, count: tuples.count), position < tuples.count else { return [] }
            return [tuples[position]]
        case .condition(let node):
            var selected: [Frame] = []
            for (position, tuple) in tuples.enumerated() {
                let result = try node.evaluate(tuple[0], tuple, run)
                if try Filter.passes(result, position, tuples.count, run) { selected.append(tuple) }
            }
            return selected
        }
    }
}

extension TuplePathNode.Step {
    /// The filters among the stages; only steps that bind have others.
    fileprivate var filters: [Filter] {
        stages.compactMap { if case .filter(let filter) = $0 { filter } else { nil } }
    }
}
