// The plain values that a machine consists of. Indices are 32 bits wide; -1 stands for none.

/// A place in the tree of field names.
struct NameNode: BitwiseCopyable {
    /// Where the children's hash table begins.
    var tableStart: Int32 = 0
    /// The table's size less one; -1 without children.
    var tableMask: Int32 = -1
    /// The field that ends here.
    var path: Int32 = -1
    /// Some child has children: names with dots may reach further down.
    var reachesDeeper = false
}

/// An entry of a name node's hash table; empty when the node is -1.
struct NameSlot: BitwiseCopyable {
    var hash: UInt32 = 0
    var node: Int32 = -1
    var keyStart: Int32 = 0
    var keyCount: Int32 = 0
}

/// What has been satisfied of some rules, and what would satisfy more.
struct RuleState: BitwiseCopyable {
    var transitionStart: Int32 = 0
    var transitionCount: Int32 = 0
    var absenceStart: Int32 = 0
    var absenceCount: Int32 = 0
    /// The rules that match here.
    var ruleStart: Int32 = 0
    var ruleCount: Int32 = 0
}

/// From a state, the field whose values decide on the next states.
struct FieldTransition: BitwiseCopyable {
    var path: Int32
    var automaton: Int32
}

/// From a state, a field that must be missing, and the state that this leads to.
struct AbsenceTransition: BitwiseCopyable {
    var path: Int32
    var state: Int32
}

/// What a value can satisfy. Targets are states, or, when negative, the complement of an exclusion's index.
struct ValueAutomaton: BitwiseCopyable {
    /// Entry points into the byte automaton, for values read forwards and backwards.
    var forward: Int32 = -1
    var backward: Int32 = -1
    /// Targets of every value.
    var anyValue: Int32 = -1
    /// Root of the tree of number ranges, or where the lists of each position begin, and the bounds of both.
    var ranges: Int32 = -1
    var rangeLists: Int32 = -1
    var boundStart: Int32 = 0
    var boundCount: Int32 = 0
    /// Lengths of address prefixes.
    var addressStart: Int32 = 0
    var addressCount: Int32 = 0
    /// Exclusions: states reached unless one of the excluded values was met.
    var exclusionStart: Int32 = 0
    var exclusionCount: Int32 = 0
    /// Which kinds of keys the table of exact values holds for this automaton.
    var kinds: ValueKinds = []
}

struct ValueKinds: OptionSet, BitwiseCopyable {
    var rawValue: UInt8

    static let string = ValueKinds(rawValue: 1)
    static let literal = ValueKinds(rawValue: 2)
    static let number = ValueKinds(rawValue: 4)
    static let address = ValueKinds(rawValue: 8)
}

/// An entry of the hash table of exact values of all automata; empty when the automaton is -1.
struct ExactSlot: BitwiseCopyable {
    var hash: UInt32 = 0
    var automaton: Int32 = -1
    var keyStart: Int32 = 0
    var keyCount: Int32 = 0
    var target: Int32 = 0
    /// More targets of the same value.
    var more: Int32 = -1
    var kind: ValueKinds = []
}

/// An element of a list of targets.
struct TargetLink: BitwiseCopyable {
    var target: Int32
    var next: Int32
}

/// A state of the byte automaton.
struct ByteNode: BitwiseCopyable {
    var edgeStart: Int32 = 0
    var edgeCount: Int32 = 0
    /// Position of a table of 256 first edges, for nodes with many.
    var dense: Int32 = -1
    /// The state that keeps being active whatever bytes follow: a `*` stands here.
    var star: Int32 = -1
    /// Targets when the value ends here.
    var atEnd: Int32 = -1
    /// Targets whatever follows.
    var atOnce: Int32 = -1
}

struct ByteEdge: BitwiseCopyable {
    var byte: UInt8
    var node: Int32
}

/// A node of a centred interval tree over positions among an automaton's bounds.
struct RangeNode: BitwiseCopyable {
    var center: Int32
    var left: Int32 = -1
    var right: Int32 = -1
    /// The ranges around the centre, first by rising lower end, then again by falling upper end.
    var entryStart: Int32
    var entryCount: Int32
}

struct RangeEntry: BitwiseCopyable {
    var end: Int32
    var target: Int32
}
