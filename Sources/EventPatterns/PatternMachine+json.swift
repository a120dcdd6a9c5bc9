import Core

extension PatternMachine {
    /// The numbers of the rules that match an event given as a value, in rising order. Whoever has the event's text
    /// asks with that: it is faster, and numbers of more digits than a double keeps are still what was written.
    public func rules(matching event: JSON) throws(EventReadError) -> [Int] { try rules(matching: event.bytes()) }
}

extension EventPattern {
    /// Whether the pattern matches an event, a JSON object in UTF-8. Compiles a machine for the one question; whoever
    /// has several keeps a `PatternMachine`.
    public func matches(_ event: [UInt8]) throws(EventReadError) -> Bool {
        try !PatternMachine(self).rules(matching: event).isEmpty
    }

    public func matches(_ event: JSON) throws(EventReadError) -> Bool { try matches(event.bytes()) }
}
