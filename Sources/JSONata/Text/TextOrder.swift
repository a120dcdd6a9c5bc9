#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The order of strings: by UTF-16 code units, as JavaScript compares.
enum TextOrder {
    /// Negative, zero or positive.
    static func compare(_ left: String, _ right: String) -> Int {
        let result = left.utf8.withContiguousStorageIfAvailable { first in
            right.utf8.withContiguousStorageIfAvailable { second in compare(first, second) }
        }
        if case .some(.some(let result)) = result { return result }
        var (left, right) = (left, right)
        return left.withUTF8 { first in right.withUTF8 { second in compare(first, second) } }
    }

    private static func compare(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>) -> Int {
        let shared = min(left.count, right.count)
        for index in 0..<shared where left[index] != right[index] {
            return order(left[index]) - order(right[index])
        }
        return left.count - right.count
    }

    /// Bytes of UTF-8 order like UTF-16, except that characters beyond the basic plane (lead bytes from F0) come before
    /// those from U+E000 to U+FFFF (lead bytes EE and EF).
    @inline(__always) private static func order(_ byte: UInt8) -> Int {
        byte < 0xEE ? Int(byte) : byte < 0xF0 ? Int(byte) + 0x20 : Int(byte)
    }
}
