/// The policies that decide on a request, and their decision.
struct PolicySimulation {
    enum Decision: String {
        case allowed, explicitDeny, implicitDeny
    }

    struct Outcome {
        var decision: Decision
        /// The statements that led to it.
        var matched: [SimulatedPolicy.Statement]
        /// Whether the boundary allows it; nil without one.
        var isWithinBoundary: Bool?
        /// Keys that policies ask for and the request does not have.
        var missingKeys: [String]
    }

    /// Of the identity that asks.
    var policies: [SimulatedPolicy]
    /// Nil without a boundary.
    var boundary: [SimulatedPolicy]?
    /// That of the resource; of the same account, so that it allows what no other policy does.
    var resourcePolicy: SimulatedPolicy?

    func decide(_ request: SimulatedRequest) -> Outcome {
        let ofIdentity = policies.flatMap(\.statements).filter { $0.matches(request, namesPrincipals: false) }
        let ofResource = (resourcePolicy?.statements ?? []).filter { $0.matches(request, namesPrincipals: true) }
        let ofBoundary = boundary.map { boundary in
            boundary.flatMap(\.statements).filter { $0.matches(request, namesPrincipals: false) }
        }
        let denials = (ofIdentity + ofResource).filter(\.isDenial)
        let isDeniedByBoundary = ofBoundary?.contains(where: \.isDenial) ?? false
        let isWithinBoundary = ofBoundary.map { !$0.isEmpty && !isDeniedByBoundary }
        let missing = missingKeys(request)
        if !denials.isEmpty || isDeniedByBoundary {
            return Outcome(
                decision: .explicitDeny, matched: denials, isWithinBoundary: isWithinBoundary, missingKeys: missing)
        }
        // What the resource's policy allows, no boundary of the identity takes away.
        let isAllowed = !ofResource.isEmpty || !ofIdentity.isEmpty && isWithinBoundary != false
        return Outcome(
            decision: isAllowed ? .allowed : .implicitDeny, matched: isAllowed ? ofIdentity + ofResource : [],
            isWithinBoundary: isWithinBoundary, missingKeys: missing)
    }

    private func missingKeys(_ request: SimulatedRequest) -> [String] {
        let all = policies + (boundary ?? []) + (resourcePolicy.map { [$0] } ?? [])
        let keys = all.flatMap(\.statements).flatMap(\.keys)
        return Set(keys).filter { request.values($0) == nil }.sorted()
    }
}
