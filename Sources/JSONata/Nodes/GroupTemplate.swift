import Core

/// The pairs of an object constructor or of a grouping.
struct GroupTemplate: Sendable {
    struct Pair: Sendable {
        var key: Node
        var value: Node
        /// The key, when it is written out.
        var literal: String?
    }

    let pairs: [Pair]
    let position: Int
    /// All keys are written out and differ.
    private let hasDistinctLiterals: Bool

    init(_ pairs: [Pair], position: Int) {
        self.pairs = pairs
        self.position = position
        let literals = pairs.compactMap(\.literal).map(TextKey.init)
        hasDistinctLiterals = literals.count == pairs.count && Set(literals).count == pairs.count
    }

    /// One object for the whole input: values of elements whose keys agree are evaluated together.
    func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        switch input {
        case .json(.array(let elements)): return try evaluate(elements, [], frame, run)
        case .array(let elements, let traits): return try evaluate(elements, traits, frame, run)
        default:
            return hasDistinctLiterals ? try makeObject(input, frame, run) : try evaluate(single: input, frame, run)
        }
    }

    // MARK: One element

    private func makeObject(_ item: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        var object = JSONObject()
        object.reserveCapacity(pairs.count)
        try run.spend(pairs.count)
        var isNested = false
        for index in pairs.indices {
            let value = try pairs[index].value.evaluate(item, frame, run)
            guard let element = try run.element(value), let key = pairs[index].literal else { continue }
            if element.isContainer { isNested = true }
            object.appendUnchecked(key, element)
        }
        if isNested { try run.sampleDepth { object.values } }
        return .json(.object(object))
    }

    private func evaluate(single item: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        var groups = Groups(count: 1, position: position)
        for index in pairs.indices {
            guard let key = try key(of: index, item, frame, run) else { continue }
            try groups.add(key, pair: index)
        }
        return try finish(groups.entries.map { ($0.key.text, $0.pair) }, run) { _ in (item, frame) }
    }

    private func key(of index: Int, _ item: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> TextKey? {
        if let literal = pairs[index].literal { return TextKey(literal) }
        let key = try pairs[index].key.evaluate(item, frame, run)
        if key.isUndefined { return nil }
        guard case .json(.string(let text)) = key else {
            throw JSONataError(code: "T1003", position: position, value: key.shown)
        }
        return TextKey(text)
    }

    private func finish(
        _ entries: [(key: String, pair: Int)], _ run: Evaluation,
        context: (Int) throws(JSONataError) -> (Value, Frame)
    ) throws(JSONataError) -> Value {
        var object = JSONObject()
        object.reserveCapacity(entries.count)
        try run.spend(entries.count * 2)
        var isNested = false
        for index in entries.indices {
            let (item, frame) = try context(index)
            let value = try pairs[entries[index].pair].value.evaluate(item, frame, run)
            guard let element = try run.element(value) else { continue }
            if element.isContainer { isNested = true }
            object.appendUnchecked(entries[index].key, element)
        }
        if isNested { try run.sampleDepth { object.values } }
        return .json(.object(object))
    }

    // MARK: Many elements

    private func evaluate(
        _ elements: [JSON], _ traits: ArrayTraits, _ frame: Frame, _ run: Evaluation
    ) throws(JSONataError) -> Value {
        if elements.isEmpty { return try evaluate(single: .undefined, frame, run) }
        if elements.count == 1 { return try evaluate(single: run.value(of: elements[0], in: traits), frame, run) }
        var groups = Groups(count: elements.count, position: position)
        try run.spend(elements.count * pairs.count)
        for element in elements {
            let item = run.value(of: element, in: traits)
            for index in pairs.indices {
                guard let key = try key(of: index, item, frame, run) else { continue }
                try groups.add(key, pair: index, element)
            }
        }
        let entries = groups.entries
        return try finish(entries.map { ($0.key.text, $0.pair) }, run) { index in
            (entries[index].context(run), frame)
        }
    }

    // MARK: Streams of bindings

    func evaluate(_ tuples: [Frame], _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        var groups = Groups(count: tuples.count, position: position)
        var members: [[Frame]] = []
        try run.spend(tuples.count * pairs.count)
        for tuple in tuples {
            for index in pairs.indices {
                guard let key = try key(of: index, tuple[0], tuple, run) else { continue }
                let entry = try groups.add(key, pair: index)
                if entry == members.count { members.append([]) }
                members[entry].append(tuple)
            }
        }
        return try finish(groups.entries.map { ($0.key.text, $0.pair) }, run) { index throws(JSONataError) in
            let merged = try Self.merge(members[index], run)
            return (merged[0], merged)
        }
    }

    /// One tuple that holds, for each binding, the values of all.
    private static func merge(_ tuples: [Frame], _ run: Evaluation) throws(JSONataError) -> Frame {
        let merged = tuples[0].copy()
        if tuples.count == 1 { return merged }
        try run.spend(tuples.count * merged.header.count)
        for slot in 0..<merged.header.count {
            var all: [JSON] = []
            for tuple in tuples {
                switch tuple[slot] {
                case .json(.array(let elements)), .array(let elements, _): all += elements
                case .unbound, .undefined: continue
                default: if let element = try run.element(tuple[slot]) { all.append(element) }
                }
            }
            if !all.isEmpty { merged[slot] = .json(.array(all)) }
        }
        return merged
    }
}

