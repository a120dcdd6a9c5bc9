/// Percent-encoding of paths and queries (RFC 3986, and the form encoding's `+`).
public enum PercentCoding {
    /// Nil when an escape is broken or the bytes are no UTF-8.
    public static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String? {
        let utf8 = text.utf8
        guard utf8.contains(where: { $0 == UInt8(ascii: "%") || plusIsSpace && $0 == UInt8(ascii: "+") }) else {
            return String(text)
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(utf8.count)
        var index = utf8.startIndex
        while index < utf8.endIndex {
            let byte = utf8[index]
            utf8.formIndex(after: &index)
            if byte == UInt8(ascii: "%") {
                guard let high = digit(utf8, &index), let low = digit(utf8, &index) else { return nil }
                bytes.append(high << 4 | low)
            } else {
                bytes.append(plusIsSpace && byte == UInt8(ascii: "+") ? 0x20 : byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit<T: Collection<UInt8>>(_ utf8: T, _ index: inout T.Index) -> UInt8? {
        guard index < utf8.endIndex, let value = hexValue(utf8[index]) else { return nil }
        utf8.formIndex(after: &index)
        return value
    }

    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    /// Encodes everything but letters, digits, `-`, `.`, `_` and `~`; a slash stays where it is allowed.
    public static func encode(_ text: String, keepingSlash: Bool = false) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 { append(byte, to: &bytes, keepingSlash: keepingSlash) }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func append(_ byte: UInt8, to bytes: inout [UInt8], keepingSlash: Bool) {
        if isUnreserved(byte) || keepingSlash && byte == UInt8(ascii: "/") {
            bytes.append(byte)
        } else {
            bytes.append(UInt8(ascii: "%"))
            bytes.append(upperHex(byte >> 4))
            bytes.append(upperHex(byte & 15))
        }
    }

    static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
        default: false
        }
    }

    private static func upperHex(_ nibble: UInt8) -> UInt8 { nibble < 10 ? 0x30 + nibble : 0x37 + nibble }

    /// The pairs of a query string, decoded; a name without `=` has an empty value. Nil when an escape is broken.
    public static func pairs(_ query: String, plusIsSpace: Bool = true) -> [(name: String, value: String)]? {
        var pairs: [(name: String, value: String)] = []
        for part in query.utf8.split(separator: UInt8(ascii: "&")) {
            let halves = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = decode(Substring(halves[0]), plusIsSpace: plusIsSpace) else { return nil }
            var value = ""
            if halves.count > 1 {
                guard let decoded = decode(Substring(halves[1]), plusIsSpace: plusIsSpace) else { return nil }
                value = decoded
            }
            pairs.append((name, value))
        }
        return pairs
    }
}
