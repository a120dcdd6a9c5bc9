extension MatchContext {
    /// Finds the states that a value leads to, as hits above those there are. A state may be found more than once.
    mutating func evaluate(
        _ index: Int32, _ valueIndex: Int32, _ tables: MachineTables
    ) throws(EventReadError) {
        let automaton = tables.automata[index]
        let value = values[Int(valueIndex)]
        stepsLeft -= 1
        if automaton.exclusionCount > 0 { mark += 1 }
        if automaton.anyValue >= 0 { meet(automaton.anyValue, valueIndex, tables) }
        switch value.kind {
        case .string:
            if automaton.kinds.contains(.string) {
                lookUp(value.start, Int(value.count), .string, index, valueIndex, tables)
            }
            if automaton.kinds.contains(.address) { lookUpAddress(automaton, index, valueIndex, tables) }
            if automaton.forward >= 0 { try readForwards(automaton.forward, valueIndex, tables) }
            if automaton.backward >= 0 { try readBackwards(automaton.backward, valueIndex, tables) }
        case .literal:
            if automaton.kinds.contains(.literal) {
                lookUp(value.start, Int(value.count), .literal, index, valueIndex, tables)
            }
        case .number: evaluateNumber(automaton, index, valueIndex, tables)
        }
        if automaton.exclusionCount > 0 { try meetUnexcluded(automaton, valueIndex, tables) }
        if stepsLeft < 0 { throw EventReadError.tooComplex(steps: PatternMachine.stepLimit) }
    }

    // MARK: Targets

    @inline(__always) private mutating func meet(target: Int32, _ valueIndex: Int32) {
        if target >= 0 {
            hits.push(ValueHit(state: target, value: valueIndex))
        } else {
            exclusionMarks[Int(~target)] = mark
        }
    }

    private mutating func meet(_ list: Int32, _ valueIndex: Int32, _ tables: MachineTables) {
        var link = list
        while link >= 0 {
            let entry = tables.links[link]
            meet(target: entry.target, valueIndex)
            link = entry.next
        }
    }

    private mutating func meetUnexcluded(
        _ automaton: ValueAutomaton, _ valueIndex: Int32, _ tables: MachineTables
    ) throws(EventReadError) {
        let start = Int(automaton.exclusionStart)
        for exclusion in start..<start + Int(automaton.exclusionCount) where exclusionMarks[exclusion] != mark {
            hits.push(ValueHit(state: tables.exclusionStates[exclusion], value: valueIndex))
        }
        try spend(Int(automaton.exclusionCount))
    }

    // MARK: Exact values

    @inline(__always) private mutating func lookUp(
        _ key: UnsafePointer<UInt8>, _ count: Int, _ kind: ValueKinds, _ automaton: Int32, _ valueIndex: Int32,
        _ tables: MachineTables
    ) {
        let hash = ByteHash.hash(key, count: count, seed: ExactTableBuilder.seed(automaton, kind))
        let tag = UInt32(truncatingIfNeeded: hash >> 32)
        var position = Int(truncatingIfNeeded: hash) & tables.exactMask
        while true {
            let slot = tables.exactSlots[position]
            if slot.automaton < 0 { return }
            if slot.hash == tag, slot.automaton == automaton, slot.kind == kind, Int(slot.keyCount) == count,
                ByteHash.equal(tables.text.base + Int(slot.keyStart), key, count: count)
            {
                meet(target: slot.target, valueIndex)
                meet(slot.more, valueIndex, tables)
                return
            }
            position = (position + 1) & tables.exactMask
        }
    }

    private mutating func lookUpAddress(
        _ automaton: ValueAutomaton, _ index: Int32, _ valueIndex: Int32, _ tables: MachineTables
    ) {
        let value = values[Int(valueIndex)]
        guard let address = Address(parsing: value.start, count: Int(value.count)) else { return }
        let start = Int(automaton.addressStart)
        for position in start..<start + Int(automaton.addressCount) {
            let coded = tables.addressLengths[position]
            guard (coded & 1 == 1) == address.isV4 else { continue }
            let length = Int(coded >> 1)
            let prefix = AddressBlock.prefix(of: address, length: length)
            lookUp(ExactKey.bytes(of: prefix, length: length, isV4: address.isV4), .address, index, valueIndex, tables)
        }
    }

    private mutating func lookUp(
        _ bytes: [UInt8], _ kind: ValueKinds, _ automaton: Int32, _ valueIndex: Int32, _ tables: MachineTables
    ) {
        key.truncate(to: 0)
        for byte in bytes { key.push(byte) }
        for _ in 0..<ByteHash.padding { key.push(0) }
        lookUp(key.base, bytes.count, kind, automaton, valueIndex, tables)
    }

    // MARK: Numbers

    private mutating func evaluateNumber(
        _ automaton: ValueAutomaton, _ index: Int32, _ valueIndex: Int32, _ tables: MachineTables
    ) {
        let value = values[Int(valueIndex)]
        if automaton.kinds.contains(.literal) {
            lookUp(value.start, Int(value.count), .literal, index, valueIndex, tables)
        }
        guard automaton.boundCount > 0 || automaton.kinds.contains(.number) else { return }
        guard let number = number(of: valueIndex) else { return }
        if automaton.kinds.contains(.number) {
            (key.base + 8).initialize(repeating: 0, count: ByteHash.padding)
            UnsafeMutableRawPointer(key.base).storeBytes(of: number.key.littleEndian, as: UInt64.self)
            lookUp(key.base, 8, .number, index, valueIndex, tables)
        }
        if automaton.boundCount > 0 { lookUp(number, automaton, valueIndex, tables) }
    }

    private mutating func number(of valueIndex: Int32) -> ComparableNumber? {
        let value = values[Int(valueIndex)]
        if value.isNumberKeyKnown { return value.numberKey == 0 ? nil : ComparableNumber(key: value.numberKey) }
        let number = ComparableNumber(parsing: value.start, count: Int(value.count))
        values.base[Int(valueIndex)].numberKey = number?.key ?? 0
        values.base[Int(valueIndex)].isNumberKeyKnown = true
        return number
    }

    private mutating func lookUp(
        _ number: ComparableNumber, _ automaton: ValueAutomaton, _ valueIndex: Int32, _ tables: MachineTables
    ) {
        let bounds = tables.bounds.base + Int(automaton.boundStart)
        var low = 0
        var high = Int(automaton.boundCount)
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] < number.key { low = middle + 1 } else { high = middle }
        }
        let isBound = low < Int(automaton.boundCount) && bounds[low] == number.key
        let place = Int32(low * 2 + (isBound ? 1 : 0))
        if automaton.rangeLists >= 0 {
            meet(tables.rangeLists[automaton.rangeLists + place], valueIndex, tables)
            return
        }
        var index = automaton.ranges
        while index >= 0 {
            let node = tables.rangeNodes[index]
            let entries = tables.rangeEntries.base + Int(node.entryStart)
            let count = Int(node.entryCount)
            var entry = 0
            if place <= node.center {
                while entry < count, entries[entry].end <= place {
                    meet(target: entries[entry].target, valueIndex)
                    entry += 1
                }
            } else {
                while entry < count, entries[count + entry].end >= place {
                    meet(target: entries[count + entry].target, valueIndex)
                    entry += 1
                }
            }
            stepsLeft -= entry
            index = place == node.center ? -1 : place < node.center ? node.left : node.right
        }
    }

    // MARK: Bytes

    private mutating func readForwards(
        _ root: Int32, _ valueIndex: Int32, _ tables: MachineTables
    ) throws(EventReadError) {
        let value = values[Int(valueIndex)]
        begin(at: root, valueIndex, tables)
        for offset in 0..<Int(value.count) {
            if places.count == 0, stars.count == 0 { return }
            try advance(by: value.start[offset], valueIndex, tables)
        }
        for index in 0..<places.count { meet(tables.byteNodes[places[index]].atEnd, valueIndex, tables) }
    }

    private mutating func readBackwards(
        _ root: Int32, _ valueIndex: Int32, _ tables: MachineTables
    ) throws(EventReadError) {
        let value = values[Int(valueIndex)]
        begin(at: root, valueIndex, tables)
        var offset = Int(value.count) - 1
        while offset >= 0, places.count > 0 {
            try advance(by: value.start[offset], valueIndex, tables)
            offset -= 1
        }
    }

    private mutating func begin(at root: Int32, _ valueIndex: Int32, _ tables: MachineTables) {
        nextPlaces.truncate(to: 0)
        stars.truncate(to: 0)
        byteMark &+= 1
        enter(root, valueIndex, tables)
        swap(&places, &nextPlaces)
    }

    /// Adds a state to those of the next byte.
    @inline(__always) private mutating func enter(_ index: Int32, _ valueIndex: Int32, _ tables: MachineTables) {
        nextPlaces.push(index)
        let node = tables.byteNodes[index]
        if node.atOnce >= 0 { meet(node.atOnce, valueIndex, tables) }
        if node.star >= 0 { enterStar(node.star, valueIndex, tables) }
    }

    private mutating func enterStar(_ star: Int32, _ valueIndex: Int32, _ tables: MachineTables) {
        for index in 0..<stars.count where stars[index] == star { return }
        stars.push(star)
    }

    @inline(__always) private mutating func advance(
        by byte: UInt8, _ valueIndex: Int32, _ tables: MachineTables
    ) throws(EventReadError) {
        byteMark &+= 1
        nextPlaces.truncate(to: 0)
        // Stars entered by this very byte wait for the next one.
        let starCount = stars.count
        for index in 0..<places.count { follow(places[index], byte, valueIndex, tables) }
        for index in 0..<starCount { follow(stars[index], byte, valueIndex, tables) }
        stepsLeft -= places.count + starCount
        swap(&places, &nextPlaces)
        if stepsLeft < 0 { throw EventReadError.tooComplex(steps: PatternMachine.stepLimit) }
    }

    @inline(__always) private mutating func follow(
        _ index: Int32, _ byte: UInt8, _ valueIndex: Int32, _ tables: MachineTables
    ) {
        let node = tables.byteNodes[index]
        var edge = node.edgeStart
        let end = edge + node.edgeCount
        if node.dense >= 0 {
            edge = tables.dense[node.dense + Int32(byte)]
            if edge < 0 { return }
        } else {
            while edge < end, tables.byteEdges[edge].byte < byte { edge += 1 }
        }
        while edge < end {
            let found = tables.byteEdges[edge]
            if found.byte != byte { return }
            if byteNodeMarks[Int(found.node)] != byteMark {
                byteNodeMarks[Int(found.node)] = byteMark
                enter(found.node, valueIndex, tables)
            }
            edge += 1
        }
    }
}
