import Core

/// A topic as it is kept: identity, settings in AWS's texts, and tags.
public struct Topic: Sendable {
    public var id: Int64
    public var scope: Scope
    public var name: String
    /// Only what was set: `DisplayName`, `Policy`, `DeliveryPolicy`, `KmsMasterKeyId`, `FifoTopic`, ….
    public var attributes: [String: String]
    public var tags: [String: String]
    public var dataProtectionPolicy: String?
    public var createdAt: Timestamp

    public init(
        id: Int64, scope: Scope, name: String, attributes: [String: String], tags: [String: String],
        dataProtectionPolicy: String? = nil, createdAt: Timestamp
    ) {
        self.id = id
        self.scope = scope
        self.name = name
        self.attributes = attributes
        self.tags = tags
        self.dataProtectionPolicy = dataProtectionPolicy
        self.createdAt = createdAt
    }

    public var arn: ARN { scope.arn("sns", name) }
    public var isFIFO: Bool { attributes["FifoTopic"] == "true" }
    public var deduplicatesByContent: Bool { attributes["ContentBasedDeduplication"] == "true" }
    /// `1` signs with SHA-1, `2` with SHA-256.
    public var signatureVersion: String { attributes["SignatureVersion"] ?? "1" }
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
    public var traceHeader: String?

    public init(
        _ text: String, perProtocol: [String: String] = [:], subject: String? = nil,
        attributes: [MessageAttribute] = [], groupID: String? = nil, deduplicationID: String? = nil,
        traceHeader: String? = nil
    ) {
        self.text = text
        self.perProtocol = perProtocol
        self.subject = subject
        self.attributes = attributes
        self.groupID = groupID
        self.deduplicationID = deduplicationID
        self.traceHeader = traceHeader
    }

    func text(for proto: SubscriptionProtocol) -> String { perProtocol[proto.rawValue] ?? text }

    /// Bytes of text and attributes together.
    public var size: Int { attributes.reduce(text.utf8.count) { $0 + $1.size } }
}

/// What the publisher learns of its message.
public struct PublishedMessage: Sendable {
    public var messageID: String
    /// FIFO topics only.
    public var sequenceNumber: String?
}