/// Which keys were seen, in their order, and what belongs to each.
private struct Groups {
    struct Entry {
        var key: TextKey
        var pair: Int
        var elements: [JSON] = []

        /// What the value is evaluated on: one element, or all of them in an array.
        func context(_ run: Evaluation) -> Value {
            if elements.count == 1 { return run.value(of: elements[0]) }
            if !elements.contains(where: { if case .array = $0 { true } else { false } }) {
                return .json(.array(elements))
            }
            return .json(.array(elements.flatMap { if case .array(let inner) = $0 { inner } else { [$0] } }))
        }
    }

    private(set) var entries: [Entry] = []
    private var places: [TextKey: Int]
    private let position: Int

    init(count: Int, position: Int) {
        places = [:]
        self.position = position
    }

    /// The number of the entry.
    @discardableResult mutating func add(
        _ key: TextKey, pair: Int, _ element: JSON? = nil
    ) throws(JSONataError) -> Int {
        if let place = places[key] {
            guard entries[place].pair == pair else {
                throw JSONataError(code: "D1009", position: position, value: .string(key.text))
            }
            if let element { entries[place].elements.append(element) }
            return place
        }
        places[key] = entries.count
        entries.append(Entry(key: key, pair: pair, elements: element.map { [$0] } ?? []))
        return entries.count - 1
    }
}

/// A string that is compared and hashed by its bytes.
struct TextKey: Hashable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: TextKey, right: TextKey) -> Bool { left.text.hasSameBytes(as: right.text) }

    func hash(into hasher: inout Hasher) {
        let hashed: Void? = text.utf8.withContiguousStorageIfAvailable {
            hasher.combine(bytes: UnsafeRawBufferPointer($0))
        }
        if hashed == nil { for byte in text.utf8 { hasher.combine(byte) } }
    }
}

extension JSON {
    @inline(__always) var isContainer: Bool {
        switch self {
        case .array, .object: true
        default: false
        }
    }
}

/// `{ … }` as an expression or a step, and `(…){ … }` on something that is not a path.
final class ObjectNode: Node, @unchecked Sendable {
    private let base: Node?
    private let template: GroupTemplate

    init(_ template: GroupTemplate, of base: Node? = nil) {
        self.template = template
        self.base = base
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        let context = try base?.evaluate(input, frame, run) ?? input
        return try template.evaluate(context, frame, run)
    }
}

/// `[ … ]`
final class ArrayNode: Node, @unchecked Sendable {
    struct Item: Sendable {
        var node: Node
        /// An array constructor inside an array constructor stays an array; everything else is flattened.
        var staysArray: Bool
    }

    private let items: [Item]
    /// At an end of a path the array is one value.
    private let isOneValue: Bool

    init(_ items: [Item], isOneValue: Bool) {
        self.items = items
        self.isOneValue = isOneValue
    }

    override func evaluate(_ input: Value, _ frame: Frame, _ run: Evaluation) throws(JSONataError) -> Value {
        var elements: [JSON] = []
        var isNested = false
        try run.spend(items.count)
        for item in items {
            let value = try item.node.evaluate(input, frame, run)
            if let inner = value.elements, !item.staysArray {
                if items.count == 1 { elements = inner } else { elements += inner }
                try run.spend(inner.count)
            } else if let element = try run.element(value) {
                if element.isContainer { isNested = true }
                elements.append(element)
            }
        }
        try run.checkLength(elements.count)
        if isNested { try run.sampleDepth { elements } }
        return isOneValue ? .array(elements, .isOneValue) : .json(.array(elements))
    }
}
