import Core

/// The condition of a JSON pattern: comparisons of members, joined with `&&`, `||` and parentheses.
indirect enum JSONCondition: Sendable {
    case both(JSONCondition, JSONCondition)
    case either(JSONCondition, JSONCondition)
    case compare(MemberPath, Comparison)
    case isNull(MemberPath)
    case isTrue(MemberPath)
    case isFalse(MemberPath)
    case exists(MemberPath, Bool)

    private static let depthLimit = 50

    static func parse(_ reader: inout PatternReader) throws(FilterPatternError) -> JSONCondition {
        reader.advance()
        let condition = try alternatives(&reader, depth: 0)
        reader.skipSpace()
        guard reader.take("}") else { throw FilterPatternError("the condition in braces does not end with }") }
        reader.skipSpace()
        guard reader.isAtEnd else { throw FilterPatternError("something follows the closing brace") }
        return condition
    }

    private static func alternatives(
        _ reader: inout PatternReader, depth: Int
    ) throws(FilterPatternError) -> JSONCondition {
        var left = try conjunction(&reader, depth: depth)
        while true {
            reader.skipSpace()
            guard reader.take("||") else { return left }
            left = .either(left, try conjunction(&reader, depth: depth))
        }
    }

    private static func conjunction(
        _ reader: inout PatternReader, depth: Int
    ) throws(FilterPatternError) -> JSONCondition {
        var left = try operand(&reader, depth: depth)
        while true {
            reader.skipSpace()
            guard reader.take("&&") else { return left }
            left = .both(left, try operand(&reader, depth: depth))
        }
    }

    private static func operand(
        _ reader: inout PatternReader, depth: Int
    ) throws(FilterPatternError) -> JSONCondition {
        reader.skipSpace()
        guard reader.take("(") else { return try comparison(&reader) }
        guard depth < depthLimit else { throw FilterPatternError("parentheses are nested too deep") }
        let inner = try alternatives(&reader, depth: depth + 1)
        reader.skipSpace()
        guard reader.take(")") else { throw FilterPatternError("a parenthesis is not closed") }
        return inner
    }

    private static func comparison(_ reader: inout PatternReader) throws(FilterPatternError) -> JSONCondition {
        let path = try MemberPath(&reader)
        reader.skipSpace()
        if reader.takeWord("IS") {
            reader.skipSpace()
            if reader.takeWord("NULL") { return .isNull(path) }
            if reader.takeWord("TRUE") { return .isTrue(path) }
            if reader.takeWord("FALSE") { return .isFalse(path) }
            throw FilterPatternError("after IS comes NULL, TRUE or FALSE")
        }
        if reader.takeWord("NOT") {
            reader.skipSpace()
            guard reader.takeWord("EXISTS") else { throw FilterPatternError("after NOT comes EXISTS") }
            return .exists(path, false)
        }
        if reader.takeWord("EXISTS") { return .exists(path, true) }
        guard let relation = Comparison.relation(&reader) else {
            throw FilterPatternError("an operator is expected after the selector")
        }
        let comparison = try Comparison(relation, &reader) { $0 == UInt8(ascii: ")") || $0 == UInt8(ascii: "}") }
        return .compare(path, comparison)
    }

    /// The members that it looks at.
    var paths: [MemberPath] {
        switch self {
        case .both(let left, let right), .either(let left, let right): left.paths + right.paths
        case .compare(let path, _), .isNull(let path), .isTrue(let path), .isFalse(let path), .exists(let path, _):
            [path]
        }
    }

    func isTrue(of json: JSON) -> Bool {
        switch self {
        case .both(let left, let right): left.isTrue(of: json) && right.isTrue(of: json)
        case .either(let left, let right): left.isTrue(of: json) || right.isTrue(of: json)
        case .compare(let path, let comparison): path.values(in: json).contains { comparison.isTrue(of: $0) }
        case .isNull(let path): path.values(in: json).contains(.null)
        case .isTrue(let path): path.values(in: json).contains(.bool(true))
        case .isFalse(let path): path.values(in: json).contains(.bool(false))
        case .exists(let path, let isWanted): path.values(in: json).isEmpty != isWanted
        }
    }
}

/// A selector: `$.user.name`, `$.items[0].id`, `$.items[*].id`, `$['odd name']`.
struct MemberPath: Sendable {
    enum Step: Sendable {
        case member(String)
        case element(Int)
        case everyElement
    }

    let steps: [Step]

    init(_ reader: inout PatternReader) throws(FilterPatternError) {
        guard reader.take("$") else { throw FilterPatternError("a selector begins with $") }
        var steps: [Step] = []
        while let mark = reader.peek, mark == UInt8(ascii: ".") || mark == UInt8(ascii: "["), steps.count < 64 {
            reader.advance()
            if mark == UInt8(ascii: "["), let step = try Self.bracketed(&reader) {
                steps.append(step)
                continue
            }
            if reader.peek == UInt8(ascii: "[") { continue }
            let name = reader.takeWhile { PatternReader.isWord($0) || "-:@/#".utf8.contains($0) }
            guard !name.isEmpty else { throw FilterPatternError("a name is expected after . in a selector") }
            steps.append(.member(String(decoding: name, as: UTF8.self)))
        }
        guard !steps.isEmpty else { throw FilterPatternError("a selector names a member: $.name") }
        self.steps = steps
    }

    private static func bracketed(_ reader: inout PatternReader) throws(FilterPatternError) -> Step? {
        let step: Step
        if let quote = reader.peek, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") {
            reader.advance()
            step = .member(String(decoding: try reader.text(until: quote), as: UTF8.self))
        } else if reader.take("*") {
            step = .everyElement
        } else {
            let digits = String(
                decoding: reader.takeWhile { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }, as: UTF8.self)
            guard let index = Int(digits) else { throw FilterPatternError("an index or * is expected in brackets") }
            step = .element(index)
        }
        guard reader.take("]") else { throw FilterPatternError("a bracket in a selector is not closed") }
        return step
    }

    /// As it is written.
    var text: String {
        steps.reduce("$") { text, step in
            switch step {
            case .member(let name):
                name.utf8.allSatisfy { PatternReader.isWord($0) || "-:@/#".utf8.contains($0) }
                    ? "\(text).\(name)" : "\(text)['\(name)']"
            case .element(let index): "\(text)[\(index)]"
            case .everyElement: "\(text)[*]"
            }
        }
    }

    func values(in json: JSON) -> [JSON] {
        var current = [json]
        for step in steps {
            switch step {
            case .member(let name): current = current.compactMap { $0[name] }
            case .element(let index): current = current.compactMap { $0[index] }
            case .everyElement: current = current.flatMap { $0.arrayValue ?? [] }
            }
        }
        return current
    }
}
