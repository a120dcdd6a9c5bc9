/// The compiled form of many rules: plain tables that any number of threads read at the same time.
///
/// Field names are a tree that the flattener walks down while it reads an event. Rules are a second tree: each state
/// knows which fields are still wanted and which values of them lead on; rules that begin with the same conditions
/// share states. All values that conditions compare lie in one byte automaton, one hash table and one set of range
/// trees, entered at a different place for each state and field.
final class MachineTables: @unchecked Sendable {
    // Unchecked: nothing changes after init; the arrays are freed when the last reader has let go.
    let nameNodes: FrozenArray<NameNode>
    let nameSlots: FrozenArray<NameSlot>
    let states: FrozenArray<RuleState>
    let transitions: FrozenArray<FieldTransition>
    let absences: FrozenArray<AbsenceTransition>
    let stateRules: FrozenArray<Int32>
    let automata: FrozenArray<ValueAutomaton>
    let exactSlots: FrozenArray<ExactSlot>
    let exactMask: Int
    let links: FrozenArray<TargetLink>
    let byteNodes: FrozenArray<ByteNode>
    let byteEdges: FrozenArray<ByteEdge>
    let dense: FrozenArray<Int32>
    let rangeNodes: FrozenArray<RangeNode>
    let rangeEntries: FrozenArray<RangeEntry>
    let bounds: FrozenArray<UInt64>
    let rangeLists: FrozenArray<Int32>
    let addressLengths: FrozenArray<Int32>
    let exclusionStates: FrozenArray<Int32>
    let text: FrozenArray<UInt8>
    /// The place of each path in the order of names.
    let pathRanks: FrozenArray<Int32>
    /// The caller's number of each rule.
    let ruleIDs: FrozenArray<Int>

    init(_ builder: consuming MachineBuilder) {
        nameNodes = FrozenArray(builder.names.nodes)
        nameSlots = FrozenArray(builder.names.slots)
        states = FrozenArray(builder.states)
        transitions = FrozenArray(builder.transitions)
        absences = FrozenArray(builder.absences)
        stateRules = FrozenArray(builder.stateRules)
        automata = FrozenArray(builder.automata)
        exactSlots = FrozenArray(builder.exact.slots)
        exactMask = builder.exact.slots.count - 1
        links = FrozenArray(builder.links.links)
        byteNodes = FrozenArray(builder.bytes.frozenNodes)
        byteEdges = FrozenArray(builder.bytes.frozenEdges)
        dense = FrozenArray(builder.bytes.dense)
        rangeNodes = FrozenArray(builder.ranges.nodes)
        rangeEntries = FrozenArray(builder.ranges.entries)
        bounds = FrozenArray(builder.ranges.bounds)
        rangeLists = FrozenArray(builder.ranges.lists)
        addressLengths = FrozenArray(builder.addressLengths)
        exclusionStates = FrozenArray(builder.exclusionStates)
        text = FrozenArray(builder.text, padding: ByteHash.padding, filler: 0)
        pathRanks = FrozenArray(builder.names.ranks)
        ruleIDs = FrozenArray(builder.ruleIDs)
    }

    deinit {
        nameNodes.deallocate()
        nameSlots.deallocate()
        states.deallocate()
        transitions.deallocate()
        absences.deallocate()
        stateRules.deallocate()
        automata.deallocate()
        exactSlots.deallocate()
        links.deallocate()
        byteNodes.deallocate()
        byteEdges.deallocate()
        dense.deallocate()
        rangeNodes.deallocate()
        rangeEntries.deallocate()
        bounds.deallocate()
        rangeLists.deallocate()
        addressLengths.deallocate()
        exclusionStates.deallocate()
        text.deallocate()
        pathRanks.deallocate()
        ruleIDs.deallocate()
    }

    var byteCount: Int {
        let names = nameNodes.byteCount + nameSlots.byteCount + pathRanks.byteCount
        let rules =
            states.byteCount + transitions.byteCount + absences.byteCount + stateRules.byteCount + ruleIDs.byteCount
        let values =
            automata.byteCount + exactSlots.byteCount + links.byteCount + text.byteCount + addressLengths.byteCount
            + exclusionStates.byteCount
        let machines =
            byteNodes.byteCount + byteEdges.byteCount + dense.byteCount + rangeNodes.byteCount
            + rangeEntries.byteCount + bounds.byteCount + rangeLists.byteCount
        return names + rules + values + machines
    }
}
