/// A pull reader of JSON tokens that stands, after every token, exactly where the reader inside AWS's services stands:
/// the positions in their error messages depend on how far it has read. Two habits matter. A string is only entered,
/// not read, until its text is asked for; and a field's name already takes the first token of its value along.
struct PatternReader {
    let bytes: [UInt8]
    private(set) var position = 0
    private(set) var token: PatternToken?
    private var lookahead: PatternToken?
    private var insideString = false
    private var tokenText = ""
    private(set) var fieldName = ""
    private var containers: [Container] = []

    private struct Container {
        var isArray: Bool
        var start: Int
        var hasEntries = false
    }

    /// Objects and arrays inside one another; also bounds the compiler's recursion.
    static let depthLimit = 200

    init(_ text: String) { bytes = Array(text.utf8) }

    // MARK: Tokens

    /// Moves to the next token; nil at the end of the text.
    @discardableResult mutating func next() throws(EventPatternError) -> PatternToken? {
        if let ready = lookahead {
            lookahead = nil
            token = ready
            try enterOrLeave(ready)
            return ready
        }
        if insideString { try finishString() }
        skipWhitespace()
        guard position < bytes.count else {
            guard let open = containers.last else {
                token = nil
                return nil
            }
            throw failure(
                "Unexpected end-of-input: expected close marker for \(open.isArray ? "Array" : "Object") "
                    + "(start marker at \(place(at: open.start).dropFirst(4)))")
        }
        token = try readToken()
        return token
    }

