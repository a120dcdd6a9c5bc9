import Core
import EventPatterns

/// A subscription's compiled filter policy.
struct SubscriptionFilter: Sendable {
    private let policy: FilterPolicy

    /// Nil when the subscription has no policy.
    init?(_ attributes: [String: String]) throws(EventPatternError) {
        guard let text = attributes["FilterPolicy"], !text.isEmpty, !Self.isEmptyObject(text) else { return nil }
        let scope = FilterPolicyScope(rawValue: attributes["FilterPolicyScope"] ?? "") ?? .messageAttributes
        policy = try FilterPolicy(parsing: text, scope: scope)
    }

    private static func isEmptyObject(_ text: String) -> Bool {
        text.utf8.allSatisfy { [0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: "{"), UInt8(ascii: "}")].contains($0) }
            && (try? JSON(parsing: text))?.objectValue?.isEmpty == true
    }

    func accepts(_ message: TopicMessage, _ attributes: [EventPatterns.MessageAttribute]) -> Bool {
        policy.passes(
            body: policy.scope == .messageBody ? Array(message.text.utf8) : [], attributes: attributes)
    }

    /// The attributes as policies see them; binary ones are not filtered on.
    static func attributes(of message: TopicMessage) -> [EventPatterns.MessageAttribute] {
        message.attributes.compactMap { attribute in
            guard case .string(let text) = attribute.value else { return nil }
            return EventPatterns.MessageAttribute(name: attribute.name, type: attribute.type, value: text)
        }
    }
}
