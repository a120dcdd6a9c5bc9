import Core

/// One event for one target: the unit of every asynchronous hand-off.
///
/// A delivery is written in the transaction that causes it, attempted until it is done, given up after its retry policy
/// ends, and then handed to its dead-letter target. Nothing else in the host retries or dead-letters.
public struct Delivery: Sendable {
    /// Unique in the database and rising with time.
    public var id: Int64
    /// Where the event goes: the ARN of a function, workflow, topic, queue, bus or endpoint.
    public var target: String
    /// Which kind of source made it; decides the form of what is sent when it ends.
    public var kind: DeliveryKind
    /// The event as the target receives it. Passed through without being parsed.
    public var payload: [UInt8]
    /// What the kind and the target need besides the payload, such as message attributes or the rule's ARN.
    public var context: JSONObject
    public var retry: RetryPolicy
    /// The target that receives the delivery when it is given up.
    public var deadLetter: String?
    /// Attempts that have ended, but for those that found no room.
    public var attempts: Int
    /// Attempts that found no room: they use up no retries.
    public var throttles = 0
    public var createdAt: Timestamp
    /// When the next attempt may begin.
    public var dueAt: Timestamp
}

/// What a source asks to be delivered.
public struct NewDelivery: Sendable {
    public var target: String
    public var kind: DeliveryKind
    public var payload: [UInt8]
    public var context: JSONObject
    public var retry: RetryPolicy
    public var deadLetter: String?
    /// Milliseconds before the first attempt.
    public var delay: Int64

    public init(
        target: String, kind: DeliveryKind, payload: [UInt8], context: JSONObject = [:],
        retry: RetryPolicy = .standard, deadLetter: String? = nil, delay: Int64 = 0
    ) {
        self.target = target
        self.kind = kind
        self.payload = payload
        self.context = context
        self.retry = retry
        self.deadLetter = deadLetter
        self.delay = delay
    }
}

/// The kind of source that makes deliveries; the host registers an ending for each kind that has one.
public struct DeliveryKind: RawRepresentable, Hashable, Sendable {
    public var rawValue: String

    public init(rawValue: String) { self.rawValue = rawValue }

    /// An asynchronous invocation of a function (`InvocationType: Event`, and every service that invokes so).
    public static let asyncInvocation = DeliveryKind(rawValue: "async-invocation")
    /// A target of a rule on an event bus.
    public static let rule = DeliveryKind(rawValue: "rule")
    /// A subscription of a topic.
    public static let subscription = DeliveryKind(rawValue: "subscription")
    /// A bucket's notification configuration.
    public static let bucketNotification = DeliveryKind(rawValue: "bucket-notification")
    /// A schedule of the scheduler.
    public static let schedule = DeliveryKind(rawValue: "schedule")
    /// A webhook route that answers before its target has run.
    public static let webhook = DeliveryKind(rawValue: "webhook")
    /// What a delivery that ended sends on: a destination or a dead letter.
    public static let destination = DeliveryKind(rawValue: "destination")
}
