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
        /// Whether a request without a query can never mean it.
        let needsQuery: Bool
    }

    /// The operations at paths of one form, in the order of the model.
    private struct Place: Sendable {
        let uri: URITemplate
        var routes: [Route]
    }

    /// By their methods.
    private var places: [String: [Place]] = [:]
    /// Whether an operation may be meant to which a required parameter is missing, and be refused for that. Not so for
    /// objects, whose operations are told apart by such parameters alone.
    private let toleratesGaps: Bool

    /// Nil for a service that speaks none of the REST protocols.
    init?(_ model: ServiceModel) {
        guard model.traits.protocols.contains(where: { $0 == .restJSON || $0 == .restXML }) else { return nil }
        toleratesGaps = !model.traits.protocols.contains(.restXML)
        for operation in model.operations {
            let required = operation.input.members.filter(\.isRequired)
            let requiredQuery = required.filter { $0.location == .query }.map(\.wireName)
            let route = Route(
                operation: operation,
                literals: operation.uri.segments.count { if case .literal = $0 { true } else { false } },
                isGreedy: operation.uri.segments.contains { if case .greedy = $0 { true } else { false } },
                requiredQuery: requiredQuery,
                requiredHeaders: required.filter { $0.location == .header }.map(\.wireName),
                needsQuery: operation.uri.query.contains { $0.name != "x-id" }
                    || !toleratesGaps && !requiredQuery.isEmpty)
            var found = places[operation.method] ?? []
            if let index = found.firstIndex(where: { $0.uri.segments == operation.uri.segments }) {
                found[index].routes.append(route)
            } else {
                found.append(Place(uri: operation.uri, routes: [route]))
            }
            places[operation.method] = found
        }
    }

    public func operation(_ request: WireRequest) -> OperationSchema? {
        guard let candidates = places[request.method] else { return nil }
        var path = request.path
        return path.withUTF8 { path in
            var parameters: [(name: String, value: String)]?
            var best: (operation: OperationSchema, score: Int)?
            for place in candidates where place.uri.matches(path) {
                for route in place.routes where !(route.needsQuery && request.query.isEmpty) {
                    if parameters == nil { parameters = PercentCoding.pairs(request.query) ?? [] }
                    guard let score = score(route, parameters ?? [], request.headers) else { continue }
                    // Of equal ones the first in the model is meant.
                    let isBetter =
                        best.map {
                            score > $0.score || score == $0.score && route.operation.index < $0.operation.index
                        } ?? true
                    if isBetter { best = (route.operation, score) }
                }
            }
            return best?.operation
        }
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
