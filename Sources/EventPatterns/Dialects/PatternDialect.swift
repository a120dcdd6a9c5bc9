/// Which AWS service a pattern is written for: the language is one, its edges and its error messages differ.
public enum PatternDialect: Hashable, Sendable {
    /// Rules of an event bus.
    case eventBus
    /// Filter policies of topic subscriptions.
    case filterPolicy(FilterPolicyScope)
    /// Filters of event source mappings.
    case eventSource

    var operators: PatternOperators {
        switch self {
        case .eventBus, .eventSource: .all
        case .filterPolicy: .filterPolicy
        }
    }
}

/// What a filter policy looks at.
public enum FilterPolicyScope: String, Hashable, Sendable {
    case messageAttributes = "MessageAttributes"
    case messageBody = "MessageBody"
}

/// The parts of the language that not every service has.
struct PatternOperators: Sendable {
    var wildcard: Bool
    /// `prefix` and `suffix` take `{"equals-ignore-case": …}`.
    var affixIgnoringCase: Bool
    /// Operators inside `anything-but`.
    var anythingBut: Set<String>

    static let all = PatternOperators(
        wildcard: true, affixIgnoringCase: true, anythingBut: ["equals-ignore-case", "prefix", "suffix", "wildcard"])
    static let filterPolicy = PatternOperators(wildcard: false, affixIgnoringCase: false, anythingBut: ["prefix"])
}

/// Bounds on a single pattern.
public struct PatternLimits: Sendable {
    /// Bytes of the pattern's text.
    public var bytes: Int
    /// Alternatives that the `$or`s of one pattern multiply to.
    public var alternatives: Int
    /// Fields that one alternative names.
    public var fields: Int
    /// Places at which a wildcard may have to be followed at the same time; AWS refuses what reaches ten.
    public var wildcardComplexity: Int

    public init(bytes: Int = 262_144, alternatives: Int = 1000, fields: Int = 256, wildcardComplexity: Int = 10) {
        self.bytes = bytes
        self.alternatives = alternatives
        self.fields = fields
        self.wildcardComplexity = wildcardComplexity
    }

    public static let standard = PatternLimits()
}
