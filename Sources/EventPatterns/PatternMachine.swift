/// Many rules, compiled so that an event is matched against all of them at once.
///
/// The machine is a value that never changes: adding and removing rules gives the next machine, and whoever holds the
/// former goes on matching with it (see `PatternMachineReference` for swapping). Time hardly depends on the number of
/// rules, because rules share the tests that they have in common and exact values are found by hashing.
public struct PatternMachine: Sendable {
    /// Most of the rules, and those added since: a change rebuilds only the smaller machine until it has grown.
    private let settled: Segment
    private let recent: Segment
    /// Rules of the settled machine that are gone.
    private let removed: Set<Int>

    /// Steps (states, values, bytes of wildcards) that matching one event may take.
    static let stepLimit = 20_000_000
    /// Bytes of an event.
    static let eventSizeLimit = 1 << 28

    private struct Segment: Sendable {
        var rules: [Int: EventPattern]
        var tables: MachineTables

        init(_ rules: [Int: EventPattern]) {
            self.rules = rules
            let ordered = rules.sorted { $0.key < $1.key }
            tables = MachineTables(
                MachineBuilder(ordered.lazy.map { MachineRule(id: $0.key, pattern: $0.value) }))
        }
    }

    public init() { self.init([:]) }

    /// A machine of rules by number.
    public init(_ rules: [Int: EventPattern]) {
        self.init(settled: Segment(rules), recent: Segment([:]), removed: [])
    }

    /// A machine of one rule, whose number is 0.
    public init(_ pattern: EventPattern) { self.init([0: pattern]) }

    private init(settled: Segment, recent: Segment, removed: Set<Int>) {
        self.settled = settled
        self.recent = recent
        self.removed = removed
    }

    // MARK: Rules

    public var ruleCount: Int { settled.rules.count + recent.rules.count - removed.count }

    /// Bytes of the compiled tables.
    public var byteCount: Int { settled.tables.byteCount + recent.tables.byteCount }

    /// The next machine: some rules removed, then some added; a rule added under a known number replaces the old one.
    public func updating(adding added: [Int: EventPattern] = [:], removing gone: some Sequence<Int> = []) -> Self {
        var recentRules = recent.rules
        var removed = removed
        for id in [Int](gone) + added.keys {
            recentRules[id] = nil
            if settled.rules[id] != nil { removed.insert(id) }
        }
        recentRules.merge(added) { $1 }
        if recentRules.count + removed.count <= max(32, settled.rules.count / 32) {
            return PatternMachine(settled: settled, recent: Segment(recentRules), removed: removed)
        }
        var all = settled.rules
        for id in removed { all[id] = nil }
        all.merge(recentRules) { $1 }
        return PatternMachine(settled: Segment(all), recent: Segment([:]), removed: [])
    }

    public func adding(_ pattern: EventPattern, id: Int) -> Self { updating(adding: [id: pattern]) }

    public func removing(_ id: Int) -> Self { updating(removing: CollectionOfOne(id)) }

    // MARK: Matching

    /// The numbers of the rules that match an event, a JSON object in UTF-8, in rising order.
    public func rules(matching event: UnsafeRawBufferPointer) throws(EventReadError) -> [Int] {
        var found: [Int] = []
        let box = ContextPool.shared.take()
        defer { ContextPool.shared.giveBack(box) }
        try match(event, using: &box.context)
        swap(&found, &box.context.matched)
        if found.count > 1 { found.sort() }
        return found
    }

    public func rules(matching event: [UInt8]) throws(EventReadError) -> [Int] {
        let found = event.withUnsafeBytes { bytes in
            Result { () throws(EventReadError) in try rules(matching: bytes) }
        }
        return try found.get()
    }

    /// Hands the number of each matching rule to a closure, in no particular order and without allocating memory.
    public func forEachRule(
        matching event: UnsafeRawBufferPointer, _ body: (Int) -> Void
    ) throws(EventReadError) {
        let box = ContextPool.shared.take()
        defer { ContextPool.shared.giveBack(box) }
        try match(event, using: &box.context)
        for id in box.context.matched { body(id) }
    }

    private func match(_ event: UnsafeRawBufferPointer, using context: inout MatchContext) throws(EventReadError) {
        context.matched.removeAll(keepingCapacity: true)
        guard event.count <= Self.eventSizeLimit else {
            throw EventReadError(
                reason: "the event is longer than \(Self.eventSizeLimit) bytes", offset: Self.eventSizeLimit)
        }
        try match(event, settled, using: &context)
        if !removed.isEmpty { context.matched.removeAll { removed.contains($0) } }
        if !recent.rules.isEmpty { try match(event, recent, using: &context) }
    }

    private func match(
        _ event: UnsafeRawBufferPointer, _ segment: Segment, using context: inout MatchContext
    ) throws(EventReadError) {
        context.prepare(segment.tables, event, steps: Self.stepLimit)
        var flattener = EventFlattener(segment.tables, context, count: event.count)
        try flattener.flatten(into: &context)
        try context.match(segment.tables)
    }
}
