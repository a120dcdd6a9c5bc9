import Core
import EventPatterns

/// A subscription's compiled filter policy.
struct SubscriptionFilter: Sendable {
    private let pattern: EventPattern
    private let scope: FilterPolicyScope

    /// Nil when the subscription has no policy.
    init?(_ attributes: [String: String]) throws(EventPatternError) {
        guard let text = attributes["FilterPolicy"], !text.isEmpty, text != "{}" else { return nil }
        scope = attributes["FilterPolicyScope"] == "MessageBody" ? .messageBody : .messageAttributes
        pattern = try EventPattern(parsing: text, dialect: .filterPolicy(scope))
    }

    func accepts(_ message: TopicMessage) -> Bool {
        switch scope {
        case .messageAttributes: return (try? pattern.matches(Self.event(of: message.attributes))) ?? false
        // A body that is no JSON object matches nothing.
        case .messageBody: return (try? pattern.matches(Array(message.text.utf8))) ?? false
        }
    }

    /// The attributes as the pattern sees them: numbers as numbers, `String.Array` as arrays.
    private static func event(of attributes: [MessageAttribute]) -> JSON {
        .object(
            JSONObject(
                attributes.compactMap { attribute -> (String, JSON)? in
                    guard case .string(let text) = attribute.value else { return nil }
                    let parsed = attribute.type == "String" ? nil : try? JSON(parsing: text)
                    return (attribute.name, parsed ?? .string(text))
                }))
    }
}
