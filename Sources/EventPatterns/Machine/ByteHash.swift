/// Hashing of short byte strings, eight bytes at a time.
enum ByteHash {
    /// Bytes that may be read behind the end of every hashed string.
    static let padding = 8

    private static let first: UInt64 = 0x9E37_79B9_7F4A_7C15
    private static let second: UInt64 = 0xD6E8_FEB8_6659_FD93

    @inline(__always) static func hash(_ base: UnsafePointer<UInt8>, count: Int, seed: UInt64) -> UInt64 {
        let raw = UnsafeRawPointer(base)
        var state = (seed &+ UInt64(truncatingIfNeeded: count)) &* first
        var position = 0
        while position + 8 <= count {
            state = mix(state ^ raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            position += 8
        }
        let rest = count - position
        if rest > 0 {
            let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: position, as: UInt64.self))
            state = mix(state ^ (word & (UInt64.max >> UInt64(64 - rest * 8))))
        }
        return state
    }

    @inline(__always) private static func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: second)
        return product.high ^ product.low
    }

    @inline(__always) static func equal(
        _ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, count: Int
    ) -> Bool {
        let a = UnsafeRawPointer(left)
        let b = UnsafeRawPointer(right)
        var position = 0
        while position + 8 <= count {
            if a.loadUnaligned(fromByteOffset: position, as: UInt64.self)
                != b.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            {
                return false
            }
            position += 8
        }
        while position < count {
            if left[position] != right[position] { return false }
            position += 1
        }
        return true
    }
}
