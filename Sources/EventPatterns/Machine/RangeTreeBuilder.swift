/// Builds the answer to which of many ranges hold a number: lists for each position among their bounds, or, where wide
/// ranges would make those long, centred interval trees. Either way the time grows with the logarithm of the number of
/// ranges and with the answers.
struct RangeTreeBuilder {
    private(set) var nodes: [RangeNode] = []
    private(set) var entries: [RangeEntry] = []
    private(set) var bounds: [UInt64] = []
    /// For each position the head of a list of targets.
    private(set) var lists: [Int32] = []

    /// How often a range may be listed on average before a tree takes less room.
    private static let mostListed = 8

    /// A range over positions: bound number i lies at 2i + 1, what is below, between and above the bounds at even ones.
    private struct Span {
        var low: Int32
        var high: Int32
        var target: Int32
    }

    mutating func add(
        _ ranges: [(range: NumberRange, target: Int32)], to automaton: inout ValueAutomaton,
        _ links: inout TargetLists
    ) {
        guard !ranges.isEmpty else { return }
        let keys = Set(ranges.flatMap { [$0.range.bottom?.number.key, $0.range.top?.number.key].compactMap(\.self) })
        let sorted = keys.sorted()
        automaton.boundStart = Int32(bounds.count)
        automaton.boundCount = Int32(sorted.count)
        bounds += sorted
        var place: [UInt64: Int32] = [:]
        for (index, key) in sorted.enumerated() { place[key] = Int32(index) }
        let spans = ranges.map { range, target in
            let low = range.bottom.map { place[$0.number.key, default: 0] * 2 + ($0.isOpen ? 2 : 1) } ?? 0
            let last = Int32(sorted.count) * 2
            let high = range.top.map { place[$0.number.key, default: 0] * 2 + ($0.isOpen ? 0 : 1) } ?? last
            return Span(low: low, high: high, target: target)
        }
        let listed = spans.reduce(0) { $0 + Int($1.high - $1.low) + 1 }
        if listed <= spans.count * Self.mostListed {
            automaton.rangeLists = addLists(spans, positions: sorted.count * 2 + 1, &links)
        } else {
            automaton.ranges = addNode(spans)
        }
    }

    /// Narrow ranges are listed at every position that they cover.
    private mutating func addLists(_ spans: [Span], positions: Int, _ links: inout TargetLists) -> Int32 {
        let start = lists.count
        lists += repeatElement(-1, count: positions)
        for span in spans {
            for position in span.low...span.high {
                lists[start + Int(position)] = links.adding(span.target, to: lists[start + Int(position)])
            }
        }
        return Int32(start)
    }

    /// Halves the ends with every level, so that the depth is the logarithm of their number.
    private mutating func addNode(_ spans: [Span]) -> Int32 {
        guard !spans.isEmpty else { return -1 }
        let ends = spans.flatMap { [$0.low, $0.high] }.sorted()
        let center = ends[ends.count / 2]
        let around = spans.filter { $0.low <= center && center <= $0.high }
        let index = nodes.count
        nodes.append(
            RangeNode(center: center, entryStart: Int32(entries.count), entryCount: Int32(around.count)))
        entries += around.sorted { $0.low < $1.low }.map { RangeEntry(end: $0.low, target: $0.target) }
        entries += around.sorted { $0.high > $1.high }.map { RangeEntry(end: $0.high, target: $0.target) }
        nodes[index].left = addNode(spans.filter { $0.high < center })
        nodes[index].right = addNode(spans.filter { $0.low > center })
        return Int32(index)
    }
}
