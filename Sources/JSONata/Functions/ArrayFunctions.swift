import Core

/// Functions on arrays.
enum ArrayFunctions {
    @Sendable static func append(_ call: Call) throws(JSONataError) -> Value {
        if call[0].isUndefined { return call[1] }
        if call[1].isUndefined { return call[0] }
        var joined = try elements(call[0], call.run)
        let more = try elements(call[1], call.run)
        try call.run.checkLength(joined.count + more.count)
        // Copying is what it costs, unless nobody else holds the first array.
        try call.run.spend(more.count + joined.count >> 2)
        joined += more
        return .json(.array(joined))
    }

    private static func elements(_ value: Value, _ run: Evaluation) throws(JSONataError) -> [JSON] {
        if let elements = value.elements { return elements }
        return try run.element(value).map { [$0] } ?? []
    }

    @Sendable static func reverse(_ call: Call) throws(JSONataError) -> Value {
        guard let elements = call.elements(0), elements.count > 1 else { return call[0] }
        try call.run.spend(elements.count)
        return .json(.array(elements.reversed()))
    }

    @Sendable static func shuffle(_ call: Call) throws(JSONataError) -> Value {
        guard var elements = call.elements(0), elements.count > 1 else { return call[0] }
        try call.run.spend(elements.count)
        for index in elements.indices.dropFirst() {
            let other = Int(NumericFunctions.unit(&call.run.random) * Double(index + 1))
            elements.swapAt(index, min(other, index))
        }
        return .json(.array(elements))
    }

    @Sendable static func distinct(_ call: Call) throws(JSONataError) -> Value {
        guard let elements = call.elements(0), elements.count > 1 else { return call[0] }
        try call.run.spend(elements.count * 2)
        var seen = Set<DistinctKey>(minimumCapacity: min(elements.count, 1024))
        let distinct = elements.filter { seen.insert(DistinctKey(value: $0)).inserted }
        return call[0].isSequence ? .array(distinct, .sequence) : .json(.array(distinct))
    }

    @Sendable static func zip(_ call: Call) throws(JSONataError) -> Value {
        var arrays: [[JSON]] = []
        for argument in call.arguments { arrays.append(argument.elements ?? []) }
        let length = arrays.map(\.count).min() ?? 0
        try call.run.spend(length * (arrays.count + 1))
        try call.run.checkLength(length)
        let zipped = (0..<length).map { index in JSON.array(arrays.map { $0[index] }) }
        try call.run.sampleDepth { zipped }
        return .json(.array(zipped))
    }

    @Sendable static func sort(_ call: Call) throws(JSONataError) -> Value {
        guard let elements = call.elements(0), elements.count > 1 else { return call[0] }
        let run = call.run
        try run.spend(elements.count * 2)
        if let comparator = call.function(1) {
            let order = try MergeSort.order(elements.count) { left, right throws(JSONataError) in
                let pair = [run.value(of: elements[left]), run.value(of: elements[right])]
                return Truth.isTruthy(try comparator.call(pair, context: .json(.null), run))
            }
            return .json(.array(order.map { elements[$0] }))
        }
        if let numbers = try Self.numbers(elements) {
            return .json(.array(MergeSort.order(numbers, descending: false).map { elements[$0] }))
        }
        let texts = elements.compactMap(\.stringValue)
        guard texts.count == elements.count else { throw JSONataError(code: "D3070", index: 1) }
        let order = try MergeSort.order(texts.count) { left, right throws(JSONataError) in
            try run.spend(1)
            return TextOrder.compare(texts[left], texts[right]) > 0
        }
        return .json(.array(order.map { elements[$0] }))
    }

    private static func numbers(_ elements: [JSON]) throws(JSONataError) -> [Double]? {
        var numbers: [Double] = []
        numbers.reserveCapacity(elements.count)
        for element in elements {
            guard let number = element.doubleValue, !number.isNaN else { return nil }
            try Numbers.checkFinite(number)
            numbers.append(number)
        }
        return numbers
    }
}

/// A value by which equal ones are found.
private struct DistinctKey: Hashable {
    let value: JSON

    static func == (left: DistinctKey, right: DistinctKey) -> Bool { Equality.areEqual(left.value, right.value) }

    func hash(into hasher: inout Hasher) { value.hash(into: &hasher) }
}
