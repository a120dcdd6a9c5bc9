/// The regular expressions of filter patterns: `^ $ . [ ] * + ? { } |` and the classes `\d \D \s \S \w \W`, without
/// groups. Matched in one pass, so that no expression takes long on any line.
struct LineExpression: Sendable {
    /// Bytes as bits.
    struct ByteSet: Sendable {
        private var low: (UInt64, UInt64) = (0, 0)
        private var high: (UInt64, UInt64) = (0, 0)

        mutating func insert(_ byte: UInt8) {
            let bit = UInt64(1) << UInt64(byte & 63)
            switch byte >> 6 {
            case 0: low.0 |= bit
            case 1: low.1 |= bit
            case 2: high.0 |= bit
            default: high.1 |= bit
            }
        }

        func contains(_ byte: UInt8) -> Bool {
            let bit = UInt64(1) << UInt64(byte & 63)
            return switch byte >> 6 {
            case 0: low.0 & bit != 0
            case 1: low.1 & bit != 0
            case 2: high.0 & bit != 0
            default: high.1 & bit != 0
            }
        }

        mutating func formUnion(_ other: ByteSet) {
            low = (low.0 | other.low.0, low.1 | other.low.1)
            high = (high.0 | other.high.0, high.1 | other.high.1)
        }

        var inverted: ByteSet {
            var result = self
            result.low = (~low.0, ~low.1)
            result.high = (~high.0, ~high.1)
            return result
        }

        static func of(_ isMember: (UInt8) -> Bool) -> ByteSet {
            var set = ByteSet()
            for byte in UInt8.min ... .max where isMember(byte) { set.insert(byte) }
            return set
        }
    }

    /// A set that is passed once, and whether it may be left out or passed again.
    struct Step: Sendable {
        var set: ByteSet
        var isOptional: Bool
        var repeats: Bool
    }

    struct Alternative: Sendable {
        var steps: [Step] = []
        var isAtStart = false
        var isAtEnd = false
    }

    static let stepLimit = 1000
    let alternatives: [Alternative]

    init(_ source: [UInt8]) throws(FilterPatternError) {
        var compiler = LineExpressionCompiler(source)
        alternatives = try compiler.compile()
    }

    func isIn(_ line: [UInt8]) -> Bool { alternatives.contains { Self.matches($0, line) } }

    private static func matches(_ alternative: Alternative, _ line: [UInt8]) -> Bool {
        let steps = alternative.steps
        var active = [Bool](repeating: false, count: steps.count + 1)
        enter(0, steps, &active)
        if active[steps.count], !alternative.isAtEnd || line.isEmpty { return true }
        for (place, byte) in line.enumerated() {
            var following = [Bool](repeating: false, count: steps.count + 1)
            for index in steps.indices where active[index] && steps[index].set.contains(byte) {
                if steps[index].repeats { enter(index, steps, &following) }
                enter(index + 1, steps, &following)
            }
            let isLast = place == line.count - 1
            if !alternative.isAtStart, !(isLast && steps.isEmpty) { enter(0, steps, &following) }
            if following[steps.count], !alternative.isAtEnd || isLast { return true }
            active = following
        }
        return false
    }

    private static func enter(_ index: Int, _ steps: [Step], _ active: inout [Bool]) {
        var index = index
        while !active[index] {
            active[index] = true
            guard index < steps.count, steps[index].isOptional else { return }
            index += 1
        }
    }
}

/// Reads an expression.
struct LineExpressionCompiler {
    private let source: [UInt8]
    private var position = 0

    init(_ source: [UInt8]) { self.source = source }

    mutating func compile() throws(FilterPatternError) -> [LineExpression.Alternative] {
        var alternatives = [LineExpression.Alternative()]
        while position < source.count {
            let byte = source[position]
            position += 1
            let last = alternatives.count - 1
            switch byte {
            case UInt8(ascii: "|"): alternatives.append(LineExpression.Alternative())
            case UInt8(ascii: "^") where alternatives[last].steps.isEmpty: alternatives[last].isAtStart = true
            case UInt8(ascii: "$") where position == source.count || source[position] == UInt8(ascii: "|"):
                alternatives[last].isAtEnd = true
            case UInt8(ascii: "("), UInt8(ascii: ")"):
                throw FilterPatternError("expressions have no groups in parentheses")
            default:
                alternatives[last].steps += try repeated(try set(byte))
                guard alternatives[last].steps.count <= LineExpression.stepLimit else {
                    throw FilterPatternError("the expression is too long")
                }
            }
        }
        return alternatives
    }

