/// Reads the content of a JSON string that holds escapes.
struct EscapedStringReader {
    private(set) var bytes: [UInt8] = []

    /// From behind the opening quote to behind the closing one. The text is followed by a zero byte.
    mutating func read(_ base: UnsafePointer<UInt8>, from position: inout Int, end: Int) throws(EventReadError) {
        while true {
            let byte = base[position]
            guard position < end else { throw EventReadError(reason: "a string is not closed", offset: end) }
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return
            case UInt8(ascii: "\\"): try readEscape(base, &position, end)
            case 0..<0x20:
                throw EventReadError(reason: "a control character in a string", offset: position - 1)
            default: bytes.append(byte)
            }
        }
    }

    private mutating func readEscape(
        _ base: UnsafePointer<UInt8>, _ position: inout Int, _ end: Int
    ) throws(EventReadError) {
        let escape = base[position]
        position = min(position + 1, end)
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): bytes.append(escape)
        case UInt8(ascii: "b"): bytes.append(0x08)
        case UInt8(ascii: "f"): bytes.append(0x0C)
        case UInt8(ascii: "n"): bytes.append(0x0A)
        case UInt8(ascii: "r"): bytes.append(0x0D)
        case UInt8(ascii: "t"): bytes.append(0x09)
        case UInt8(ascii: "u"):
            let scalar = try readScalar(base, &position)
            bytes.append(contentsOf: String(Character(scalar)).utf8)
        default: throw EventReadError(reason: "an unknown escape in a string", offset: position)
        }
    }

    private func readScalar(
        _ base: UnsafePointer<UInt8>, _ position: inout Int
    ) throws(EventReadError) -> Unicode.Scalar {
        let unit = try readUnit(base, &position)
        guard (0xD800..<0xDC00).contains(unit), base[position] == UInt8(ascii: "\\"),
            base[position + 1] == UInt8(ascii: "u")
        else { return Unicode.Scalar(unit) ?? "\u{FFFD}" }
        var mark = position + 2
        let low = try readUnit(base, &mark)
        guard (0xDC00..<0xE000).contains(low) else { return "\u{FFFD}" }
        position = mark
        return Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00)) ?? "\u{FFFD}"
    }

    private func readUnit(_ base: UnsafePointer<UInt8>, _ position: inout Int) throws(EventReadError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(base[position])).hexDigitValue else {
                throw EventReadError(reason: "\\u must be followed by four hexadecimal digits", offset: position)
            }
            unit = unit << 4 | UInt32(digit)
            position += 1
        }
        return unit
    }
}
