/// Base64 (RFC 4648, the standard alphabet with padding).
public enum Base64 {
    public static func encode(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: (bytes.count + 2) / 3 * 4) { buffer in
            bytes.withUnsafeBufferPointer { source in
                encode(source) { buffer[$0] = $1 }
            }
            return (bytes.count + 2) / 3 * 4
        }
    }

    @inline(__always) private static func encode(
        _ source: UnsafeBufferPointer<UInt8>, _ put: (Int, UInt8) -> Void
    ) {
        let alphabet = encoding.utf8Start
        var output = 0
        var input = 0
        while input + 3 <= source.count {
            let word = UInt32(source[input]) << 16 | UInt32(source[input + 1]) << 8 | UInt32(source[input + 2])
            put(output, alphabet[Int(word >> 18)])
            put(output + 1, alphabet[Int(word >> 12 & 63)])
            put(output + 2, alphabet[Int(word >> 6 & 63)])
            put(output + 3, alphabet[Int(word & 63)])
            input += 3
            output += 4
        }
        let rest = source.count - input
        guard rest > 0 else { return }
        let word = UInt32(source[input]) << 16 | (rest == 2 ? UInt32(source[input + 1]) << 8 : 0)
        put(output, alphabet[Int(word >> 18)])
        put(output + 1, alphabet[Int(word >> 12 & 63)])
        put(output + 2, rest == 2 ? alphabet[Int(word >> 6 & 63)] : UInt8(ascii: "="))
        put(output + 3, UInt8(ascii: "="))
    }

    /// Nil when the text is no Base64. Line ends are skipped and missing padding is forgiven, as AWS does.
    public static func decode(_ text: String) -> [UInt8]? {
        var text = text
        return text.withUTF8 { source in
            var isValid = true
            let bytes = [UInt8](unsafeUninitializedCapacity: source.count / 4 * 3 + 3) { buffer, count in
                var word: UInt32 = 0
                var bits = 0
                var padding = 0
                for byte in source {
                    let value = decoding[Int(byte)]
                    if value < 64, padding == 0 {
                        word = word << 6 | UInt32(value)
                        bits += 6
                        if bits >= 8 {
                            bits -= 8
                            buffer[count] = UInt8(truncatingIfNeeded: word >> UInt32(bits))
                            count += 1
                        }
                    } else if byte == UInt8(ascii: "=") {
                        padding += 1
                    } else if byte != 0x0A, byte != 0x0D {
                        isValid = false
                        return
                    }
                }
                isValid = bits != 6 && padding <= 2
            }
            return isValid ? bytes : nil
        }
    }

    private static let encoding: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

    private static let decoding: [UInt8] = {
        var table = [UInt8](repeating: 255, count: 256)
        for index in 0..<64 { table[Int(encoding.utf8Start[index])] = UInt8(index) }
        return table
    }()
}
