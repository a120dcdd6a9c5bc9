/// Whether one can choose, for each condition, one of the values that satisfy it, so that no two chosen values lie in
/// different elements of the same array. Missing fields must be missing in the chosen elements.
extension MatchContext {
    mutating func isConsistent(_ tables: MachineTables) throws(EventReadError) -> Bool {
        if evidence.count < 2 { return evidence.count == 0 || evidence[0].hitCount > 0 || isMissing(evidence[0].path) }
        var fields: [ConsistencyField] = []
        var needsAbsence = false
        for index in 0..<evidence.count {
            let item = evidence[index]
            if item.hitCount == 0 {
                if !isMissing(item.path) {
                    needsAbsence = true
                    fields.append(ConsistencyField(rank: tables.pathRanks[item.path], values: [], absent: item.path))
                }
                continue
            }
            let range = Int(item.hitStart)..<Int(item.hitStart + item.hitCount)
            let found = range.map { hits[$0].value }
            fields.append(ConsistencyField(rank: tables.pathRanks[item.path], values: found, absent: -1))
        }
        if needsAbsence {
            // As on AWS, a missing field is looked for in the elements that fields of earlier names have chosen.
            fields.sort { $0.rank < $1.rank }
            return try choose(from: fields[...], [])
        }
        return try isConsistent(fields, inside: 0)
    }

    private func isMissing(_ path: Int32) -> Bool { firstValue[Int(path)] < 0 }

    /// Works down the elements of arrays: fields that share no array are independent of each other, and fields that all
    /// lie in one array must be satisfied by one of its elements. So the time is linear, where trying out all
    /// combinations would not be.
    private mutating func isConsistent(
        _ fields: [ConsistencyField], inside scope: Int32
    ) throws(EventReadError) -> Bool {
        // A value outside of further arrays excludes nothing.
        var open = fields.filter { field in !field.values.contains { values[Int($0)].scope == scope } }
        while let first = open.popLast() {
            var group = [first]
            var arrays = Set(first.values.map { element(of: $0, inside: scope) }.map { scopes[Int($0)].array })
            var grew = true
            while grew {
                grew = false
                for index in open.indices.reversed() {
                    let own = Set(open[index].values.map { scopes[Int(element(of: $0, inside: scope))].array })
                    guard !own.isDisjoint(with: arrays) else { continue }
                    arrays.formUnion(own)
                    group.append(open.remove(at: index))
                    grew = true
                }
            }
            if group.count == 1 { continue }
            let holds =
                arrays.count == 1
                ? try isConsistentInOneElement(group, inside: scope) : try choose(from: group[...], [])
            if !holds { return false }
        }
        return true
    }

    private mutating func isConsistentInOneElement(
        _ fields: [ConsistencyField], inside scope: Int32
    ) throws(EventReadError) -> Bool {
        var byElement: [[Int32: [Int32]]] = []
        for field in fields {
            byElement.append(Dictionary(grouping: field.values) { element(of: $0, inside: scope) })
            try spend(field.values.count)
        }
        guard let rarest = byElement.min(by: { $0.count < $1.count }) else { return true }
        for element in rarest.keys {
            try spend(fields.count)
            let inner = byElement.compactMap { $0[element] }
            guard inner.count == fields.count else { continue }
            let narrowed = zip(fields, inner).map { ConsistencyField(rank: $0.rank, values: $1, absent: -1) }
            if try isConsistent(narrowed, inside: element) { return true }
        }
        return false
    }

    /// The element, one level below a scope, that a value lies in.
    private func element(of value: Int32, inside scope: Int32) -> Int32 {
        let depth = scopes[Int(scope)].depth + 1
        var found = values[Int(value)].scope
        while scopes[Int(found)].depth > depth { found = scopes[Int(found)].parent }
        return found
    }

    // MARK: Trying out

    /// Tries all choices, one field after the other, within the steps that an event may take.
    private mutating func choose(
        from fields: ArraySlice<ConsistencyField>, _ chosen: [Int32]
    ) throws(EventReadError) -> Bool {
        guard let field = fields.first else { return true }
        if field.absent >= 0 {
            var value = firstValue[Int(field.absent)]
            while value >= 0 {
                try spend(1 + chosen.count)
                if isCompatible(value, chosen) { return false }
                value = values[Int(value)].next
            }
            return try choose(from: fields.dropFirst(), chosen)
        }
        for value in field.values {
            try spend(1 + chosen.count)
            if isCompatible(value, chosen), try choose(from: fields.dropFirst(), chosen + [value]) { return true }
        }
        return false
    }

    /// No chosen value lies in another element of an array that the value lies in.
    private func isCompatible(_ value: Int32, _ chosen: [Int32]) -> Bool {
        let scope = values[Int(value)].scope
        return chosen.allSatisfy { isCompatible(scope, values[Int($0)].scope) }
    }

    /// Two elements are compatible unless they, or elements around them, belong to the same array.
    func isCompatible(_ left: Int32, _ right: Int32) -> Bool {
        var a = left
        var b = right
        while scopes[Int(a)].depth > scopes[Int(b)].depth { a = scopes[Int(a)].parent }
        while scopes[Int(b)].depth > scopes[Int(a)].depth { b = scopes[Int(b)].parent }
        while a != b {
            let parentA = scopes[Int(a)].parent
            let parentB = scopes[Int(b)].parent
            if parentA == parentB { return scopes[Int(a)].array != scopes[Int(b)].array }
            a = parentA
            b = parentB
        }
        return true
    }
}

/// A condition whose satisfying values are to be chosen from.
struct ConsistencyField {
    /// The place of its name in the order of names.
    var rank: Int32
    /// In the order of the event.
    var values: [Int32]
    /// The field that must be missing, for conditions that absence satisfies.
    var absent: Int32
}
