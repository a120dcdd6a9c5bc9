import Core

/// Values of metadata beyond ASCII, in the form that mail headers give them (RFC 2047).
enum EncodedWord {
    /// The text itself when it is all ASCII; else as it may stand in a header.
    static func encode(_ text: String) -> String {
        let foreign = text.utf8.count { !isPlain($0) }
        guard foreign > 0 else { return text }
        // What is mostly readable stays so.
        let letters = text.unicodeScalars.count { $0.isASCII && isPlain(UInt8($0.value)) }
        return text.unicodeScalars.count - letters > letters
            ? "=?UTF-8?B?\(Base64.encode(Array(text.utf8)))?=" : "=?UTF-8?Q?\(quoted(text))?="
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte < 0x7F || byte == 0x09 || byte == 0x0A || byte == 0x0D
    }

    private static func quoted(_ text: String) -> String {
        var result = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: " "): result += "_"
            case UInt8(ascii: "="), UInt8(ascii: "_"), UInt8(ascii: "?"): result += hex(byte)
            case 0x21...0x7E: result.append(Character(Unicode.Scalar(byte)))
            default: result += hex(byte)
            }
        }
        return result
    }

    private static func hex(_ byte: UInt8) -> String { "=" + hexadecimal([byte]).uppercased() }

    /// The text that a header's value stands for; the value itself when it is no encoded word of UTF-8.
    static func decode(_ value: String) -> String {
        guard value.hasPrefix("=?"), value.hasSuffix("?="), value.utf8.count > 4 else { return value }
        let parts = value.dropFirst(2).dropLast(2).split(
            separator: "?", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].uppercased() == "UTF-8" else { return value }
        switch parts[1].uppercased() {
        case "B": return String(decoding: base64(parts[2]), as: UTF8.self)
        case "Q": return String(decoding: unquoted(parts[2]), as: UTF8.self)
        default: return value
        }
    }

    private static func unquoted(_ text: Substring) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "="), rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte == UInt8(ascii: "_") ? 0x20 : byte)
            }
        }
        return bytes
    }

    /// Never refuses: characters that do not belong there are taken for bits that are all set, as S3 does.
    private static func base64(_ text: Substring) -> [UInt8] {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var bytes: [UInt8] = []
        var (bits, count) = (UInt32(0), 0)
        let padding = min(text.utf8.reversed().prefix { $0 == UInt8(ascii: "=") }.count, 2)
        for byte in text.utf8.dropLast(padding) {
            bits = bits << 6 | UInt32(alphabet.firstIndex(of: byte) ?? 63)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }
}
