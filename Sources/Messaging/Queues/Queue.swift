import Core

/// A queue as it is kept: identity, settings and tags.
public struct Queue: Sendable {
    public var id: Int64
    public var scope: Scope
    public var name: String
    public var attributes: QueueAttributes
    public var tags: [String: String]
    public var createdAt: Timestamp
    public var modifiedAt: Timestamp

    public var arn: ARN { scope.arn("sqs", name) }
}

/// A message that is sent to a queue.
public struct OutgoingMessage: Sendable {
    public var body: String
    public var attributes: [MessageAttribute]
    /// Seconds; nil for the queue's own delay.
    public var delay: Int?
    public var groupID: String?
    public var deduplicationID: String?
    public var traceHeader: String?
    public var sender: String

    public init(
        body: String, attributes: [MessageAttribute] = [], delay: Int? = nil, groupID: String? = nil,
        deduplicationID: String? = nil, traceHeader: String? = nil, sender: String
    ) {
        self.body = body
        self.attributes = attributes
        self.delay = delay
        self.groupID = groupID
        self.deduplicationID = deduplicationID
        self.traceHeader = traceHeader
        self.sender = sender
    }
}

/// What the sender learns of its message.
public struct SentMessage: Sendable {
    public var messageID: String
    public var bodyMD5: String
    /// Absent without attributes.
    public var attributesMD5: String?
    /// FIFO queues only.
    public var sequenceNumber: String?
}

/// A message that was received.
public struct ReceivedMessage: Sendable {
    public var messageID: String
    public var receiptHandle: String
    public var body: String
    public var bodyMD5: String
    public var attributes: [MessageAttribute]
    public var sentAt: Timestamp
    public var firstReceivedAt: Timestamp
    public var receiveCount: Int
    public var sender: String
    public var groupID: String?
    public var deduplicationID: String?
    public var sequenceNumber: String?
    public var traceHeader: String?
    public var deadLetterSource: String?
}

/// A named, typed value beside a message's body, of a topic or a queue.
public struct MessageAttribute: Hashable, Sendable {
    public enum Value: Hashable, Sendable {
        case string(String)
        case binary([UInt8])
    }

    public var name: String
    /// `String`, `Number` or `Binary`, optionally followed by a dot and a label.
    public var type: String
    public var value: Value

    public init(name: String, type: String, value: Value) {
        self.name = name
        self.type = type
        self.value = value
    }
}