    private mutating func readToken() throws(EventPatternError) -> PatternToken {
        guard let open = containers.last else { return try readValue(entering: true) }
        let byte = bytes[position]
        if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") {
            guard open.isArray == (byte == UInt8(ascii: "]")) else {
                throw failure(
                    "Unexpected close marker '\(Character(Unicode.Scalar(byte)))': expected "
                        + "'\(open.isArray ? "]" : "}")' (for \(open.isArray ? "Array" : "Object") starting at "
                        + "\(place(at: open.start).dropFirst(4)))")
            }
            position += 1
            containers.removeLast()
            return open.isArray ? .endArray : .endObject
        }
        if open.hasEntries {
            guard byte == UInt8(ascii: ",") else {
                throw unexpected("was expecting comma to separate \(open.isArray ? "Array" : "Object") entries")
            }
            position += 1
            skipWhitespace()
        }
        containers[containers.count - 1].hasEntries = true
        return open.isArray ? try readValue(entering: true) : try readFieldName()
    }

    private mutating func readFieldName() throws(EventPatternError) -> PatternToken {
        guard position < bytes.count else { throw endOfInput(" within/between Object entries") }
        guard bytes[position] == UInt8(ascii: "\"") else {
            throw unexpected("was expecting double-quote to start field name")
        }
        position += 1
        fieldName = try readStringBody(" in field name")
        skipWhitespace()
        guard position < bytes.count else { throw endOfInput(" within/between Object entries") }
        guard bytes[position] == UInt8(ascii: ":") else {
            throw unexpected("was expecting a colon to separate field name and value")
        }
        position += 1
        skipWhitespace()
        lookahead = try readValue(entering: false)
        return .fieldName
    }

    /// Reads the first token of a value; containers are entered only once the token is handed out.
    private mutating func readValue(entering: Bool) throws(EventPatternError) -> PatternToken {
        guard position < bytes.count else { throw endOfInput("") }
        let token: PatternToken
        switch bytes[position] {
        case UInt8(ascii: "{"): token = .startObject
        case UInt8(ascii: "["): token = .startArray
        case UInt8(ascii: "\""):
            position += 1
            insideString = true
            return .string
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try readNumber()
        default: return try readWord()
        }
        position += 1
        if entering { try enterOrLeave(token) }
        return token
    }

    private mutating func enterOrLeave(_ token: PatternToken) throws(EventPatternError) {
        guard token == .startObject || token == .startArray else { return }
        guard containers.count < Self.depthLimit else {
            throw failure("Document nesting depth exceeds the maximum allowed (\(Self.depthLimit))")
        }
        containers.append(Container(isArray: token == .startArray, start: position - 1))
    }

    // MARK: Texts

    /// The text of the current token: a string's content, a number as written, a word, or a bracket.
    mutating func text() throws(EventPatternError) -> String {
        switch token {
        case .string:
            if insideString { try finishString() }
            return tokenText
        case .integer, .float: return tokenText
        case .fieldName: return fieldName
        case .true: return "true"
        case .false: return "false"
        case .null: return "null"
        case .startObject: return "{"
        case .endObject: return "}"
        case .startArray: return "["
        case .endArray: return "]"
        case nil: return "null"
        }
    }

    private mutating func finishString() throws(EventPatternError) {
        insideString = false
        tokenText = try readStringBody(": was expecting closing quote for a string value")
    }

    private mutating func readStringBody(_ endReason: String) throws(EventPatternError) -> String {
        var content: [UInt8] = []
        while true {
            guard position < bytes.count else { throw endOfInput(endReason) }
            let byte = bytes[position]
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"):
                position += 1
                try readEscape(into: &content, endReason)
            case 0..<0x20:
                throw failure(
                    "Illegal unquoted character ((CTRL-CHAR, code \(byte))): has to be escaped using backslash to be "
                        + "included in \(endReason.hasPrefix(":") ? "string value" : "name")")
            default:
                content.append(byte)
                position += 1
            }
        }
    }

    private mutating func readEscape(into content: inout [UInt8], _ endReason: String) throws(EventPatternError) {
        guard position < bytes.count else { throw endOfInput(endReason) }
        let escape = bytes[position]
        position += 1
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(escape)
        case UInt8(ascii: "b"): content.append(0x08)
        case UInt8(ascii: "f"): content.append(0x0C)
        case UInt8(ascii: "n"): content.append(0x0A)
        case UInt8(ascii: "r"): content.append(0x0D)
        case UInt8(ascii: "t"): content.append(0x09)
        case UInt8(ascii: "u"):
            let scalar = try readEscapedScalar(endReason)
            content.append(contentsOf: Array(String(Character(scalar)).utf8))
        default:
            let named = Character(Unicode.Scalar(escape))
            throw failure("Unrecognized character escape '\(named)' (code \(escape))")
        }
    }

    private mutating func readEscapedScalar(_ endReason: String) throws(EventPatternError) -> Unicode.Scalar {
        let unit = try readHexUnit(endReason)
        guard (0xD800..<0xDC00).contains(unit), position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
            bytes[position + 1] == UInt8(ascii: "u")
        else { return Unicode.Scalar(UInt32(unit)) ?? "\u{FFFD}" }
        let mark = position
        position += 2
        let low = try readHexUnit(endReason)
        guard (0xDC00..<0xE000).contains(low) else {
            position = mark
            return "\u{FFFD}"
        }
        let joined = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
        return Unicode.Scalar(joined) ?? "\u{FFFD}"
    }

    private mutating func readHexUnit(_ endReason: String) throws(EventPatternError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard position < bytes.count else { throw endOfInput(" in character escape sequence") }
            guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
                throw unexpected("expected a hex-digit for character escape sequence")
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    // MARK: Numbers and words

    private mutating func readNumber() throws(EventPatternError) -> PatternToken {
        let start = position
        if bytes[position] == UInt8(ascii: "-") { position += 1 }
        let firstDigit = position
        guard takeDigits() > 0 else {
            throw position < bytes.count
                ? unexpected("expected digit (0-9) to follow minus sign, for valid numeric value")
                : endOfInput(" in a Number value")
        }
        if bytes[firstDigit] == UInt8(ascii: "0"), position - firstDigit > 1 {
            position = firstDigit + 1
            throw failure("Invalid numeric value: Leading zeroes not allowed")
        }
        var kind = PatternToken.integer
        if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
            kind = .float
            position += 1
            guard takeDigits() > 0 else { throw numberFailure("Decimal point not followed by a digit") }
        }
        if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
            kind = .float
            position += 1
            if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
                position += 1
            }
            guard takeDigits() > 0 else { throw numberFailure("Exponent indicator not followed by a digit") }
        }
        tokenText = String(decoding: bytes[start..<position], as: UTF8.self)
        return kind
    }

    private mutating func takeDigits() -> Int {
        let start = position
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
        return position - start
    }

    private func numberFailure(_ comment: String) -> EventPatternError {
        position < bytes.count ? unexpected(comment) : endOfInput(" in a Number value")
    }

    private static let valueExpectation = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')"

    private mutating func readWord() throws(EventPatternError) -> PatternToken {
        let start = position
        while position < bytes.count, isWordByte(bytes[position]) { position += 1 }
        let word = String(decoding: bytes[start..<position], as: UTF8.self)
        switch word {
        case "true": return .true
        case "false": return .false
        case "null": return .null
        case "": throw unexpected("expected a valid value \(Self.valueExpectation)")
        default: throw failure("Unrecognized token '\(word)': was expecting \(Self.valueExpectation)")
        }
    }

    private func isWordByte(_ byte: UInt8) -> Bool {
        byte >= 0x80 || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "$")
            || (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte &- UInt8(ascii: "0") < 10
    }

    private mutating func skipWhitespace() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) { position += 1 }
    }

    /// True when nothing but white space follows.
    mutating func isAtEnd() -> Bool {
        skipWhitespace()
        return position == bytes.count
    }
}
