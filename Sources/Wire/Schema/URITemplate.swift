/// The place of an operation of a REST protocol: path segments, some of them labels, and query parameters that must
/// be there, such as `/{Bucket}/{Key+}?uploads`.
public struct URITemplate: Sendable {
    public enum Segment: Sendable, Equatable {
        case literal(String)
        case label(String)
        /// The last label may hold slashes.
        case greedy(String)
    }

    public var segments: [Segment]
    public var query: [(name: String, value: String?)]
    /// Whether the path ends in a slash that is no empty segment.
    public var hasTrailingSlash: Bool

    public init(_ text: String) {
        let halves = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        let path = halves.first ?? ""
        hasTrailingSlash = path.utf8.count > 1 && path.hasSuffix("/")
        segments = path.split(separator: "/").map(Self.segment)
        let parameters = halves.count > 1 ? halves[1].split(separator: "&") : []
        query = parameters.map { parameter in
            let pair = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (String(pair[0]), pair.count > 1 ? String(pair[1]) : nil)
        }
    }

    private static func segment(_ text: Substring) -> Segment {
        guard text.hasPrefix("{"), text.hasSuffix("}") else { return .literal(String(text)) }
        let name = text.dropFirst().dropLast()
        return name.hasSuffix("+") ? .greedy(String(name.dropLast())) : .label(String(name))
    }
}
