extension EventPattern {
    /// A filter of an event source mapping. The service gives one answer to all mistakes; the reason is kept behind it
    /// for people, in `location`, and not part of `serviceMessage`.
    static func eventSource(_ text: String, _ limits: PatternLimits) throws(EventPatternError) -> EventPattern {
        do throws(EventPatternError) {
            return EventPattern(alternatives: try PatternCompiler.compile(text, operators: .all, limits: limits))
        } catch {
            throw error.prefixed(eventSourceRefusal + " Reason: ")
        }
    }

    /// What the service answers to every filter that is not valid.
    public static let eventSourceRefusal = "Invalid filter pattern definition."
}
