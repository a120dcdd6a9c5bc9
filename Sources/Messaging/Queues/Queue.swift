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
    public var purgedAt: Timestamp?
    /// The scope of deduplication as it was when the queue was created: changing the setting later changes nothing
    /// (as recorded).
    public var deduplicatesPerGroup = false

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
    /// What is still to be done to the body when it is read; see ``MessageSealing``.
    public var seal: String?

    public init(
        body: String, attributes: [MessageAttribute] = [], delay: Int? = nil, groupID: String? = nil,
        deduplicationID: String? = nil, traceHeader: String? = nil, sender: String, seal: String? = nil
    ) {
        self.body = body
        self.attributes = attributes
        self.delay = delay
        self.groupID = groupID
        self.deduplicationID = deduplicationID
        self.traceHeader = traceHeader
        self.sender = sender
        self.seal = seal
    }

    /// Bytes of body and attributes together.
    public var size: Int { attributes.reduce(body.utf8.count) { $0 + $1.size } }
}

/// What the sender learns of its message.
public struct SentMessage: Sendable {
    public var messageID: String
    /// FIFO queues only.
    public var sequenceNumber: String?
}

/// A message that was received.
public struct ReceivedMessage: Sendable {
    public var messageID: String
    public var receiptHandle: String
    public var body: String
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
    var seal: String?

    public var bodyMD5: String { MessageDigest.body(body) }
}

/// Completes bodies that were stored unfinished, when they are read.
///
/// A topic's envelope carries a signature that takes a good part of a millisecond to make. Publishing stores the
/// envelope without it, whatever the number of queues; it is made when somebody reads the message.
public protocol MessageSealing: Sendable {
    func complete(_ body: String, seal: String) -> String
}

/// How many messages a queue holds.
public struct QueueCounts: Hashable, Sendable {
    public var visible = 0
    public var inFlight = 0
    public var delayed = 0
}
