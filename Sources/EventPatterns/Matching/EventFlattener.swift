/// Reads an event once and keeps the values of the fields that rules name; everything else is skipped without looking
/// at more than its quotes and brackets, so its inner syntax is not checked.
struct EventFlattener: ~Copyable {
    private let tables: MachineTables
    let base: UnsafePointer<UInt8>
    let end: Int
    var position = 0

    /// Arrays and objects inside one another on the way to a field; also bounds the recursion.
    static let depthLimit = 1000

    init(_ tables: MachineTables, _ context: borrowing MatchContext, count: Int) {
        self.tables = tables
        base = UnsafePointer(context.text.base)
        end = count
    }

    mutating func flatten(into context: inout MatchContext) throws(EventReadError) {
        skipWhitespace()
        guard base[position] == UInt8(ascii: "{") else { throw EventReadError.notAnObject() }
        try readObject(node: 0, scope: 0, depth: 1, &context)
        skipWhitespace()
        guard position == end else { throw failure("text after the end of the event") }
    }

    // MARK: Containers

    private mutating func readObject(
        node: Int32, scope: Int32, depth: Int, _ context: inout MatchContext
    ) throws(EventReadError) {
        guard depth <= Self.depthLimit else { throw failure("nested deeper than \(Self.depthLimit) levels") }
        position += 1
        skipWhitespace()
        if base[position] == UInt8(ascii: "}") {
            position += 1
            return
        }
        let names = tables.nameNodes[node]
        while true {
            guard base[position] == UInt8(ascii: "\"") else { throw failure("a member's name is missing") }
            let child = try readName(names, &context)
            skipWhitespace()
            guard base[position] == UInt8(ascii: ":") else { throw failure("':' is missing after a member's name") }
            position += 1
            skipWhitespace()
            if child >= 0 {
                try readValue(node: child, scope: scope, depth: depth, &context)
            } else {
                try skipValue()
            }
            skipWhitespace()
            let separator = base[position]
            guard separator == UInt8(ascii: ",") || separator == UInt8(ascii: "}") else {
                throw failure("',' or '}' is missing in an object")
            }
            position += 1
            if separator == UInt8(ascii: "}") { return }
            skipWhitespace()
        }
    }

    private mutating func readArray(
        node: Int32, scope: Int32, depth: Int, _ context: inout MatchContext
    ) throws(EventReadError) {
        guard depth <= Self.depthLimit else { throw failure("nested deeper than \(Self.depthLimit) levels") }
        position += 1
        let array = context.arrayCount
        context.arrayCount += 1
        skipWhitespace()
        if base[position] == UInt8(ascii: "]") {
            position += 1
            return
        }
        while true {
            var inner = scope
            if base[position] == UInt8(ascii: "{") || base[position] == UInt8(ascii: "[") {
                let outer = context.scopes[Int(scope)]
                inner = Int32(context.scopes.count)
                context.scopes.push(ArrayScope(parent: scope, array: array, depth: outer.depth + 1))
            }
            try readValue(node: node, scope: inner, depth: depth, &context)
            skipWhitespace()
            let separator = base[position]
            guard separator == UInt8(ascii: ",") || separator == UInt8(ascii: "]") else {
                throw failure("',' or ']' is missing in an array")
            }
            position += 1
            if separator == UInt8(ascii: "]") { return }
            skipWhitespace()
        }
    }

    // MARK: Names

    /// Reads a name from its opening quote on; returns the place in the tree that it leads to, or -1.
    @inline(__always) private mutating func readName(
        _ names: NameNode, _ context: inout MatchContext
    ) throws(EventReadError) -> Int32 {
        position += 1
        let start = position
        skipPlainCharacters()
        guard base[position] == UInt8(ascii: "\"") else { return try readEscapedName(names, from: start, &context) }
        let count = position - start
        position += 1
        if names.tableMask < 0 { return -1 }
        let found = child(of: names, base + start, count)
        if found >= 0 || !names.reachesDeeper { return found }
        return descend(names, base + start, count)
    }

    private mutating func readEscapedName(
        _ names: NameNode, from start: Int, _ context: inout MatchContext
    ) throws(EventReadError) -> Int32 {
        let (name, count) = try readEscaped(from: start, &context)
        let found = child(of: names, name, count)
        return found >= 0 ? found : descend(names, name, count)
    }

