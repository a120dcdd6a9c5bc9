import Core

/// A topic as it is kept: identity, settings in AWS's texts, and tags.
public struct Topic: Sendable {
    public var id: Int64
    public var scope: Scope
    public var name: String
    /// Only what was set: `DisplayName`, `Policy`, `DeliveryPolicy`, `KmsMasterKeyId`, `FifoTopic`, ….
    public var attributes: [String: String]
    public var tags: [String: String]
    public var createdAt: Timestamp

    public init(
        id: Int64, scope: Scope, name: String, attributes: [String: String], tags: [String: String],
        createdAt: Timestamp
    ) {
        self.id = id
        self.scope = scope
        self.name = name
        self.attributes = attributes
        self.tags = tags
        self.createdAt = createdAt
    }

    public var arn: ARN { scope.arn("sns", name) }
    public var isFIFO: Bool { attributes["FifoTopic"] == "true" }
    public var deduplicatesByContent: Bool { attributes["ContentBasedDeduplication"] == "true" }
    /// `1` signs with SHA-1, `2` with SHA-256.
    public var signatureVersion: String { attributes["SignatureVersion"] ?? "1" }
}

/// How a subscription is reached.
public struct SubscriptionProtocol: RawRepresentable, Hashable, Sendable {
    public var rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    public static let queue = SubscriptionProtocol(rawValue: "sqs")
    public static let function = SubscriptionProtocol(rawValue: "lambda")
    public static let http = SubscriptionProtocol(rawValue: "http")
    public static let https = SubscriptionProtocol(rawValue: "https")
    /// A state machine: a protocol of this host's own, for projects.
    public static let workflow = SubscriptionProtocol(rawValue: "states")

    public var isHTTP: Bool { self == .http || self == .https }
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
    /// What an HTTP receiver proves with that it wants the messages.
    public var token: String
    public var createdAt: Timestamp

    public var isRaw: Bool { attributes["RawMessageDelivery"]?.lowercased() == "true" }

    public var deadLetter: String? {
        guard let text = attributes["RedrivePolicy"], let policy = try? JSON(parsing: text) else { return nil }
        return policy["deadLetterTargetArn"]?.stringValue
    }
}

/// A message that is published.
public struct TopicMessage: Sendable {
    /// The text for every protocol, or with `perProtocol` the default one.
    public var text: String
    /// Texts of single protocols (`MessageStructure: json`).
    public var perProtocol: [String: String]
    public var subject: String?
    public var attributes: [MessageAttribute]
    public var groupID: String?
    public var deduplicationID: String?

    public init(
        _ text: String, perProtocol: [String: String] = [:], subject: String? = nil,
        attributes: [MessageAttribute] = [], groupID: String? = nil, deduplicationID: String? = nil
    ) {
        self.text = text
        self.perProtocol = perProtocol
        self.subject = subject
        self.attributes = attributes
        self.groupID = groupID
        self.deduplicationID = deduplicationID
    }

    func text(for proto: SubscriptionProtocol) -> String { perProtocol[proto.rawValue] ?? text }
}

/// What the publisher learns of its message.
public struct PublishedMessage: Sendable {
    public var messageID: String
    /// FIFO topics only.
    public var sequenceNumber: String?
}
