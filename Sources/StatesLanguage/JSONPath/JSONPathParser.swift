import Core

/// Reads a JSONPath one byte at a time.
struct JSONPathParser {
    /// Bounds that no path in use comes near; they keep hostile ones from costing time or stack.
    static let maximumSteps = 512
    static let maximumFilterDepth = 32

    let bytes: [UInt8]
    var position: Int

    init(_ text: String) {
        bytes = Array(text.utf8)
        position = 0
    }

    /// Starts in the middle of a text, as when a path is an argument of an intrinsic call.
    init(bytes: [UInt8], position: Int) {
        self.bytes = bytes
        self.position = position
    }

    // MARK: Paths

    mutating func parseWhole() throws(PathSyntaxError) -> JSONPath {
        let path = try parsePath(endsAt: .end)
        guard position == bytes.count else { throw failure("unexpected character \(quotedCharacter)") }
        return path
    }

    enum Ending {
        case end
        /// A comma, a closing parenthesis or white space outside brackets.
        case argument
    }

    mutating func parsePath(endsAt ending: Ending) throws(PathSyntaxError) -> JSONPath {
        let start = position
        guard take("$") else { throw failure("a path must start with '$'") }
        let root = try parseRoot(ending)
        let steps = try parseSteps(ending)
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        return JSONPath(text: text, root: root, steps: steps)
    }

    private mutating func parseRoot(_ ending: Ending) throws(PathSyntaxError) -> JSONPath.Root {
        if take("$") { return .context }
        let start = position
        while position < bytes.count, Self.isNameByte(bytes[position]) { position += 1 }
        guard position > start else { return .input }
        return .variable(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    mutating func parseSteps(_ ending: Ending) throws(PathSyntaxError) -> [PathStep] {
        var steps: [PathStep] = []
        while position < bytes.count, !isEnd(ending) {
            guard steps.count < Self.maximumSteps else {
                throw failure("the path has more than \(Self.maximumSteps) steps")
            }
            if case .function = steps.last { throw failure("nothing may follow a function") }
            switch bytes[position] {
            case UInt8(ascii: "."): try parseDot(into: &steps, ending)
            case UInt8(ascii: "["): steps.append(try parseBracket(depth: 0))
            default: throw failure("unexpected character \(quotedCharacter)")
            }
        }
        if case .descendants = steps.last { throw failure("a path must not end with '..'") }
        return steps
    }

    private func isEnd(_ ending: Ending) -> Bool {
        guard ending == .argument else { return false }
        switch bytes[position] {
        case UInt8(ascii: ","), UInt8(ascii: ")"), UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"):
            return true
        default: return false
        }
    }

    private mutating func parseDot(into steps: inout [PathStep], _ ending: Ending) throws(PathSyntaxError) {
        position += 1
        if take(".") {
            steps.append(.descendants)
            if position < bytes.count, bytes[position] == UInt8(ascii: "[") { return }
        }
        if position < bytes.count, bytes[position] == UInt8(ascii: "[") { return }
        if take("*") {
            steps.append(.wildcard)
            return
        }
        let start = position
        while position < bytes.count, !Self.endsName(bytes[position]) { position += 1 }
        guard position > start else { throw failure("a path must not end with '.'") }
        let name = String(decoding: bytes[start..<position], as: UTF8.self)
        if position < bytes.count, bytes[position] == UInt8(ascii: "(") {
            steps.append(try parseFunction(name))
        } else {
            steps.append(.member(name))
        }
    }

    private mutating func parseFunction(_ name: String) throws(PathSyntaxError) -> PathStep {
        guard let function = PathFunction(rawValue: name) else { throw failure("unknown function '\(name)'") }
        position += 1
        skipSpace()
        guard take(")") else { throw failure("the function '\(name)' takes no arguments") }
        return .function(function)
    }

    // MARK: Brackets

    mutating func parseBracket(depth: Int) throws(PathSyntaxError) -> PathStep {
        position += 1
        skipSpace()
        guard position < bytes.count else { throw failure("'[' is not closed with ']'") }
        let step: PathStep
        switch bytes[position] {
        case UInt8(ascii: "*"):
            position += 1
            step = .wildcard
        case UInt8(ascii: "'"), UInt8(ascii: "\""): step = try parseNames()
        case UInt8(ascii: "?"):
            position += 1
            step = .filter(try parseFilter(depth: depth + 1))
        default: step = try parsePositions()
        }
        skipSpace()
        guard take("]") else { throw failure("'[' is not closed with ']'") }
        return step
    }

    private mutating func parseNames() throws(PathSyntaxError) -> PathStep {
        var names: [String] = []
        repeat {
            skipSpace()
            names.append(try parseQuoted())
            skipSpace()
        } while take(",")
        return names.count == 1 ? .member(names[0]) : .members(names)
    }

    private mutating func parsePositions() throws(PathSyntaxError) -> PathStep {
        let first = try parseInteger()
        skipSpace()
        if take(":") {
            skipSpace()
            let to = try parseInteger()
            guard first != nil || to != nil else { throw failure("a slice needs a bound") }
            return .slice(from: first, to: to)
        }
        guard let first else { throw failure("'[' must be followed by a position, a name in quotes, '*', ':' or '?'") }
        var positions = [first]
        while take(",") {
            skipSpace()
            guard let next = try parseInteger() else { throw failure("a position must follow ','") }
            positions.append(next)
            skipSpace()
        }
        return positions.count == 1 ? .index(first) : .indexes(positions)
    }

    private mutating func parseInteger() throws(PathSyntaxError) -> Int? {
        let start = position
        if position < bytes.count, bytes[position] == UInt8(ascii: "-") { position += 1 }
        while position < bytes.count, Self.isDigit(bytes[position]) { position += 1 }
        guard position > start else { return nil }
        guard let value = Int32(String(decoding: bytes[start..<position], as: UTF8.self)) else {
            throw PathSyntaxError(reason: "a position must be a whole number of 32 bits", offset: start)
        }
        return Int(value)
    }

    mutating func parseQuoted() throws(PathSyntaxError) -> String {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "'") || bytes[position] == UInt8(ascii: "\"")
        else { throw failure("a name must stand in quotes") }
        let start = position
        let quote = bytes[position]
        position += 1
        var text: [UInt8] = []
        while position < bytes.count, bytes[position] != quote {
            // A backslash is itself, but before the closing quote's kind or another backslash.
            if bytes[position] == UInt8(ascii: "\\"), position + 1 < bytes.count,
                bytes[position + 1] == quote || bytes[position + 1] == UInt8(ascii: "\\")
            {
                position += 1
            }
            text.append(bytes[position])
            position += 1
        }
        guard position < bytes.count else { throw PathSyntaxError(reason: "a quote is not closed", offset: start) }
        position += 1
        return String(decoding: text, as: UTF8.self)
    }

    // MARK: Pieces

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func skipSpace() {
        while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 || bytes[position] == 0x0A {
            position += 1
        }
    }

    var quotedCharacter: String {
        let rest = String(decoding: bytes[position..<min(position + 4, bytes.count)], as: UTF8.self)
        return "'\(rest.first.map(String.init) ?? "")'"
    }

    func failure(_ reason: String) -> PathSyntaxError { PathSyntaxError(reason: reason, offset: position) }

    static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

    /// What a variable's name is made of: letters of any script, digits and `_`.
    static func isNameByte(_ byte: UInt8) -> Bool {
        isDigit(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    private static func endsName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "["), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","),
            UInt8(ascii: "]"), UInt8(ascii: "'"), UInt8(ascii: "\""), 0...0x20:
            true
        default: false
        }
    }
}
