extension EventPattern {
    /// A filter of an event source mapping. The service has one answer to all mistakes, `eventSourceRefusal`; the error's
    /// message begins with it and goes on with the reason, for logs and people.
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
