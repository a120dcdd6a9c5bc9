extension URITemplate {
    /// Whether a path, still encoded, has this form.
    func matches(_ path: UnsafeBufferPointer<UInt8>) -> Bool {
        var rest = PathSegments(path)
        for segment in segments {
            switch segment {
            case .greedy: return rest.hasText
            case .label:
                guard let range = rest.next(), !range.isEmpty else { return false }
            case .literal(let text):
                guard let range = rest.next(), range.count == text.utf8.count, text.utf8.elementsEqual(path[range])
                else { return false }
            }
        }
        return rest.isOver
    }

    /// What stands for each label in a path of this form, still encoded.
    func labels(in path: String) -> [(name: String, text: Substring)] {
        var labels: [(name: String, text: Substring)] = []
        let text = path.utf8
        func part(_ range: Range<Int>) -> Substring {
            path[
                text.index(
                    text.startIndex, offsetBy: range.lowerBound)..<text.index(
                        text.startIndex, offsetBy: range.upperBound)]
        }
        var path = path
        path.withUTF8 { bytes in
            var rest = PathSegments(bytes)
            for segment in segments {
                switch segment {
                case .literal: _ = rest.next()
                case .label(let name): if let range = rest.next() { labels.append((name, part(range))) }
                // The last label holds the rest of the path.
                case .greedy(let name): if let range = rest.all { labels.append((name, part(range))) }
                }
            }
        }
        return labels
    }

    /// The path with the labels filled in.
    func path(_ label: (String) -> String?) throws(AWSError) -> String {
        var path = ""
        for segment in segments {
            path += "/"
            switch segment {
            case .literal(let text): path += text
            case .label(let name), .greedy(let name):
                guard let text = label(name), !text.isEmpty else {
                    throw AWSError("ValidationException", "The parameter '\(name)' must not be empty.")
                }
                if case .greedy = segment {
                    path += PercentCoding.encode(text, keepingSlash: true)
                } else {
                    path += PercentCoding.encode(text)
                }
            }
        }
        if path.isEmpty { return "/" }
        return hasTrailingSlash ? path + "/" : path
    }
}

/// Walks over the segments of a path: what stands between its slashes, the first of which does not count.
private struct PathSegments {
    private let path: UnsafeBufferPointer<UInt8>
    /// Where the next segment begins; nil after the last.
    private var start: Int?

    init(_ path: UnsafeBufferPointer<UInt8>) {
        self.path = path
        start = path.isEmpty ? nil : path[0] == UInt8(ascii: "/") ? 1 : 0
    }

    mutating func next() -> Range<Int>? {
        guard let first = start else { return nil }
        var end = first
        while end < path.count, path[end] != UInt8(ascii: "/") { end += 1 }
        start = end < path.count ? end + 1 : nil
        return first..<end
    }

    /// All that is left, with the slashes in it.
    var all: Range<Int>? { start.map { $0..<path.count } }

    /// Whether a segment is left that is not empty.
    var hasText: Bool { all.map { path[$0].contains { $0 != UInt8(ascii: "/") } } ?? false }

    /// Whether nothing is left but the slash at the end.
    var isOver: Bool { all.map(\.isEmpty) ?? true }
}
