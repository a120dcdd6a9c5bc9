import Core

/// The filter policy of a topic's subscription, compiled once for all messages.
public struct FilterPolicy: Sendable {
    public let scope: FilterPolicyScope
    public let pattern: EventPattern
    private let machine: PatternMachine

    /// Compiles a policy. An empty object is refused: a subscription whose policy is `{}` has none.
    public init(parsing text: String, scope: FilterPolicyScope) throws(EventPatternError) {
        self.scope = scope
        pattern = try EventPattern(parsing: text, dialect: .filterPolicy(scope))
        machine = PatternMachine(pattern)
    }

    /// Whether a message passes. A body that is no JSON object passes no policy of the scope `MessageBody`.
    public func passes(body: [UInt8], attributes: [MessageAttribute]) -> Bool {
        let event = scope == .messageBody ? body : MessageAttribute.event(of: attributes)
        return (try? machine.rules(matching: event).isEmpty == false) ?? false
    }
}

/// An attribute of a message, as filter policies see it.
public struct MessageAttribute: Hashable, Sendable {
    public var name: String
    /// `String`, `String.Array`, `Number` or `Binary`, each possibly with a label of the sender's behind a dot.
    public var type: String
    /// The text of the value; for `String.Array` a JSON array.
    public var value: String

    public init(name: String, type: String, value: String) {
        self.name = name
        self.type = type
        self.value = value
    }

    /// The attributes as an event, a JSON object in UTF-8: what a machine of many policies is asked with.
    ///
    /// Binary attributes are not filtered on, and neither are arrays and numbers that are none.
    public static func event(of attributes: [MessageAttribute]) -> [UInt8] {
        var event = JSONObject()
        for attribute in attributes {
            if let value = attribute.json { event[attribute.name] = value }
        }
        return JSON.object(event).bytes()
    }

    private var json: JSON? {
        if type == "String.Array" || type.hasPrefix("String.Array.") {
            guard let parsed = try? JSON(parsing: value), case .array = parsed else { return nil }
            return parsed
        }
        switch type.prefix(while: { $0 != "." }) {
        case "String": return .string(value)
        case "Number":
            guard let parsed = try? JSON(parsing: value), parsed.isNumber else { return nil }
            return parsed
        default: return nil
        }
    }
}
