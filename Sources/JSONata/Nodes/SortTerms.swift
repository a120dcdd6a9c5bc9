import Core

/// The terms of an order-by clause.
struct SortTerms: Sendable {
    struct Term: Sendable {
        var isDescending: Bool
        var node: Node
    }

    let terms: [Term]
    let position: Int

    /// Sorts the elements of the input.
    func sort(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        guard let elements = input.elements, elements.count > 1 else { return input }
        var traits: ArrayTraits = []
        if case .array(_, let own) = input { traits = own }
        var keys: [Value] = []
        keys.reserveCapacity(elements.count * terms.count)
        try run.spend(elements.count * terms.count * 2)
        for element in elements {
            let item = run.value(of: element, in: traits)
            for term in terms { keys.append(try term.node.evaluate(item, frame, run)) }
        }
        let order = try sortedOrder(keys, count: elements.count, run)
        return .json(.array(order.map { elements[$0] }))
    }

    /// Sorts a stream of bindings by terms that see the bindings.
    func sort(_ tuples: [Frame], _ run: Evaluation) throws(JSONataError) -> [Frame] {
        guard tuples.count > 1 else { return tuples }
        var keys: [Value] = []
        try run.spend(tuples.count * terms.count * 2)
        for tuple in tuples {
            for term in terms { keys.append(try term.node.evaluate(tuple[0], tuple, run)) }
        }
        return try sortedOrder(keys, count: tuples.count, run).map { tuples[$0] }
    }

    /// The stable order of the elements whose keys stand in a row, as many for each as there are terms.
    private func sortedOrder(_ keys: [Value], count: Int, _ run: Evaluation) throws(JSONataError) -> [Int] {
        if terms.count == 1, let numbers = Self.numbers(keys) {
            return MergeSort.order(numbers, descending: terms[0].isDescending)
        }
        return try MergeSort.order(count) { left, right throws(JSONataError) in
            try run.spend(1)
            return try isAfter(keys, left, right)
        }
    }

    private static func numbers(_ keys: [Value]) -> [Double]? {
        var numbers: [Double] = []
        numbers.reserveCapacity(keys.count)
        for key in keys {
            guard let number = key.number, !number.isNaN else { return nil }
            numbers.append(number)
        }
        return numbers
    }

    private func isAfter(_ keys: [Value], _ left: Int, _ right: Int) throws(JSONataError) -> Bool {
        for index in terms.indices {
            let first = keys[left * terms.count + index]
            let second = keys[right * terms.count + index]
            // Undefined keys come last whichever way the term sorts.
            if first.isUndefined {
                if second.isUndefined { continue }
                return true
            }
            if second.isUndefined { return false }
            let order = try compare(first, second)
            if order != 0 { return terms[index].isDescending ? order < 0 : order > 0 }
        }
        return false
    }

    private func compare(_ left: Value, _ right: Value) throws(JSONataError) -> Int {
        if let first = left.string, let second = right.string { return TextOrder.compare(first, second) }
        if let first = left.number, let second = right.number { return first < second ? -1 : first > second ? 1 : 0 }
        let leftIsComparable = left.string != nil || left.number != nil
        guard leftIsComparable, right.string != nil || right.number != nil else {
            throw JSONataError(code: "T2008", position: position, value: leftIsComparable ? right.shown : left.shown)
        }
        throw JSONataError(code: "T2007", position: position, value: left.shown, other: right.shown)
    }
}
