/// One pass over the bytes, building values on a stack of its own so that every array is allocated once, at its size.
struct JSONParser: ~Copyable {
    private let base: UnsafePointer<UInt8>
    private let end: Int
    private var position = 0
    private let depthLimit: Int
    private var values = ParseStack<JSON>()
    private var members = ParseStack<JSONObject.Member>()
    private var unescaped: [UInt8] = []

    init(_ bytes: UnsafeRawBufferPointer, limits: JSONLimits) {
        base = bytes.assumingMemoryBound(to: UInt8.self).baseAddress ?? Self.nothing
        end = bytes.count
        depthLimit = limits.depth
    }

    /// The address of an empty input, never read.
    private static var nothing: UnsafePointer<UInt8> { UnsafePointer(bitPattern: 1)! }

    mutating func parseDocument() throws(JSONParseError) -> JSON {
        skipWhitespace()
        let value = try parseValue(depth: 0)
        skipWhitespace()
        guard position == end else { throw failure("unexpected text after the end of the value") }
        return value
    }

    // MARK: Values

    private mutating func parseValue(depth: Int) throws(JSONParseError) -> JSON {
        guard position < end else { throw failure("unexpected end: a value is missing") }
        switch base[position] {
        case UInt8(ascii: "\""):
            position += 1
            return .string(try parseString())
        case UInt8(ascii: "{"): return try parseObject(depth: depth + 1)
        case UInt8(ascii: "["): return try parseArray(depth: depth + 1)
        case UInt8(ascii: "t"):
            try expect("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try expect("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try expect("null")
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try parseNumber()
        default: throw failure("unexpected character \(quotedCharacter): a value is missing")
        }
    }

    private mutating func parseArray(depth: Int) throws(JSONParseError) -> JSON {
        guard depth <= depthLimit else { throw failure("nested deeper than \(depthLimit) levels") }
        position += 1
        skipWhitespace()
        if position < end, base[position] == UInt8(ascii: "]") {
            position += 1
            return .array([])
        }
        let start = values.count
        while true {
            values.push(try parseValue(depth: depth))
            skipWhitespace()
            guard position < end else { throw failure("unexpected end: the array is not closed with ']'") }
            let separator = base[position]
            if separator == UInt8(ascii: ",") {
                position += 1
                skipWhitespace()
            } else if separator == UInt8(ascii: "]") {
                position += 1
                return .array(values.popArray(from: start))
            } else {
                throw failure("unexpected character \(quotedCharacter): expected ',' or ']' in an array")
            }
        }
    }

    private mutating func parseObject(depth: Int) throws(JSONParseError) -> JSON {
        guard depth <= depthLimit else { throw failure("nested deeper than \(depthLimit) levels") }
        position += 1
        skipWhitespace()
        if position < end, base[position] == UInt8(ascii: "}") {
            position += 1
            return .object(JSONObject())
        }
        let start = members.count
        while true {
            guard position < end else { throw failure("unexpected end: the object is not closed with '}'") }
            guard base[position] == UInt8(ascii: "\"") else {
                throw failure("unexpected character \(quotedCharacter): expected a member's name in double quotes")
            }
            position += 1
            let key = try parseString()
            skipWhitespace()
            guard position < end, base[position] == UInt8(ascii: ":") else {
                throw failure("expected ':' after a member's name")
            }
            position += 1
            skipWhitespace()
            let value = try parseValue(depth: depth)
            members.push(JSONObject.Member(key: key, value: value))
            skipWhitespace()
            guard position < end else { throw failure("unexpected end: the object is not closed with '}'") }
            let separator = base[position]
            if separator == UInt8(ascii: ",") {
                position += 1
                skipWhitespace()
            } else if separator == UInt8(ascii: "}") {
                position += 1
                return .object(JSONObject(uncheckedMembers: members.popArray(from: start)))
            } else {
                throw failure("unexpected character \(quotedCharacter): expected ',' or '}' in an object")
            }
        }
    }

    // MARK: Strings

    /// Parses from after the opening quote to after the closing one.
    private mutating func parseString() throws(JSONParseError) -> String {
        let start = position
        let mayNeedValidation = skipPlainCharacters()
        if position < end, base[position] == UInt8(ascii: "\"") {
            let bytes = UnsafeBufferPointer(start: base + start, count: position - start)
            let text =
                mayNeedValidation ? try decode(bytes, at: start) : String(decoding: bytes, as: UTF8.self)
            position += 1
            return text
        }
        return try parseEscapedString(from: start)
    }

    private mutating func parseEscapedString(from start: Int) throws(JSONParseError) -> String {
        unescaped.removeAll(keepingCapacity: true)
        var runStart = start
        while true {
            guard position < end else { throw failure("unexpected end: the string is not closed with '\"'") }
            unescaped.append(contentsOf: UnsafeBufferPointer(start: base + runStart, count: position - runStart))
            switch base[position] {
            case UInt8(ascii: "\""):
                position += 1
                let bytes = unescaped
                return try bytes.withUnsafeBufferPointer { buffer throws(JSONParseError) in
                    try decode(buffer, at: start)
                }
            case UInt8(ascii: "\\"):
                position += 1
                try parseEscape()
            default:
                throw failure("control character in a string: write it as an escape such as \\n")
            }
            runStart = position
            _ = skipPlainCharacters()
        }
    }

    private mutating func parseEscape() throws(JSONParseError) {
        guard position < end else { throw failure("unexpected end: the string is not closed with '\"'") }
        let escape = base[position]
        position += 1
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(escape)
        case UInt8(ascii: "n"): unescaped.append(0x0A)
        case UInt8(ascii: "t"): unescaped.append(0x09)
        case UInt8(ascii: "r"): unescaped.append(0x0D)
        case UInt8(ascii: "b"): unescaped.append(0x08)
        case UInt8(ascii: "f"): unescaped.append(0x0C)
        case UInt8(ascii: "u"): try parseUnicodeEscape()
        default:
            position -= 1
            throw failure("unknown escape \\\(Character(Unicode.Scalar(escape))) in a string")
        }
    }

