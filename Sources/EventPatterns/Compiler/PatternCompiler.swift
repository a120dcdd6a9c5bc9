/// Compiles a pattern's text, one token at a time, refusing what AWS refuses at the place where AWS notices it.
struct PatternCompiler {
    var reader: PatternReader
    let operators: PatternOperators
    let limits: PatternLimits
    /// False reads `$or` as the name of a field, which it was before it became an operator.
    let readsAlternatives: Bool
    private var path: [String] = []

    init(_ text: String, operators: PatternOperators, limits: PatternLimits, readsAlternatives: Bool) {
        reader = PatternReader(text)
        self.operators = operators
        self.limits = limits
        self.readsAlternatives = readsAlternatives
    }

    static func compile(
        _ text: String, operators: PatternOperators, limits: PatternLimits
    ) throws(EventPatternError) -> [PatternAlternative] {
        guard text.utf8.count <= limits.bytes else {
            throw EventPatternError(reason: "Pattern is longer than \(limits.bytes) bytes")
        }
        var compiler = PatternCompiler(text, operators: operators, limits: limits, readsAlternatives: true)
        do throws(EventPatternError) {
            return try compiler.compilePattern()
        } catch {
            // Patterns from before `$or` was an operator may use it as a field's name.
            guard error.position != nil, text.contains("$or") else { throw error }
            var older = PatternCompiler(text, operators: operators, limits: limits, readsAlternatives: false)
            guard let alternatives = try? older.compilePattern() else { throw error }
            return alternatives
        }
    }

    private mutating func compilePattern() throws(EventPatternError) -> [PatternAlternative] {
        guard try reader.next() == .startObject else { throw reader.failure("Filter is not an object") }
        var alternatives: [PatternAlternative] = []
        try readObject(into: &alternatives, insideOr: false)
        guard reader.isAtEnd() else { throw reader.unexpected("expected nothing after the pattern's closing brace") }
        try checkComplexity(of: alternatives)
        return alternatives
    }

    // MARK: Fields

    private mutating func readObject(
        into alternatives: inout [PatternAlternative], insideOr: Bool
    ) throws(EventPatternError) {
        var isEmpty = true
        while try reader.next() != .endObject {
            isEmpty = false
            let name = reader.fieldName
            if readsAlternatives, name == "$or" {
                try readOr(into: &alternatives)
                continue
            }
            if insideOr, Self.reservedNames.contains(name) {
                throw reader.failure("\(name) is Ruler reserved fieldName which cannot be used inside $or.")
            }
            path.append(name)
            switch try reader.next() {
            case .startObject: try readObject(into: &alternatives, insideOr: insideOr)
            case .startArray: try readMatchers(into: &alternatives)
            default: throw reader.failure("\"\(name)\" must be an object or an array")
            }
            path.removeLast()
        }
        if isEmpty { throw reader.failure("Empty objects are not allowed") }
    }

    private mutating func readOr(into alternatives: inout [PatternAlternative]) throws(EventPatternError) {
        let before = alternatives.isEmpty ? [PatternAlternative()] : alternatives
        alternatives = []
        guard try reader.next() == .startArray else {
            throw reader.failure("It must be an Array followed with $or.")
        }
        var count = 0
        while true {
            let token = try reader.next()
            if token == .endArray { break }
            guard token == .startObject else {
                throw reader.failure("Only JSON object is allowed in array of $or relationship.")
            }
            count += 1
            var branch = before
            try readObject(into: &branch, insideOr: true)
            alternatives += branch
            guard alternatives.count <= limits.alternatives else {
                throw reader.failure(
                    "Rule is too complex - its $or relationships multiply to more than \(limits.alternatives) "
                        + "combinations")
            }
        }
        if count < 2 { throw reader.failure("There must have at least 2 Objects in $or relationship.") }
    }

    private mutating func readMatchers(into alternatives: inout [PatternAlternative]) throws(EventPatternError) {
        var matchers: [ValueMatcher] = []
        while true {
            let token = try reader.next()
            if token == .endArray { break }
            matchers += try readMatcher(token)
        }
        if matchers.isEmpty { throw reader.failure("Empty arrays are not allowed") }
        if alternatives.isEmpty { alternatives = [PatternAlternative()] }
        let field = path.joined(separator: ".")
        for index in alternatives.indices {
            alternatives[index].set(field, matchers)
            guard alternatives[index].conditions.count <= limits.fields else {
                throw reader.failure("Pattern names more than \(limits.fields) fields")
            }
        }
    }

    /// A plain value or a match expression; a number also stands for itself as text.
    private mutating func readMatcher(_ token: PatternToken?) throws(EventPatternError) -> [ValueMatcher] {
        switch token {
        case .startObject: return [try readMatchExpression()]
        case .string:
            let text = try reader.text()
            if let address = Address(parsing: text) {
                return [.address(AddressBlock(address, prefixLength: address.bitCount))]
            }
            return [.exact(Array(text.utf8))]
        case .integer, .float:
            let text = try reader.text()
            if let number = ComparableNumber(parsing: text) { return [.number(number)] }
            return [.literal(Array(text.utf8))]
        case .null, .true, .false: return [.literal(Array(try reader.text().utf8))]
        default: throw reader.failure("Match value must be String, number, true, false, or null")
        }
    }

    /// Names that AWS keeps for operators, today's and possible later ones.
    private static let reservedNames: Set<String> = [
        "exactly", "equals-ignore-case", "prefix", "suffix", "anything-but", "exists", "wildcard", "numeric", "cidr",
        "=", "<", "<=", ">", ">=", "regex", "not-wildcard", "not-equals-ignore-case", "date-after",
        "date-on-or-after", "date-before", "date-on-or-before", "in-date-range", "ip-address-in-range",
        "ip-address-not-in-range",
    ]

    // MARK: Complexity

    /// Combinations of places that finding out about all wildcards of a pattern may take.
    private static let complexityBudget = 20_000

    private func checkComplexity(of alternatives: [PatternAlternative]) throws(EventPatternError) {
        var checked: Set<WildcardExpression> = []
        var budget = Self.complexityBudget
        for matcher in alternatives.lazy.flatMap(\.conditions).flatMap(\.matchers) {
            for expression in matcher.wildcards where checked.insert(expression).inserted {
                guard
                    expression.complexity(limit: limits.wildcardComplexity, budget: &budget) < limits.wildcardComplexity
                else {
                    throw EventPatternError(
                        reason: "Rule is too complex - try using fewer wildcard characters or fewer repeating "
                            + "character sequences after a wildcard character")
                }
            }
        }
    }
}

extension ValueMatcher {
    fileprivate var wildcards: [WildcardExpression] {
        switch self {
        case .wildcard(let expression): [expression]
        case .anythingBut(.wildcards(let expressions)): Array(expressions)
        default: []
        }
    }
}
