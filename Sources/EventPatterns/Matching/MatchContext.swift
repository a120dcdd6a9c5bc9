/// A value of a field that some rule names.
struct FieldValue: BitwiseCopyable {
    enum Kind: UInt8, BitwiseCopyable {
        case string, literal, number
    }

    var start: UnsafePointer<UInt8>
    var count: Int32
    var kind: Kind
    /// The array element that the value lies in; 0 outside of arrays.
    var scope: Int32
    /// The next value of the same field.
    var next: Int32
    /// The number's key, once some condition has asked for it; 0 for none that is comparable.
    var numberKey: UInt64 = 0
    var isNumberKeyKnown = false
}

/// An element of an array that holds an object or an array.
struct ArrayScope: BitwiseCopyable {
    var parent: Int32
    /// Numbers the arrays of an event.
    var array: Int32
    var depth: Int32
}

/// A state that a value leads to.
struct ValueHit: BitwiseCopyable {
    var state: Int32
    var value: Int32
}

/// What one condition on the way to a state was satisfied by.
struct Evidence: BitwiseCopyable {
    var path: Int32
    /// Values that satisfied it, as a range of hits; empty when the field's absence did.
    var hitStart: Int32
    var hitCount: Int32
}

/// The working memory of matching, kept from event to event: buffers for the event's text and its values, and marks
/// that are compared with a running number instead of being cleared.
struct MatchContext: ~Copyable {
    // The event, with room behind it for reading eight bytes at a time; zero bytes end every scan.
    var text = RawStack<UInt8>(capacity: 4096)
    /// Unescaped strings, each with room behind it; blocks are never moved while values point into them.
    var unescaped: [UnsafeMutablePointer<UInt8>] = []

    var values = RawStack<FieldValue>(capacity: 64)
    var scopes = RawStack<ArrayScope>(capacity: 16)
    var arrayCount: Int32 = 0
    /// First and last value of each field, -1 when the event has none.
    var firstValue = RawStack<Int32>()
    var lastValue = RawStack<Int32>()
    var touchedPaths = RawStack<Int32>()

    /// Rises with every event and every value looked at.
    var mark: UInt32 = 0
    var eventMark: UInt32 = 0
    var stateMarks = RawStack<UInt32>()
    var ruleMarks = RawStack<UInt32>()
    var exclusionMarks = RawStack<UInt32>()
    var byteNodeMarks = RawStack<UInt32>()
    /// Rises with every byte that the byte automaton reads.
    var byteMark: UInt32 = 0

    var hits = RawStack<ValueHit>(capacity: 64)
    var evidence = RawStack<Evidence>(capacity: 16)
    var stars = RawStack<Int32>()
    var places = RawStack<Int32>()
    var nextPlaces = RawStack<Int32>()
    var key = RawStack<UInt8>(capacity: 64)

    var stepsLeft = 0
    var matched: [Int] = []

    static let padding = 16

    init() {}

    deinit { for block in unescaped { block.deallocate() } }

    var byteCount: Int {
        text.byteCount + values.byteCount + scopes.byteCount + hits.byteCount + stateMarks.byteCount
            + ruleMarks.byteCount + exclusionMarks.byteCount + byteNodeMarks.byteCount
    }

    /// Gets ready for an event and a machine.
    mutating func prepare(_ tables: MachineTables, _ event: UnsafeRawBufferPointer, steps: Int) {
        clearEvent()
        stepsLeft = steps
        firstValue.extend(to: tables.pathRanks.count, with: -1)
        lastValue.extend(to: tables.pathRanks.count, with: -1)
        // Far from the end of the counter no event can use it up: marks start anew.
        if max(mark, byteMark) > UInt32.max / 2 { resetMarks() }
        stateMarks.extend(to: tables.states.count, with: 0)
        ruleMarks.extend(to: tables.ruleIDs.count, with: 0)
        exclusionMarks.extend(to: tables.exclusionStates.count, with: 0)
        byteNodeMarks.extend(to: tables.byteNodes.count, with: 0)
        mark += 1
        eventMark = mark
        copy(event)
    }

    private mutating func clearEvent() {
        for index in 0..<touchedPaths.count { firstValue[Int(touchedPaths[index])] = -1 }
        touchedPaths.truncate(to: 0)
        values.truncate(to: 0)
        scopes.truncate(to: 0)
        scopes.push(ArrayScope(parent: -1, array: -1, depth: 0))
        arrayCount = 0
        hits.truncate(to: 0)
        evidence.truncate(to: 0)
        if !unescaped.isEmpty {
            for block in unescaped { block.deallocate() }
            unescaped.removeAll(keepingCapacity: true)
        }
    }

    private mutating func resetMarks() {
        mark = 0
        byteMark = 0
        for index in 0..<stateMarks.count { stateMarks[index] = 0 }
        for index in 0..<ruleMarks.count { ruleMarks[index] = 0 }
        for index in 0..<exclusionMarks.count { exclusionMarks[index] = 0 }
        for index in 0..<byteNodeMarks.count { byteNodeMarks[index] = 0 }
    }

    private mutating func copy(_ event: UnsafeRawBufferPointer) {
        text.truncate(to: 0)
        text.reserve(event.count + Self.padding)
        if let source = event.baseAddress {
            UnsafeMutableRawPointer(text.base).copyMemory(from: source, byteCount: event.count)
        }
        (text.base + event.count).initialize(repeating: 0, count: Self.padding)
    }

    @inline(__always) mutating func spend(_ steps: Int) throws(EventReadError) {
        stepsLeft -= steps
        if stepsLeft < 0 { throw EventReadError.tooComplex(steps: PatternMachine.stepLimit) }
    }
}
