/// Why a pattern was refused, in the words of the AWS service whose dialect it was written in.
public struct EventPatternError: Error, Equatable, Sendable {
    /// The bare reason, such as `Empty arrays are not allowed`.
    public var reason: String
    /// Where the reader stood, in the form in which AWS appends it to the reason: begins with a line feed and
    /// ` at [Source: (String)"…"; line: 1, column: 17]`. Empty for reasons that no single place explains.
    public var location: String
    /// One-based line and column behind the last character read; nil when there is no location.
    public var position: Position?
    /// What the dialect puts before the reason.
    public var prefix: String

    public struct Position: Equatable, Sendable {
        public var line: Int
        /// Counted in UTF-16 units, as AWS counts.
        public var column: Int
    }

    public init(reason: String, location: String = "", position: Position? = nil, prefix: String = "") {
        self.reason = reason
        self.location = location
        self.position = position
        self.prefix = prefix
    }

    /// The message as the service answers it, with the position.
    public var message: String { prefix + reason + location }

    func prefixed(_ prefix: String) -> EventPatternError {
        var copy = self
        copy.prefix = prefix
        return copy
    }
}

extension EventPatternError: CustomStringConvertible {
    public var description: String { message }
}
