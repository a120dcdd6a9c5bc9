import Core

/// Base64 and the encodings of URLs.
enum EncodingFunctions {
    /// Characters count as bytes of Latin-1, as in JavaScript's `btoa`.
    @Sendable static func base64encode(_ call: Call) throws(JSONataError) -> Value {
        guard let text = call.string(0) else { return .undefined }
        return try call.result(Base64.encode(text.utf16.map { UInt8(truncatingIfNeeded: $0) }))
    }

    @Sendable static func base64decode(_ call: Call) throws(JSONataError) -> Value {
        guard let text = call.string(0) else { return .undefined }
        var scalars = String.UnicodeScalarView()
        for byte in lenientBytes(text) { scalars.append(Unicode.Scalar(byte)) }
        return try call.result(String(scalars))
    }

    /// Like Node: both alphabets, no padding needed, anything else is passed over.
    private static func lenientBytes(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        var group: UInt32 = 0
        var bits = 0
        for byte in text.utf8 {
            guard let value = base64Value(byte) else {
                if byte == UInt8(ascii: "=") { break }
                continue
            }
            group = group << 6 | UInt32(value)
            bits += 6
            if bits >= 8 {
                bits -= 8
                bytes.append(UInt8(truncatingIfNeeded: group >> UInt32(bits)))
            }
        }
        return bytes
    }

    private static func base64Value(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte - 65
        case UInt8(ascii: "a")...UInt8(ascii: "z"): byte - 97 + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - 48 + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }

    // MARK: URLs

    private static let unreserved = "-_.!~*'()"
    private static let reserved = ";/?:@&=+$,#"

    @Sendable static func encodeUrlComponent(_ call: Call) throws(JSONataError) -> Value {
        try encode(call, keeping: unreserved, "encodeUrlComponent")
    }

    @Sendable static func encodeUrl(_ call: Call) throws(JSONataError) -> Value {
        try encode(call, keeping: unreserved + reserved, "encodeUrl")
    }

    @Sendable static func decodeUrlComponent(_ call: Call) throws(JSONataError) -> Value {
        try decode(call, keeping: "", "decodeUrlComponent")
    }

    @Sendable static func decodeUrl(_ call: Call) throws(JSONataError) -> Value {
        try decode(call, keeping: reserved, "decodeUrl")
    }

    private static func encode(_ call: Call, keeping kept: String, _ name: String) throws(JSONataError) -> Value {
        guard let text = call.string(0) else { return .undefined }
        // Half of a surrogate pair cannot be encoded. It has become U+FFFD when the text was read.
        guard !text.unicodeScalars.contains("\u{FFFD}") else { throw malformed(text, name) }
        let keptBytes = Set(kept.utf8)
        let digits = Array("0123456789ABCDEF".utf8)
        var encoded: [UInt8] = []
        encoded.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if isAlphanumeric(byte) || keptBytes.contains(byte) {
                encoded.append(byte)
            } else {
                encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return try call.result(String(decoding: encoded, as: UTF8.self))
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isDigit(byte) || (byte | 0x20) &- 0x61 < 26
    }

    /// - Parameter kept: characters whose escapes stay.
    private static func decode(_ call: Call, keeping kept: String, _ name: String) throws(JSONataError) -> Value {
        guard let text = call.string(0) else { return .undefined }
        let bytes = Array(text.utf8)
        let keptBytes = Set(kept.utf8)
        var decoded: [UInt8] = []
        decoded.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "%") else {
                decoded.append(bytes[index])
                index += 1
                continue
            }
            guard index + 2 < bytes.count, let high = hexValue(bytes[index + 1]), let low = hexValue(bytes[index + 2])
            else { throw malformed(text, name) }
            let byte = high << 4 | low
            if keptBytes.contains(byte) { decoded += bytes[index...index + 2] } else { decoded.append(byte) }
            index += 3
        }
        guard let result = String(validating: decoded, as: UTF8.self) else { throw malformed(text, name) }
        return try call.result(result)
    }

    private static func hexValue(_ byte: UInt8) -> UInt8? {
        if isDigit(byte) { return byte - 48 }
        let letter = (byte | 0x20) &- 0x61
        return letter < 6 ? letter + 10 : nil
    }

    private static func malformed(_ text: String, _ name: String) -> JSONataError {
        JSONataError(code: "D3140", token: name, value: .string(text))
    }
}
