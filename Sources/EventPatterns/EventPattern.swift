/// A compiled pattern: what an event must look like.
///
/// A value of its own that machines of many rules are built from. It knows the dialects of bus rules, topic filter
/// policies and event source filters, and refuses what the service of that dialect refuses, in the service's words.
public struct EventPattern: Hashable, Sendable {
    let alternatives: [PatternAlternative]

    init(alternatives: [PatternAlternative]) { self.alternatives = alternatives }

    /// Compiles the JSON text of a pattern.
    public init(
        parsing text: String, dialect: PatternDialect = .eventBus, limits: PatternLimits = .standard
    ) throws(EventPatternError) {
        switch dialect {
        case .eventBus: self = try Self.eventBus(text, limits)
        case .eventSource: self = try Self.eventSource(text, limits)
        case .filterPolicy(let scope): self = try Self.filterPolicy(text, scope, limits)
        }
    }

    private static func eventBus(_ text: String, _ limits: PatternLimits) throws(EventPatternError) -> EventPattern {
        do throws(EventPatternError) {
            return EventPattern(
                alternatives: try PatternCompiler.compile(text, operators: .all, limits: limits))
        } catch {
            throw error.prefixed("Event pattern is not valid. Reason: ")
        }
    }

    /// The names of all fields that the pattern looks at, joined with dots: `detail.state`.
    public var fieldPaths: Set<String> { Set(alternatives.lazy.flatMap(\.conditions).map(\.path)) }
}
