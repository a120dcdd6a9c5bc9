/// Why a text is no JSONPath, reference path or intrinsic call, and where.
public struct PathSyntaxError: Error, Hashable, Sendable {
    /// A sentence without position.
    public var reason: String
    /// Zero-based count of bytes before the mistake.
    public var offset: Int
}

extension PathSyntaxError: CustomStringConvertible {
    public var description: String { "\(reason) at position \(offset)" }
}