    private mutating func set(_ byte: UInt8) throws(FilterPatternError) -> LineExpression.ByteSet {
        switch byte {
        case UInt8(ascii: "."): return .of { _ in true }
        case UInt8(ascii: "["): return try bracketed()
        case UInt8(ascii: "\\"): return try escaped()
        default: return .of { $0 == byte }
        }
    }

    private mutating func escaped() throws(FilterPatternError) -> LineExpression.ByteSet {
        guard position < source.count else { throw FilterPatternError("the expression ends with a backslash") }
        let byte = source[position]
        position += 1
        let digits = LineExpression.ByteSet.of { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        let spaces = LineExpression.ByteSet.of { $0 == 0x20 || (0x09...0x0D).contains($0) }
        let words = LineExpression.ByteSet.of { $0 < 0x80 && PatternReader.isWord($0) }
        switch byte {
        case UInt8(ascii: "d"): return digits
        case UInt8(ascii: "D"): return digits.inverted
        case UInt8(ascii: "s"): return spaces
        case UInt8(ascii: "S"): return spaces.inverted
        case UInt8(ascii: "w"): return words
        case UInt8(ascii: "W"): return words.inverted
        default: return .of { $0 == byte }
        }
    }

    private mutating func bracketed() throws(FilterPatternError) -> LineExpression.ByteSet {
        var set = LineExpression.ByteSet()
        let isInverted = position < source.count && source[position] == UInt8(ascii: "^")
        if isInverted { position += 1 }
        var isFirst = true
        while position < source.count {
            let byte = source[position]
            position += 1
            if byte == UInt8(ascii: "]"), !isFirst { return isInverted ? set.inverted : set }
            isFirst = false
            if byte == UInt8(ascii: "\\") {
                set.formUnion(try escaped())
            } else if position + 1 < source.count, source[position] == UInt8(ascii: "-"),
                source[position + 1] != UInt8(ascii: "]")
            {
                let end = source[position + 1]
                position += 2
                guard byte <= end else { throw FilterPatternError("a range in brackets runs backwards") }
                set.formUnion(.of { (byte...end).contains($0) })
            } else {
                set.insert(byte)
            }
        }
        throw FilterPatternError("a bracket in the expression is not closed")
    }

    private mutating func repeated(_ set: LineExpression.ByteSet) throws(FilterPatternError) -> [LineExpression.Step] {
        let once = LineExpression.Step(set: set, isOptional: false, repeats: false)
        guard position < source.count else { return [once] }
        switch source[position] {
        case UInt8(ascii: "*"):
            position += 1
            return [LineExpression.Step(set: set, isOptional: true, repeats: true)]
        case UInt8(ascii: "+"):
            position += 1
            return [LineExpression.Step(set: set, isOptional: false, repeats: true)]
        case UInt8(ascii: "?"):
            position += 1
            return [LineExpression.Step(set: set, isOptional: true, repeats: false)]
        case UInt8(ascii: "{"):
            position += 1
            return try counted(set)
        default: return [once]
        }
    }

    private mutating func counted(_ set: LineExpression.ByteSet) throws(FilterPatternError) -> [LineExpression.Step] {
        guard let end = source[position...].firstIndex(of: UInt8(ascii: "}")) else {
            throw FilterPatternError("a brace in the expression is not closed")
        }
        let parts = String(decoding: source[position..<end], as: UTF8.self)
            .split(separator: ",", omittingEmptySubsequences: false)
        position = end + 1
        guard let least = Int(parts.first ?? ""), (0...100).contains(least), parts.count <= 2 else {
            throw FilterPatternError("a number of repetitions from 0 to 100 is expected in braces")
        }
        var steps = Array(
            repeating: LineExpression.Step(set: set, isOptional: false, repeats: false), count: least)
        guard parts.count == 2 else { return steps }
        guard !parts[1].isEmpty else {
            return steps + [LineExpression.Step(set: set, isOptional: true, repeats: true)]
        }
        guard let most = Int(parts[1]), (least...100).contains(most) else {
            throw FilterPatternError("the second number of repetitions is not between the first and 100")
        }
        steps += Array(
            repeating: LineExpression.Step(set: set, isOptional: true, repeats: false), count: most - least)
        return steps
    }
}
