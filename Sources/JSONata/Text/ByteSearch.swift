#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Substrings found by their bytes.
enum ByteSearch {
    /// The offset of the first occurrence at or after `start`, in bytes of UTF-8.
    static func first(_ needle: String, in text: String, from start: Int) -> Int? {
        var text = text
        var needle = needle
        return text.withUTF8 { haystack in
            needle.withUTF8 { sought in first(sought, in: haystack, from: start) }
        }
    }

    static func first(
        _ needle: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> Int? {
        guard start <= text.count else { return nil }
        guard needle.count > 0, let wanted = needle.baseAddress else { return start }
        guard let base = text.baseAddress else { return nil }
        var position = start
        while text.count - position >= needle.count {
            let candidates = text.count - position - needle.count + 1
            guard let found = memchr(base + position, Int32(wanted[0]), candidates) else { return nil }
            position = UnsafeRawPointer(found) - UnsafeRawPointer(base)
            if memcmp(base + position, wanted, needle.count) == 0 { return position }
            position += 1
        }
        return nil
    }

    /// The offsets of the occurrences that do not overlap, at most that many.
    static func all(_ needle: String, in text: String, limit: Int = .max) -> [Int] {
        var text = text
        var needle = needle
        return text.withUTF8 { haystack in
            needle.withUTF8 { sought in
                var offsets: [Int] = []
                var start = 0
                while offsets.count < limit, !sought.isEmpty, let found = first(sought, in: haystack, from: start) {
                    offsets.append(found)
                    start = found + sought.count
                }
                return offsets
            }
        }
    }
}
