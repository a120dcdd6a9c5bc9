/// A growing buffer of CBOR, with definite lengths and shortest heads.
struct CBORWriter {
    private(set) var bytes: [UInt8] = []

    mutating func null() { bytes.append(0xF6) }
    mutating func bool(_ flag: Bool) { bytes.append(flag ? 0xF5 : 0xF4) }
    mutating func array(_ count: Int) { head(4, UInt64(count)) }
    mutating func map(_ count: Int) { head(5, UInt64(count)) }
    mutating func tag(_ tag: UInt64) { head(6, tag) }

    mutating func integer(_ number: Int64) {
        if number >= 0 { head(0, UInt64(number)) } else { head(1, UInt64(-1 - number)) }
    }

    mutating func double(_ number: Double) {
        bytes.append(0xFB)
        append(number.bitPattern, 8)
    }

    mutating func text(_ text: String) {
        head(3, UInt64(text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func byteString(_ content: [UInt8]) {
        head(2, UInt64(content.count))
        bytes += content
    }

    private mutating func head(_ major: UInt8, _ argument: UInt64) {
        let major = major << 5
        switch argument {
        case 0..<24: bytes.append(major | UInt8(argument))
        case 24...0xFF:
            bytes.append(major | 24)
            append(argument, 1)
        case 0x100...0xFFFF:
            bytes.append(major | 25)
            append(argument, 2)
        case 0x1_0000...0xFFFF_FFFF:
            bytes.append(major | 26)
            append(argument, 4)
        default:
            bytes.append(major | 27)
            append(argument, 8)
        }
    }

    private mutating func append(_ word: UInt64, _ count: Int) {
        for index in stride(from: count - 1, through: 0, by: -1) {
            bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(index * 8)))
        }
    }
}
