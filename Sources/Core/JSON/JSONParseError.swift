/// Why a text is not JSON, and where.
public struct JSONParseError: Error, Hashable, Sendable {
    /// A sentence without position, such as `expected ':' after a member's name`.
    public var reason: String
    /// Zero-based count of bytes before the mistake.
    public var offset: Int
    /// One-based line.
    public var line: Int
    /// One-based column, counted in characters.
    public var column: Int

    public init(reason: String, offset: Int, line: Int, column: Int) {
        self.reason = reason
        self.offset = offset
        self.line = line
        self.column = column
    }
}

extension JSONParseError: CustomStringConvertible {
    public var description: String { "line \(line), column \(column): \(reason)" }
}
