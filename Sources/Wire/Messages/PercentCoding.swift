/// Percent-encoding of paths and queries (RFC 3986, and the form encoding's `+`).
public enum PercentCoding {
    /// Nil when an escape is broken or the bytes are no UTF-8.
    public static func decode(_ text: some StringProtocol, plusIsSpace: Bool = false) -> String? {
        var text = String(text)
        return text.withUTF8 { decode($0[...], plusIsSpace) }
    }

    /// - Parameter bytes: a part of a text between two characters, so that it is valid UTF-8.
    private static func decode(_ bytes: Slice<UnsafeBufferPointer<UInt8>>, _ plusIsSpace: Bool) -> String? {
        let isPlain = bytes.allSatisfy { $0 != UInt8(ascii: "%") && !(plusIsSpace && $0 == UInt8(ascii: "+")) }
        if isPlain { return String(decoding: bytes, as: UTF8.self) }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: bytes.count) { decoded in
            var count = 0
            var isASCII = true
            var index = bytes.startIndex
            while index < bytes.endIndex {
                var byte = bytes[index]
                index += 1
                if byte == UInt8(ascii: "%") {
                    guard index + 1 < bytes.endIndex, let high = hexValue(bytes[index]),
                        let low = hexValue(bytes[index + 1])
                    else { return nil }
                    byte = high << 4 | low
                    index += 2
                } else if plusIsSpace, byte == UInt8(ascii: "+") {
                    byte = 0x20
                }
                if byte >= 0x80 { isASCII = false }
                decoded[count] = byte
                count += 1
            }
            let result = decoded[..<count]
            return isASCII ? String(decoding: result, as: UTF8.self) : String(validating: result, as: UTF8.self)
        }
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
        var query = query
        let isSound = query.withUTF8 { bytes in
            forEachPair(bytes) { name, value in
                guard let name = decode(name, plusIsSpace), let value = decode(value, plusIsSpace) else { return false }
                pairs.append((name, value))
                return true
            }
        }
        return isSound ? pairs : nil
    }

    /// The first value of that name, for whoever needs no other; nil also when its own escapes are broken.
    public static func value(of name: StaticString, in query: String, plusIsSpace: Bool = true) -> String? {
        let wanted = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
        var found: String?
        var query = query
        _ = query.withUTF8 { bytes in
            forEachPair(bytes) { name, value in
                let isMeant =
                    name.elementsEqual(wanted)
                    || name.contains(UInt8(ascii: "%")) && decode(name, plusIsSpace)?.utf8.elementsEqual(wanted) == true
                if isMeant { found = decode(value, plusIsSpace) }
                return !isMeant
            }
        }
        return found
    }

    /// Visits the pairs as they are written until the closure has seen enough; says whether it has seen all.
    private static func forEachPair(
        _ query: UnsafeBufferPointer<UInt8>,
        _ body: (_ name: Slice<UnsafeBufferPointer<UInt8>>, _ value: Slice<UnsafeBufferPointer<UInt8>>) -> Bool
    ) -> Bool {
        var rest = query[...]
        while !rest.isEmpty {
            let end = rest.firstIndex(of: UInt8(ascii: "&")) ?? rest.endIndex
            let pair = rest[..<end]
            rest = rest[min(end + 1, rest.endIndex)...]
            if pair.isEmpty { continue }
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            guard body(pair[..<equals], pair[min(equals + 1, pair.endIndex)...]) else { return false }
        }
        return true
    }
}
