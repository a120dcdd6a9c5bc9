/// Moving over text without keeping anything of it. Every scan stops at the zero bytes behind the event.
extension EventFlattener {
    @inline(__always) mutating func skipValue() throws(EventReadError) {
        switch base[position] {
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "{"), UInt8(ascii: "["): try skipNested()
        default: _ = try skipScalar()
        }
    }

    @inline(__always) mutating func skipString() throws(EventReadError) {
        position += 1
        skipPlainCharacters()
        while base[position] != UInt8(ascii: "\"") {
            guard position < end else { throw failure("a string is not closed") }
            guard base[position] == UInt8(ascii: "\\") else { throw failure("a control character in a string") }
            position = min(position + 2, end)
            skipPlainCharacters()
        }
        position += 1
    }

    /// Skips an object or array by counting brackets outside of strings, eight bytes at a time.
    mutating func skipNested() throws(EventReadError) {
        let start = position
        var depth = 0
        while true {
            // Outside of strings no JSON text has other bytes that become 0x7F with these bits set than the four
            // brackets.
            let word = UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self)
            let bracket = (word | 0x2626_2626_2626_2626) ^ 0x7F7F_7F7F_7F7F_7F7F
            let quote = word ^ 0x2222_2222_2222_2222
            var found = zeroBytes(bracket) | zeroBytes(quote) | zeroBytes(word)
            if found == 0 {
                position += 8
                continue
            }
            while found != 0 {
                let offset = UInt64(littleEndian: found).trailingZeroBitCount >> 3
                let byte = base[position + offset]
                if byte == UInt8(ascii: "\"") {
                    position += offset
                    try skipString()
                    break
                }
                if byte == 0 {
                    position = min(start, end)
                    throw failure("an object or array is not closed")
                }
                depth += byte & 0x06 == 0x02 ? 1 : -1
                if depth == 0 {
                    position += offset + 1
                    return
                }
                found &= found &- 1
                if found == 0 { position += 8 }
            }
        }
    }

    /// A high bit in every byte that is zero, and in no other.
    @inline(__always) private func zeroBytes(_ word: UInt64) -> UInt64 {
        let lows: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        return ~((word & lows &+ lows) | word | lows)
    }

    /// Skips a number or a word.
    mutating func skipScalar() throws(EventReadError) -> FieldValue.Kind {
        let start = position
        let first = base[position]
        while true {
            let byte = base[position]
            if byte <= 0x20 || byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") {
                break
            }
            position += 1
        }
        let count = position - start
        if first == UInt8(ascii: "-") || first &- UInt8(ascii: "0") < 10 { return .number }
        let isWord =
            switch first {
            case UInt8(ascii: "t"): isEqual(start, count, "true")
            case UInt8(ascii: "f"): isEqual(start, count, "false")
            case UInt8(ascii: "n"): isEqual(start, count, "null")
            default: false
            }
        guard isWord else {
            position = start
            throw failure("a value is missing")
        }
        return .literal
    }

    private func isEqual(_ start: Int, _ count: Int, _ word: StaticString) -> Bool {
        guard count == word.utf8CodeUnitCount else { return false }
        for index in 0..<count where base[start + index] != word.utf8Start[index] { return false }
        return true
    }

    @inline(__always) mutating func skipWhitespace() {
        while true {
            let byte = base[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position += 1
        }
    }

    /// Moves to the next quote, backslash or control character.
    @inline(__always) mutating func skipPlainCharacters() {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let highs: UInt64 = 0x8080_8080_8080_8080
        while true {
            let word = UnsafeRawPointer(base + position).loadUnaligned(as: UInt64.self)
            let quote = word ^ (ones &* 0x22)
            let backslash = word ^ (ones &* 0x5C)
            let found =
                ((quote &- ones) & ~quote | (backslash &- ones) & ~backslash | (word &- ones &* 0x20) & ~word) & highs
            if found != 0 {
                position += UInt64(littleEndian: found).trailingZeroBitCount >> 3
                return
            }
            position += 8
        }
    }

    func failure(_ reason: String) -> EventReadError {
        EventReadError(
            reason: position >= end ? "\(reason) (unexpected end)" : reason, offset: min(position, end))
    }
}
