import Core

/// Finds the line and column of a place in a JSON text.
///
/// The text is read again from the start for every question, so that parsing it in the first place needs to keep no
/// positions; questions are only asked when there is something to report.
public struct JSONSourceMap {
    public struct Position: Sendable, Hashable {
        /// One-based.
        public var line: Int
        /// One-based, counted in characters.
        public var column: Int

        public init(line: Int, column: Int) {
            self.line = line
            self.column = column
        }
    }

    private let bytes: [UInt8]

    public init(_ text: String) { bytes = Array(text.utf8) }

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Where the value at the path begins, or its name when it is a member. As far as the path can be followed: a member
    /// that is missing gives the place of the object that should have it. Nil when the text is not JSON.
    public func position(of path: DefinitionPath) -> Position? {
        var scanner = JSONScanner(bytes)
        scanner.skipSpace()
        guard !scanner.isAtEnd else { return nil }
        var found = scanner.position
        for step in path.steps {
            guard let next = scanner.enter(step) else { break }
            found = next
        }
        return position(at: found)
    }

    private func position(at offset: Int) -> Position {
        let before = bytes[..<min(offset, bytes.count)]
        let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        return Position(line: line, column: before[start...].reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 })
    }
}

/// Walks over JSON text that has been found well formed; on any other text it stops, at the end at the latest.
private struct JSONScanner {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { position >= bytes.count }

    private var byte: UInt8 { isAtEnd ? 0 : bytes[position] }

    mutating func skipSpace() {
        while !isAtEnd, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    /// Moves from the start of a container to the start of one of its values; answers where that, or its name, begins.
    mutating func enter(_ step: DefinitionPath.Step) -> Int? {
        let start = position
        let found =
            switch step {
            case .member(let name): enterMember(name)
            case .index(let index): enterElement(index)
            }
        if found == nil { position = start }
        return found
    }

    private mutating func enterMember(_ name: String) -> Int? {
        guard byte == UInt8(ascii: "{") else { return nil }
        position += 1
        // The last of equal names counts, as it does for the parser.
        var found: (name: Int, value: Int)?
        while !isAtEnd {
            skipSpace()
            guard byte == UInt8(ascii: "\"") else { break }
            let nameStart = position
            skipString()
            let key = bytes[nameStart..<position]
            skipSpace()
            guard byte == UInt8(ascii: ":") else { break }
            position += 1
            skipSpace()
            if Self.isName(key, name) { found = (nameStart, position) }
            skipValue()
            skipSpace()
            guard byte == UInt8(ascii: ",") else { break }
            position += 1
        }
        guard let found else { return nil }
        position = found.value
        return found.name
    }

    private static func isName(_ quoted: ArraySlice<UInt8>, _ name: String) -> Bool {
        let inner = quoted.dropFirst().dropLast()
        if inner.elementsEqual(name.utf8) { return true }
        guard inner.contains(UInt8(ascii: "\\")), let decoded = try? JSON(parsing: quoted) else { return false }
        return decoded.stringValue?.utf8Equals(name) ?? false
    }

    private mutating func enterElement(_ index: Int) -> Int? {
        guard byte == UInt8(ascii: "[") else { return nil }
        position += 1
        for _ in 0..<index {
            skipSpace()
            skipValue()
            skipSpace()
            guard byte == UInt8(ascii: ",") else { return nil }
            position += 1
        }
        skipSpace()
        return position
    }

    /// Skips a value by counting brackets, so that depth costs no stack.
    private mutating func skipValue() {
        var depth = 0
        repeat {
            switch byte {
            case UInt8(ascii: "\""): skipString()
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                position += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: skipScalar()
            }
        } while depth > 0 && !isAtEnd
    }

    private mutating func skipScalar() {
        while !isAtEnd {
            switch byte {
            case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ":"), 0x20, 0x0A, 0x0D, 0x09:
                return
            default: position += 1
            }
        }
    }

    private mutating func skipString() {
        position += 1
        while !isAtEnd, byte != UInt8(ascii: "\"") { position += byte == UInt8(ascii: "\\") ? 2 : 1 }
        position = min(position + 1, bytes.count)
    }
}
