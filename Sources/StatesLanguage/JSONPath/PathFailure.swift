/// Why a path found nothing, in the words that AWS uses.
public struct PathFailure: Error, Hashable, Sendable {
    /// Such as `No results for path: $['a']`.
    public let reason: String
}
