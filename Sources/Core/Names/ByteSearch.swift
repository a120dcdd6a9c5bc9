extension String {
    /// Whether the text has these bytes somewhere. The standard library's search prepares itself for long texts, which
    /// costs more than looking through a short one.
    public func hasBytes(_ wanted: StaticString) -> Bool {
        let wanted = UnsafeBufferPointer(start: wanted.utf8Start, count: wanted.utf8CodeUnitCount)
        var text = self
        return text.withUTF8 { bytes in
            guard let first = wanted.first, bytes.count >= wanted.count else { return wanted.isEmpty }
            for start in 0...(bytes.count - wanted.count) where bytes[start] == first {
                if bytes[start..<start + wanted.count].elementsEqual(wanted) { return true }
            }
            return false
        }
    }
}
