/// Reads an event once and keeps the values of the fields that rules name; everything else is skipped without looking
/// at more than its quotes and brackets, so its inner syntax is not checked.
struct EventFlattener: ~Copyable {
    private let tables: MachineTables
    private let base: UnsafePointer<UInt8>
    private let end: Int
    private var position = 0

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

    // MARK: Skipping

    @inline(__always) private mutating func skipValue() throws(EventReadError) {
        switch base[position] {
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "{"), UInt8(ascii: "["): try skipNested()
        default: _ = try skipScalar()
        }
    }

    @inline(__always) private mutating func skipString() throws(EventReadError) {
        position += 1
        skipPlainCharacters()
        while base[position] != UInt8(ascii: "\"") {
            guard position < end else { throw failure("a string is not closed") }
            guard base[position] == UInt8(ascii: "\\") else { throw failure("a control character in a string") }
            position = min(position + 2, end)
            skipPlainCharacters()
        }
        position += 1
    }

    /// Skips an object or array by counting brackets outside of strings, eight bytes at a time.
    private mutating func skipNested() throws(EventReadError) {
        let start = position
        var depth = 0
        while true {
            // Outside of strings no JSON text has other bytes that become 0x7F with these bits set than the four
            // brackets.
            let word = UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self)
            let bracket = (word | 0x2626_2626_2626_2626) ^ 0x7F7F_7F7F_7F7F_7F7F
            let quote = word ^ 0x2222_2222_2222_2222
            var found = zeroBytes(bracket) | zeroBytes(quote) | zeroBytes(word)
            if found == 0 {
                position += 8
                continue
            }
            while found != 0 {
                let offset = UInt64(littleEndian: found).trailingZeroBitCount >> 3
                let byte = base[position + offset]
                if byte == UInt8(ascii: "\"") {
                    position += offset
                    try skipString()
                    break
                }
                if byte == 0 {
                    position = min(start, end)
                    throw failure("an object or array is not closed")
                }
                depth += byte & 0x06 == 0x02 ? 1 : -1
                if depth == 0 {
                    position += offset + 1
                    return
                }
                found &= found &- 1
                if found == 0 { position += 8 }
            }
        }
    }

    /// A high bit in every byte that is zero, and in no other.
    @inline(__always) private func zeroBytes(_ word: UInt64) -> UInt64 {
        let lows: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        return ~((word & lows &+ lows) | word | lows)
    }

    /// Skips a number or a word.
    private mutating func skipScalar() throws(EventReadError) -> FieldValue.Kind {
        let start = position
        let first = base[position]
        while true {
            let byte = base[position]
            if byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                break
            }
            position += 1
        }
        let count = position - start
        if first == UInt8(ascii: "-") || first &- UInt8(ascii: "0") < 10 { return .number }
        let isWord =
            switch first {
            case UInt8(ascii: "t"): isEqual(start, count, "true")
            case UInt8(ascii: "f"): isEqual(start, count, "false")
            case UInt8(ascii: "n"): isEqual(start, count, "null")
            default: false
            }
        guard isWord else {
            position = start
            throw failure("a value is missing")
        }
        return .literal
    }

    private func isEqual(_ start: Int, _ count: Int, _ word: StaticString) -> Bool {
        guard count == word.utf8CodeUnitCount else { return false }
        for index in 0..<count where base[start + index] != word.utf8Start[index] { return false }
        return true
    }

    @inline(__always) private mutating func skipWhitespace() {
        while true {
            let byte = base[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position += 1
        }
    }

    /// Moves to the next quote, backslash or control character.
    @inline(__always) private mutating func skipPlainCharacters() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        while true {
            let word = UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self)
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let found =
                ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word) & highs
            if found != 0 {
                position += UInt64(littleEndian: found).trailingZeroBitCount >> 3
                return
            }
            position += 8
        }
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

    private func failure(_ reason: String) -> EventReadError {
        EventReadError(
            reason: position >= end ? "\(reason) (unexpected end)" : reason, offset: min(position, end))
    }
}
