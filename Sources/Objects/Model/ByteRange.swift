/// A `Range` header of a read. S3 serves one range; several, or another unit, are ignored and the whole is served.
public enum ByteRange {
    /// - Returns: the bytes asked for, cut at the object's end; nil when the header is to be ignored.
    /// - Throws: `InvalidRange` (416) when nothing of the range lies in the object.
    public static func resolve(_ header: String, size: Int64) throws(ObjectStoreError) -> Range<Int64>? {
        guard header.hasPrefix("bytes="), !header.contains(",") else { return nil }
        let ends = header.dropFirst(6).split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard ends.count == 2 else { return nil }
        let unsatisfiable = ObjectStoreError(
            "InvalidRange", "The requested range is not satisfiable", status: 416,
            details: [("ActualObjectSize", String(size)), ("RangeRequested", header)])
        if ends[0].isEmpty {
            guard let count = number(ends[1]) else { return nil }
            guard count > 0, size > 0 else { throw unsatisfiable }
            return max(0, size - count)..<size
        }
        guard let first = number(ends[0]) else { return nil }
        if ends[1].isEmpty {
            guard first < size else { throw unsatisfiable }
            return first..<size
        }
        guard let last = number(ends[1]), first <= last else { return nil }
        guard first < size else { throw unsatisfiable }
        return first..<(last < size ? last + 1 : size)
    }

    private static func number(_ text: Substring) -> Int64? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else {
            return nil
        }
        return Int64(text) ?? .max
    }
}
