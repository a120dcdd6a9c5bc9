extension URITemplate {
    /// Splits a path into its segments, still encoded.
    static func segments(of path: String) -> [Substring] {
        var segments = path.split(separator: "/", omittingEmptySubsequences: false)
        if segments.first?.isEmpty == true { segments.removeFirst() }
        return segments
    }

    /// Whether a path has this form.
    func matches(_ path: [Substring]) -> Bool {
        var rest = path[...]
        for segment in segments {
            switch segment {
            case .greedy: return rest.contains { !$0.isEmpty }
            case .label:
                guard let first = rest.popFirst(), !first.isEmpty else { return false }
            case .literal(let text):
                guard let first = rest.popFirst(), first == text else { return false }
            }
        }
        return rest.isEmpty || rest.count == 1 && rest.first?.isEmpty == true
    }

    /// What stands for each label in a path of this form, still encoded.
    func labels(in path: String) -> [String: Substring] {
        var labels: [String: Substring] = [:]
        var rest = Self.segments(of: path)[...]
        for segment in segments {
            switch segment {
            case .literal: rest = rest.dropFirst()
            case .label(let name): labels[name] = rest.popFirst()
            case .greedy(let name):
                // The segments are parts of the path, so what they span is the rest of it.
                if let first = rest.first { labels[name] = path[first.startIndex...] }
                rest = []
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