    private mutating func parseUnicodeEscape() throws(JSONParseError) {
        let unit = try parseHexUnit()
        var scalar = UInt32(unit)
        if (0xD800..<0xDC00).contains(unit), position + 1 < end, base[position] == UInt8(ascii: "\\"),
            base[position + 1] == UInt8(ascii: "u")
        {
            let mark = position
            position += 2
            let low = try parseHexUnit()
            if (0xDC00..<0xE000).contains(low) {
                scalar = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
            } else {
                position = mark
            }
        }
        // A lone surrogate is no character: it becomes the replacement character.
        unescaped.append(contentsOf: UTF8.encode(Unicode.Scalar(scalar) ?? "\u{FFFD}")!)
    }

    private mutating func parseHexUnit() throws(JSONParseError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard position < end, let digit = Character(Unicode.Scalar(base[position])).hexDigitValue else {
                throw failure("\\u in a string must be followed by four hexadecimal digits")
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    private func decode(_ bytes: UnsafeBufferPointer<UInt8>, at offset: Int) throws(JSONParseError) -> String {
        // Decoding replaces what is invalid, so a text that differs was. The initializer that only validates takes a
        // hundred nanoseconds to look up generic metadata.
        var text = String(decoding: bytes, as: UTF8.self)
        let isSame = text.withUTF8 { $0.count == bytes.count && $0.elementsEqual(bytes) }
        guard isSame else { throw failure("a string is not valid UTF-8", at: offset) }
        return text
    }

    /// Moves to the next quote, backslash or control character, eight bytes at a time.
    ///
    /// - Returns: Whether some of the bytes passed may be other than ASCII.
    @inline(__always) private mutating func skipPlainCharacters() -> Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        var seen: UInt64 = 0
        while position + 8 <= end {
            let word = UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self)
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            // The classic zero-byte test, and the same for bytes below 0x20.
            let found =
                ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word) & highs
            seen |= word
            if found != 0 {
                position += UInt64(littleEndian: found).trailingZeroBitCount >> 3
                return seen & highs != 0
            }
            position += 8
        }
        while position < end {
            let byte = base[position]
            if byte == 0x22 || byte == 0x5C || byte < 0x20 { break }
            seen |= UInt64(byte)
            position += 1
        }
        return seen & highs != 0
    }

    // MARK: Numbers

    private mutating func parseNumber() throws(JSONParseError) -> JSON {
        let start = position
        let negative = base[position] == UInt8(ascii: "-")
        if negative { position += 1 }
        var mantissa: UInt64 = 0
        let integerDigits = takeDigits(into: &mantissa)
        let firstDigit = negative ? start + 1 : start
        guard integerDigits > 0 else { throw failure("a number needs digits after '-'") }
        if integerDigits > 1, base[firstDigit] == UInt8(ascii: "0") {
            throw failure("a number must not start with 0", at: firstDigit)
        }
        var fractionDigits = 0
        var exponent = 0
        var isInteger = true
        if position < end, base[position] == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            fractionDigits = takeDigits(into: &mantissa)
            guard fractionDigits > 0 else { throw failure("a number needs digits after '.'") }
        }
        if position < end, base[position] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            exponent = try parseExponent()
        }
        let digits = integerDigits + fractionDigits
        if isInteger, digits <= 18 {
            return .int(negative ? -Int64(mantissa) : Int64(mantissa))
        }
        if isInteger, digits == 19, mantissa <= UInt64(Int64.max) + (negative ? 1 : 0) {
            return .int(negative ? Int64(truncatingIfNeeded: 0 &- mantissa) : Int64(mantissa))
        }
        let scale = exponent - fractionDigits
        if digits <= 15, scale >= -22, scale <= 22 {
            // Both factors are exact doubles, so one rounding gives the nearest result.
            let value = Double(mantissa)
            let power = powersOfTen[abs(scale)]
            let scaled = scale < 0 ? value / power : value * power
            return .double(negative ? -scaled : scaled)
        }
        let text = String(decoding: UnsafeBufferPointer(start: base + start, count: position - start), as: UTF8.self)
        guard let value = Double(text), value.isFinite else { throw failure("the number is out of range", at: start) }
        return .double(value)
    }

    @inline(__always) private mutating func takeDigits(into mantissa: inout UInt64) -> Int {
        let start = position
        while position < end {
            let digit = base[position] &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            mantissa = mantissa &* 10 &+ UInt64(digit)
            position += 1
        }
        return position - start
    }

    private mutating func parseExponent() throws(JSONParseError) -> Int {
        position += 1
        var negative = false
        if position < end, base[position] == UInt8(ascii: "-") || base[position] == UInt8(ascii: "+") {
            negative = base[position] == UInt8(ascii: "-")
            position += 1
        }
        var exponent: UInt64 = 0
        let start = position
        guard takeDigits(into: &exponent) > 0 else { throw failure("a number needs digits after its exponent sign") }
        // Longer exponents are out of every range; the value itself no longer matters.
        let magnitude = position - start > 6 ? 999_999 : Int(exponent)
        return negative ? -magnitude : magnitude
    }

    // MARK: Pieces

    @inline(__always) private mutating func skipWhitespace() {
        while position < end {
            let byte = base[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position += 1
        }
    }

    private mutating func expect(_ word: StaticString) throws(JSONParseError) {
        let count = word.utf8CodeUnitCount
        guard end - position >= count, word.utf8Start.elementsEqual(base + position, count: count) else {
            throw failure("unexpected text: a value is missing (text must stand in double quotes)")
        }
        position += count
    }

    private var quotedCharacter: String {
        let upTo = min(end, position + 4)
        let text = String(decoding: UnsafeBufferPointer(start: base + position, count: upTo - position), as: UTF8.self)
        return "'\(text.first.map(String.init) ?? "")'"
    }

    private func failure(_ reason: String, at offset: Int? = nil) -> JSONParseError {
        let offset = offset ?? position
        let before = UnsafeBufferPointer(start: base, count: min(offset, end))
        let line = before.reduce(1) { $1 == 0x0A ? $0 + 1 : $0 }
        let lineStart = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        // Continuation bytes of UTF-8 do not start a character.
        let column = before[lineStart...].reduce(1) { $1 & 0xC0 == 0x80 ? $0 : $0 + 1 }
        return JSONParseError(reason: reason, offset: offset, line: line, column: column)
    }
}

private let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
]

extension UnsafePointer<UInt8> {
    fileprivate func elementsEqual(_ other: UnsafePointer<UInt8>, count: Int) -> Bool {
        for index in 0..<count where self[index] != other[index] { return false }
        return true
    }
}
