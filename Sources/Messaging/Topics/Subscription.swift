import Core

/// How a subscription is reached.
public struct SubscriptionProtocol: RawRepresentable, Hashable, Sendable {
    public var rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public static let queue = SubscriptionProtocol(rawValue: "sqs")
    public static let function = SubscriptionProtocol(rawValue: "lambda")
    public static let http = SubscriptionProtocol(rawValue: "http")
    public static let https = SubscriptionProtocol(rawValue: "https")
    public static let email = SubscriptionProtocol(rawValue: "email")
    public static let emailJSON = SubscriptionProtocol(rawValue: "email-json")
    /// A state machine: a protocol of this host's own, for projects.
    public static let workflow = SubscriptionProtocol(rawValue: "states")

    /// The protocols that callers may name.
    public static let all: Set<String> = [
        "http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose",
    ]

    public var isHTTP: Bool { self == .http || self == .https }

    /// Whether the receiver must say that it wants the messages.
    public var needsConfirmation: Bool { isHTTP || self == .email || self == .emailJSON }

    /// Whether messages leave for the receiver at all. Mail, text messages, mobile push and delivery streams are
    /// accepted and go nowhere: this host has no such networks.
    public var isDelivered: Bool { isHTTP || self == .queue || self == .function || self == .workflow }
}

/// One receiver of a topic's messages.
public struct Subscription: Sendable {
    public var id: Int64
    public var arn: String
    public var topic: String
    public var proto: SubscriptionProtocol
    /// The ARN or address of the receiver.
    public var endpoint: String
    public var owner: String
    /// Only what was set: `FilterPolicy`, `FilterPolicyScope`, `RawMessageDelivery`, `RedrivePolicy`, ….
    public var attributes: [String: String]
    public var isConfirmed: Bool
    /// Whether the confirmation was signed.
    public var wasAuthenticated: Bool
    /// Only signed requests may unsubscribe.
    public var authenticatesUnsubscribe: Bool
    /// What an HTTP receiver proves with that it wants the messages.
    public var token: String
    public var createdAt: Timestamp

    public var isRaw: Bool { attributes["RawMessageDelivery"]?.lowercased() == "true" }

    public var deadLetter: String? {
        guard let text = attributes["RedrivePolicy"], let policy = try? JSON(parsing: text) else { return nil }
        return policy["deadLetterTargetArn"]?.stringValue
    }

    /// What `GetSubscriptionAttributes` answers.
    public func described(topic: Topic?) -> [String: String] {
        var all = [
            "SubscriptionArn": arn, "TopicArn": self.topic, "Owner": owner, "Protocol": proto.rawValue,
            "Endpoint": endpoint, "RawMessageDelivery": isRaw ? "true" : "false",
            "PendingConfirmation": isConfirmed ? "false" : "true",
            "ConfirmationWasAuthenticated": wasAuthenticated ? "true" : "false",
            "SubscriptionPrincipal": "arn:aws:iam::\(owner):user/millrace",
        ]
        for (name, value) in attributes where name != "RawMessageDelivery" && !value.isEmpty { all[name] = value }
        if let policy = attributes["FilterPolicy"], !policy.isEmpty {
            all["FilterPolicyScope"] = attributes["FilterPolicyScope"] ?? "MessageAttributes"
        } else {
            all["FilterPolicyScope"] = nil
        }
        if let policy = all["DeliveryPolicy"] {
            all["DeliveryPolicy"] = DeliveryPolicy.normalized(subscription: policy)
        }
        if proto.isHTTP {
            let policy = DeliveryPolicy(topic: topic?.attributes["DeliveryPolicy"])
            all["EffectiveDeliveryPolicy"] = policy.effective(self)
        }
        return all
    }
}
