import Core

/// A predicate: an index, or a condition on each element.
struct Filter: Sendable {
    enum Test: Sendable {
        case index(Double)
        case condition(Node)
    }

    let test: Test

    /// The elements that pass, as a sequence that is not reduced yet.
    func apply(to value: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        switch test {
        case .index(let index): return pick(index, from: value, run)
        case .condition(let node):
            switch value {
            case .json(.array(let elements)): return try select(elements, [], node, frame, run)
            case .array(let elements, let traits): return try select(elements, traits, node, frame, run)
            default: return try test(value, node, frame, run)
            }
        }
    }

    private func pick(_ index: Double, from value: Value, _ run: Evaluation) -> Value {
        switch value {
        case .json(.array(let elements)): return Self.element(elements, [], index, run)
        case .array(let elements, let traits): return Self.element(elements, traits, index, run)
        default: return Self.position(index, count: 1) == 0 ? value : .undefined
        }
    }

    private static func element(_ elements: [JSON], _ traits: ArrayTraits, _ index: Double, _ run: Evaluation) -> Value
    {
        guard let position = position(index, count: elements.count), position < elements.count else {
            return .array([], .sequence)
        }
        return run.value(of: elements[position], in: traits)
    }

    /// Counted from the end when negative, rounded down when broken; nil when it is before the start.
    @inline(__always) static func position(_ index: Double, count: Int) -> Int? {
        guard index.magnitude < 9e15 else { return nil }
        let rounded = Int(index.rounded(.down))
        let position = rounded < 0 ? count + rounded : rounded
        return position < 0 ? nil : position
    }

    private func select(
        _ elements: [JSON], _ traits: ArrayTraits, _ node: Node, _ frame: Frame, _ run: Evaluation
    ) throws(JSONataError) -> Value {
        var selected: [JSON] = []
        try run.spend(elements.count)
        for position in elements.indices {
            let element = elements[position]
            let result = try node.evaluate(run.value(of: element, in: traits), frame, run)
            if try Self.passes(result, position, elements.count, run) { selected.append(element) }
        }
        return .array(selected, traits.intersection(.elementsAreValues).union(.sequence))
    }

    /// A single value is an array of one.
    private func test(_ value: Value, _ node: Node, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        let result = try node.evaluate(value, frame, run)
        return try Self.passes(result, 0, 1, run) ? value : .array([], .sequence)
    }

    /// Whether an element passes: by its position for numbers, by the condition's truth otherwise.
    @inline(__always) static func passes(
        _ result: Value, _ position: Int, _ count: Int, _ run: Evaluation
    ) throws(JSONataError) -> Bool {
        if case .json(.bool(let flag)) = result { return flag }
        return try passesByValue(result, position, count, run)
    }

    private static func passesByValue(
        _ result: Value, _ position: Int, _ count: Int, _ run: Evaluation
    ) throws(JSONataError) -> Bool {
        if let number = result.number, !number.isNaN {
            try Numbers.checkFinite(number)
            return Self.position(number, count: count) == position
        }
        if let elements = result.elements, elements.allSatisfy(\.isNumber) {
            return elements.contains { Self.position($0.doubleValue ?? .nan, count: count) == position }
        }
        return try Truth.isTrue(result)
    }
}

/// Predicates on something that is not a step of a path.
final class FilterNode: Node, @unchecked Sendable {
    private let base: Node
    private let filters: [Filter]
    private let keepsArray: Bool
    private let isRaw: Bool

    init(_ base: Node, _ filters: [Filter], keepsArray: Bool, isRaw: Bool) {
        self.base = base
        self.filters = filters
        self.keepsArray = keepsArray
        self.isRaw = isRaw
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        var value = try base.evaluate(input, frame, run)
        for filter in filters { value = try filter.apply(to: value, frame, run) }
        if keepsArray { value = try Self.keepingArray(value, run) }
        return isRaw ? value : value.normalized(run)
    }

    /// A single value that passed is a sequence of one; an array that was picked is itself.
    private static func keepingArray(_ value: Value, _ run: Evaluation) throws(JSONataError) -> Value {
        if value.elements != nil || value.isUndefined { return value.keepingSingleton() }
        return try PathNode.keepingSingleton(value, run)
    }
}
