/// A string as a sequence of Unicode scalars.
struct ScalarText {
    private let text: String
    let count: Int
    private let isASCII: Bool

    init(_ text: String) {
        var text = text
        // Every byte starts a scalar except those that continue one.
        let continuations = text.withUTF8 { bytes in
            var count = 0
            for byte in bytes { count += byte & 0xC0 == 0x80 ? 1 : 0 }
            return count
        }
        self.text = text
        count = text.utf8.count - continuations
        isASCII = continuations == 0
    }

    /// The scalars from start up to end, both counted from the end when negative, as JavaScript's `slice` does.
    func slice(_ start: Int, _ end: Int?) -> String {
        let from = Self.clamp(start, count)
        let to = Self.clamp(end ?? count, count)
        guard from < to else { return "" }
        if from == 0, to == count { return text }
        if isASCII { return String(decoding: text.utf8.dropFirst(from).prefix(to - from), as: UTF8.self) }
        let scalars = text.unicodeScalars
        let first = scalars.index(scalars.startIndex, offsetBy: from)
        return String(scalars[first..<scalars.index(first, offsetBy: to - from)])
    }

    private static func clamp(_ index: Int, _ count: Int) -> Int {
        index < 0 ? max(0, count + index) : min(index, count)
    }
}
