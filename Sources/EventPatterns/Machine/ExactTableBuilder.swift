/// Builds the hash table of exact values of all automata.
struct ExactTableBuilder {
    private struct Key: Hashable {
        var automaton: Int32
        var kind: UInt8
        var bytes: [UInt8]
    }

    private struct Draft {
        var automaton: Int32
        var kind: ValueKinds
        var bytes: [UInt8]
        /// All targets but the first, linked.
        var target: Int32
        var more: Int32 = -1
    }

    private var index: [Key: Int32] = [:]
    private var drafts: [Draft] = []
    private(set) var slots: [ExactSlot] = []

    mutating func add(
        _ bytes: [UInt8], _ kind: ValueKinds, to automaton: Int32, target: Int32, _ links: inout TargetLists
    ) {
        let key = Key(automaton: automaton, kind: kind.rawValue, bytes: bytes)
        guard let known = index[key].map(Int.init) else {
            index[key] = Int32(drafts.count)
            drafts.append(Draft(automaton: automaton, kind: kind, bytes: bytes, target: target))
            return
        }
        if drafts[known].target != target {
            drafts[known].more = links.adding(target, to: drafts[known].more)
        }
    }

    mutating func freeze(into text: inout [UInt8]) {
        index = [:]
        var size = 2
        while size < drafts.count * 2 { size *= 2 }
        slots = Array(repeating: ExactSlot(), count: size)
        var known: [[UInt8]: Int32] = [:]
        for draft in drafts {
            let hash = hashed(draft.bytes, seed: Self.seed(draft.automaton, draft.kind))
            var position = Int(truncatingIfNeeded: hash) & (size - 1)
            while slots[position].automaton >= 0 { position = (position + 1) & (size - 1) }
            var keyStart = Int32(text.count)
            if let earlier = known[draft.bytes] {
                keyStart = earlier
            } else {
                known[draft.bytes] = keyStart
                text += draft.bytes
            }
            slots[position] = ExactSlot(
                hash: UInt32(truncatingIfNeeded: hash >> 32), automaton: draft.automaton, keyStart: keyStart,
                keyCount: Int32(draft.bytes.count), target: draft.target, more: draft.more, kind: draft.kind)
        }
        drafts = []
    }

    @inline(__always) static func seed(_ automaton: Int32, _ kind: ValueKinds) -> UInt64 {
        UInt64(UInt32(bitPattern: automaton)) << 8 | UInt64(kind.rawValue)
    }
}

/// The keys under which numbers and addresses lie in the table of exact values.
enum ExactKey {
    static func bytes(of number: ComparableNumber) -> [UInt8] {
        withUnsafeBytes(of: number.key.littleEndian) { Array($0) }
    }

    /// The prefix, its length and the family, seventeen bytes.
    static func bytes(of prefix: UInt128, length: Int, isV4: Bool) -> [UInt8] {
        withUnsafeBytes(of: prefix.littleEndian) { Array($0) } + [UInt8(length) << 1 | (isV4 ? 1 : 0)]
    }
}
