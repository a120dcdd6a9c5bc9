import Core

/// Reads an intrinsic call. Strings stand in single quotes, within which `\'`, `\{`, `\}` and `\\` are escapes.
struct IntrinsicParser {
    /// AWS nests at most ten calls in one field.
    static let maximumDepth = 10
    /// A bound on the arguments of one call.
    static let maximumArguments = 1000

    private var reader: JSONPathParser

    init(_ text: String) { reader = JSONPathParser(text) }

    mutating func parseWhole() throws(PathSyntaxError) -> IntrinsicCall {
        reader.skipSpace()
        let call = try parseCall(depth: 1)
        reader.skipSpace()
        guard reader.position == reader.bytes.count else {
            throw reader.failure("unexpected character \(reader.quotedCharacter) after the call")
        }
        return call
    }

    private mutating func parseCall(depth: Int) throws(PathSyntaxError) -> IntrinsicCall {
        guard depth <= Self.maximumDepth else {
            throw reader.failure("intrinsic functions may be nested at most \(Self.maximumDepth) levels deep")
        }
        let start = reader.position
        let function = try parseName()
        guard reader.take("(") else { throw reader.failure("'(' must follow the function's name") }
        let arguments = try parseArguments(depth: depth)
        guard function.arity.contains(arguments.count) else {
            throw PathSyntaxError(
                reason: "\(function.rawValue) takes \(function.arityText), not \(arguments.count)", offset: start)
        }
        let text = String(decoding: reader.bytes[start..<reader.position], as: UTF8.self)
        return IntrinsicCall(text: text, function: function, arguments: arguments)
    }

    private mutating func parseName() throws(PathSyntaxError) -> IntrinsicFunction {
        let start = reader.position
        while reader.position < reader.bytes.count,
            JSONPathParser.isNameByte(reader.bytes[reader.position])
                || reader.bytes[reader.position] == UInt8(ascii: ".")
        {
            reader.position += 1
        }
        let name = String(decoding: reader.bytes[start..<reader.position], as: UTF8.self)
        guard let function = IntrinsicFunction(rawValue: name) else {
            throw PathSyntaxError(reason: "unknown intrinsic function '\(name)'", offset: start)
        }
        return function
    }

    private mutating func parseArguments(depth: Int) throws(PathSyntaxError) -> [IntrinsicArgument] {
        var arguments: [IntrinsicArgument] = []
        reader.skipSpace()
        if reader.take(")") { return [] }
        while true {
            guard arguments.count < Self.maximumArguments else {
                throw reader.failure("a call may have at most \(Self.maximumArguments) arguments")
            }
            reader.skipSpace()
            arguments.append(try parseArgument(depth: depth))
            reader.skipSpace()
            if reader.take(")") { return arguments }
            guard reader.take(",") else { throw reader.failure("',' or ')' must follow an argument") }
        }
    }

    private mutating func parseArgument(depth: Int) throws(PathSyntaxError) -> IntrinsicArgument {
        guard reader.position < reader.bytes.count else { throw reader.failure("an argument is missing") }
        switch reader.bytes[reader.position] {
        case UInt8(ascii: "'"): return .string(try parseString())
        case UInt8(ascii: "$"): return .path(try reader.parsePath(endsAt: .argument))
        case UInt8(ascii: "S"): return .call(try parseCall(depth: depth + 1))
        default: return .literal(try parseLiteral())
        }
    }

    private mutating func parseLiteral() throws(PathSyntaxError) -> JSON {
        let start = reader.position
        while reader.position < reader.bytes.count, Self.isLiteralByte(reader.bytes[reader.position]) {
            reader.position += 1
        }
        let text = reader.bytes[start..<reader.position]
        guard !text.isEmpty, let value = try? JSON(parsing: text) else {
            throw PathSyntaxError(
                reason: "an argument must be a string in single quotes, a number, true, false, null, a path or a call",
                offset: start)
        }
        return value
    }

    private static func isLiteralByte(_ byte: UInt8) -> Bool {
        JSONPathParser.isNumberByte(byte) || (byte | 0x20) &- UInt8(ascii: "a") < 26
    }

    private mutating func parseString() throws(PathSyntaxError) -> IntrinsicString {
        let start = reader.position
        reader.position += 1
        var value: [UInt8] = []
        var pieces: [[UInt8]] = [[]]
        while reader.position < reader.bytes.count {
            let byte = reader.bytes[reader.position]
            reader.position += 1
            switch byte {
            case UInt8(ascii: "'"):
                return IntrinsicString(
                    value: String(decoding: value, as: UTF8.self),
                    pieces: pieces.map { String(decoding: $0, as: UTF8.self) })
            case UInt8(ascii: "\\"):
                let escaped = try parseEscape()
                value += escaped
                pieces[pieces.count - 1] += escaped
            case UInt8(ascii: "{")
            where reader.position < reader.bytes.count
                && reader.bytes[reader.position] == UInt8(ascii: "}"):
                reader.position += 1
                value += Array("{}".utf8)
                pieces.append([])
            default:
                value.append(byte)
                pieces[pieces.count - 1].append(byte)
            }
        }
        throw PathSyntaxError(reason: "a string is not closed with a single quote", offset: start)
    }

    private mutating func parseEscape() throws(PathSyntaxError) -> [UInt8] {
        guard reader.position < reader.bytes.count else { throw reader.failure("a string ends within an escape") }
        let escaped = reader.bytes[reader.position]
        switch escaped {
        case UInt8(ascii: "'"), UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "\\"):
            reader.position += 1
            return [escaped]
        default:
            throw reader.failure("a backslash may only stand before ', {, } or another backslash")
        }
    }
}

extension IntrinsicFunction {
    fileprivate var arityText: String {
        if arity.upperBound == .max { return "at least \(arity.lowerBound) argument" }
        if arity.lowerBound < arity.upperBound { return "\(arity.lowerBound) or \(arity.upperBound) arguments" }
        return arity.lowerBound == 1 ? "1 argument" : "\(arity.lowerBound) arguments"
    }
}

extension IntrinsicCall {
    /// Compiles a call such as `States.Format('Hello {}', $.name)`.
    public init(parsing text: String) throws(PathSyntaxError) {
        var parser = IntrinsicParser(text)
        self = try parser.parseWhole()
    }
}
