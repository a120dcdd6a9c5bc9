/// Why an event could not be matched.
public struct EventReadError: Error, Equatable, Sendable {
    public var reason: String
    /// Zero-based count of bytes before the mistake.
    public var offset: Int

    static func notAnObject() -> EventReadError { EventReadError(reason: "an event must be a JSON object", offset: 0) }

    static func tooComplex(steps: Int) -> EventReadError {
        EventReadError(
            reason: "matching the event takes more than \(steps) steps: use fewer wildcards, or fewer conditions on "
                + "fields inside arrays",
            offset: 0)
    }
}

extension EventReadError: CustomStringConvertible {
    public var description: String { "byte \(offset): \(reason)" }
}
