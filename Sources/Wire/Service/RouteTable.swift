/// Finds the operation of a REST service for a method, path and query.
///
/// Several operations may share a place: the one with more literal segments, then with more required query parameters
/// and headers present, is meant.
public struct RouteTable: Sendable {
    private struct Route: Sendable {
        let operation: OperationSchema
        /// Literal segments; labels and greedy labels count for nothing.
        let literals: Int
        let isGreedy: Bool
        let requiredQuery: [String]
        let requiredHeaders: [String]
    }

    private var routes: [String: [Route]] = [:]
    /// Whether an operation may be meant to which a required parameter is missing, and be refused for that. Not so for
    /// objects, whose operations are told apart by such parameters alone.
    private let toleratesGaps: Bool

    /// Nil for a service that speaks none of the REST protocols.
    init?(_ model: ServiceModel) {
        guard model.traits.protocols.contains(where: { $0 == .restJSON || $0 == .restXML }) else { return nil }
        toleratesGaps = !model.traits.protocols.contains(.restXML)
        for operation in model.operations {
            let required = operation.input.members.filter(\.isRequired)
            let route = Route(
                operation: operation,
                literals: operation.uri.segments.count { if case .literal = $0 { true } else { false } },
                isGreedy: operation.uri.segments.contains { if case .greedy = $0 { true } else { false } },
                requiredQuery: required.filter { $0.location == .query }.map(\.wireName),
                requiredHeaders: required.filter { $0.location == .header }.map(\.wireName))
            routes[operation.method, default: []].append(route)
        }
    }

    public func operation(_ request: WireRequest) -> OperationSchema? {
        let segments = URITemplate.segments(of: request.path)
        guard let candidates = routes[request.method] else { return nil }
        var parameters: [(name: String, value: String)]?
        var best: (route: Route, score: Int)?
        for route in candidates where route.operation.uri.matches(segments) {
            if parameters == nil { parameters = PercentCoding.pairs(request.query) ?? [] }
            guard let score = score(route, parameters ?? [], request.headers) else { continue }
            if best.map({ score > $0.score }) ?? true { best = (route, score) }
        }
        return best?.route.operation
    }

    /// More than any score, so that a route to which something is missing comes after all others.
    private static let incompletePenalty = 1_000_000

    /// Nil when something that the route needs is missing.
    private func score(
        _ route: Route, _ parameters: [(name: String, value: String)], _ headers: HTTPFields
    ) -> Int? {
        var score = route.literals * 1000 + (route.isGreedy ? 0 : 1)
        for (name, value) in route.operation.uri.query {
            // The parameter by which some clients name the operation is not needed.
            if name == "x-id" {
                if parameters.contains(where: { $0.name == name && $0.value == value }) { score += 2 }
                continue
            }
            guard parameters.contains(where: { $0.name == name && (value == nil || $0.value == value) }) else {
                return nil
            }
            score += 100
        }
        var isComplete = true
        for name in route.requiredQuery {
            if parameters.contains(where: { $0.name == name }) { score += 10 } else { isComplete = false }
        }
        for name in route.requiredHeaders {
            if headers[name] != nil { score += 5 } else { isComplete = false }
        }
        if isComplete { return score }
        return toleratesGaps ? score - Self.incompletePenalty : nil
    }
}
