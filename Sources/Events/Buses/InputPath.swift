import Core

/// The part of JSONPath that targets use to pick a value from an event: `$.detail.items[0].id`, `$['detail-type']`.
struct InputPath: Hashable, Sendable {
    enum Step: Hashable, Sendable {
        case member(String)
        case element(Int)
    }

    let steps: [Step]

    /// Nil when the text is no such path.
    init?(_ text: String) {
        guard text.first == "$" else { return nil }
        var rest = text.dropFirst()
        var steps: [Step] = []
        while let mark = rest.first {
            guard steps.count < 64 else { return nil }
            rest.removeFirst()
            if mark == "." {
                let name = rest.prefix { $0 != "." && $0 != "[" }
                guard !name.isEmpty else { return nil }
                steps.append(.member(String(name)))
                rest = rest.dropFirst(name.count)
            } else if mark == "[", let end = rest.firstIndex(of: "]") {
                guard let step = Self.bracketed(rest[..<end]) else { return nil }
                steps.append(step)
                rest = rest[rest.index(after: end)...]
            } else {
                return nil
            }
        }
        self.steps = steps
    }

    private static func bracketed(_ text: Substring) -> Step? {
        if let index = Int(text), index >= 0 { return .element(index) }
        guard text.count >= 2, let quote = text.first, quote == "'" || quote == "\"", text.last == quote else {
            return nil
        }
        return .member(String(text.dropFirst().dropLast()))
    }

    func value(in event: JSON) -> JSON? {
        var current = event
        for step in steps {
            let next: JSON? =
                switch step {
                case .member(let name): current[name]
                case .element(let index): current[index]
                }
            guard let next else { return nil }
            current = next
        }
        return current
    }
}
