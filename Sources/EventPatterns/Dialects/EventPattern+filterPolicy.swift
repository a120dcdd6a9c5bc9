import Core

extension EventPattern {
    /// A topic's filter policy. The service reads policies in a compact form of its own, which its messages show.
    static func filterPolicy(
        _ text: String, _ scope: FilterPolicyScope, _ limits: PatternLimits
    ) throws(EventPatternError) -> EventPattern {
        let policy: JSON
        do throws(JSONParseError) {
            policy = try JSON(parsing: text, limits: JSONLimits(depth: PatternReader.depthLimit))
        } catch {
            throw EventPatternError(
                reason: "failed to parse JSON. \(error.description)", prefix: FilterPolicyLimits.prefix)
        }
        let alternatives: [PatternAlternative]
        do throws(EventPatternError) {
            alternatives = try PatternCompiler.compile(
                policy.text(), operators: .filterPolicy, limits: limits)
        } catch {
            throw error.prefixed(FilterPolicyLimits.prefix)
        }
        if let object = policy.objectValue { try FilterPolicyLimits.check(object, scope) }
        return EventPattern(alternatives: alternatives)
    }
}

/// What a topic's filter policy may hold.
enum FilterPolicyLimits {
    static let prefix = "FilterPolicy: "
    /// Names at the top of a policy.
    static let keys = 5
    /// The product, over all fields, of the number of values and the depth of the field.
    static let combinations = 150

    static func check(_ policy: JSONObject, _ scope: FilterPolicyScope) throws(EventPatternError) {
        guard policy.count <= keys else {
            throw EventPatternError(reason: "Filter policy can not have more than \(keys) keys", prefix: prefix)
        }
        if scope == .messageAttributes, isNested(policy) {
            throw EventPatternError(
                reason: "Filter policy scope MessageAttributes does not support nested filter policy")
        }
        guard combinations(of: policy, depth: 1, before: 1) <= combinations else {
            throw EventPatternError(reason: "Filter policy is too complex", prefix: prefix)
        }
    }

    private static func isNested(_ policy: JSONObject) -> Bool {
        policy.contains { key, value in
            if case .object = value { return true }
            guard isOr(key, value), let branches = value.arrayValue else { return false }
            return branches.contains { $0.objectValue.map(isNested) ?? false }
        }
    }

    private static func isOr(_ key: String, _ value: JSON) -> Bool {
        guard key == "$or", let branches = value.arrayValue, branches.count > 1 else { return false }
        return branches.allSatisfy { $0.objectValue != nil }
    }

    /// Saturates, far above the limit.
    private static func combinations(of policy: JSONObject, depth: Int, before: Int) -> Int {
        var product = before
        for (key, value) in policy {
            switch value {
            case .object(let inner): product = combinations(of: inner, depth: depth + 1, before: product)
            case .array(let branches) where isOr(key, value):
                product = branches.reduce(0) { sum, branch in
                    sum + combinations(of: branch.objectValue ?? [:], depth: depth, before: product)
                }
            case .array(let values): product *= values.count * depth
            default: break
            }
            product = min(product, 1_000_000)
        }
        return product
    }
}