    @inline(__always) private func child(of names: NameNode, _ name: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
        if names.tableMask < 0 { return -1 }
        let hash = UInt32(truncatingIfNeeded: ByteHash.hash(name, count: count, seed: 0))
        var index = Int32(truncatingIfNeeded: hash & UInt32(bitPattern: names.tableMask))
        while true {
            let slot = tables.nameSlots[names.tableStart + index]
            if slot.node < 0 { return -1 }
            if slot.hash == hash, Int(slot.keyCount) == count,
                ByteHash.equal(tables.text.base + Int(slot.keyStart), name, count: count)
            {
                return slot.node
            }
            index = (index + 1) & names.tableMask
        }
    }

    /// A name with dots stands for several steps.
    private func descend(_ names: NameNode, _ name: UnsafePointer<UInt8>, _ count: Int) -> Int32 {
        var place = names
        var start = 0
        var found: Int32 = -1
        var scratch = [UInt8](repeating: 0, count: 0)
        for index in 0...count where index == count || name[index] == UInt8(ascii: ".") {
            // Hashing reads past the end, which here are the bytes behind the dot: they are masked.
            scratch.removeAll(keepingCapacity: true)
            scratch.append(contentsOf: UnsafeBufferPointer(start: name + start, count: index - start))
            scratch.append(contentsOf: repeatElement(0, count: ByteHash.padding))
            found = scratch.withUnsafeBufferPointer { buffer in
                buffer.baseAddress.map { child(of: place, $0, index - start) } ?? -1
            }
            if found < 0 { return -1 }
            place = tables.nameNodes[found]
            start = index + 1
        }
        return found
    }

    // MARK: Values

    private mutating func readValue(
        node: Int32, scope: Int32, depth: Int, _ context: inout MatchContext
    ) throws(EventReadError) {
        switch base[position] {
        case UInt8(ascii: "\""):
            let path = tables.nameNodes[node].path
            if path >= 0 { try readString(path, scope, &context) } else { try skipString() }
        case UInt8(ascii: "{"):
            if tables.nameNodes[node].tableMask >= 0 {
                try readObject(node: node, scope: scope, depth: depth + 1, &context)
            } else {
                try skipNested()
            }
        case UInt8(ascii: "["): try readArray(node: node, scope: scope, depth: depth + 1, &context)
        default:
            let start = position
            let kind = try skipScalar()
            let path = tables.nameNodes[node].path
            if path >= 0 {
                add(base + start, position - start, kind, path, scope, &context)
            }
        }
    }

    @inline(__always) private mutating func readString(
        _ path: Int32, _ scope: Int32, _ context: inout MatchContext
    ) throws(EventReadError) {
        position += 1
        let start = position
        skipPlainCharacters()
        if base[position] == UInt8(ascii: "\"") {
            add(base + start, position - start, .string, path, scope, &context)
            position += 1
            return
        }
        let (text, count) = try readEscaped(from: start, &context)
        add(text, count, .string, path, scope, &context)
    }

    @inline(__always) private func add(
        _ start: UnsafePointer<UInt8>, _ count: Int, _ kind: FieldValue.Kind, _ path: Int32, _ scope: Int32,
        _ context: inout MatchContext
    ) {
        let index = Int32(context.values.count)
        context.values.push(
            FieldValue(start: start, count: Int32(count), kind: kind, scope: scope, next: -1))
        if context.firstValue[Int(path)] < 0 {
            context.firstValue[Int(path)] = index
            context.touchedPaths.push(path)
        } else {
            context.values.base[Int(context.lastValue[Int(path)])].next = index
        }
        context.lastValue[Int(path)] = index
    }

    // MARK: Escapes

    /// Reads a string with escapes to behind its closing quote.
    private mutating func readEscaped(
        from start: Int, _ context: inout MatchContext
    ) throws(EventReadError) -> (UnsafePointer<UInt8>, Int) {
        position = start
        var reader = EscapedStringReader()
        try reader.read(base, from: &position, end: end)
        let count = reader.bytes.count
        let block = UnsafeMutablePointer<UInt8>.allocate(capacity: count + MatchContext.padding)
        block.initialize(repeating: 0, count: count + MatchContext.padding)
        reader.bytes.withUnsafeBufferPointer { source in
            if let address = source.baseAddress { block.update(from: address, count: count) }
        }
        context.unescaped.append(block)
        return (UnsafePointer(block), count)
    }
}
