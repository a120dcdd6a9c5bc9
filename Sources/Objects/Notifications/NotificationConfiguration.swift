import Core

/// Who is told of which changes in a bucket.
public struct NotificationConfiguration: Hashable, Sendable {
    /// The kind of a destination, with the words S3 uses for it.
    public enum DestinationKind: String, CaseIterable, Sendable {
        case topic = "sns"
        case queue = "sqs"
        case function = "lambda"

        /// The member of the configuration that lists such destinations.
        var listName: String {
            switch self {
            case .topic: "TopicConfigurations"
            case .queue: "QueueConfigurations"
            case .function: "LambdaFunctionConfigurations"
            }
        }

        var arnName: String {
            switch self {
            case .topic: "TopicArn"
            case .queue: "QueueArn"
            case .function: "LambdaFunctionArn"
            }
        }

        /// The argument that S3's errors name.
        public var argumentName: String {
            switch self {
            case .topic: "Topic"
            case .queue: "Queue"
            case .function: "CloudFunction"
            }
        }
    }

    public struct Destination: Hashable, Sendable {
        public var id: String
        public var kind: DestinationKind
        public var arn: ARN
        /// Names with `s3:`, some ending in `*`.
        public var events: [String]
        public var filter: KeyFilter

        /// Whether a change is told to this destination.
        public func matches(_ change: ObjectChange) -> Bool {
            filter.matches(change.key) && events.contains { S3EventName.matches($0, change.eventName) }
        }
    }

    /// In the order of topics, queues, functions.
    public var destinations: [Destination]
    /// Whether all events go to the default bus.
    public var sendsToEventBridge: Bool

    public init(destinations: [Destination] = [], sendsToEventBridge: Bool = false) {
        self.destinations = destinations
        self.sendsToEventBridge = sendsToEventBridge
    }
}

/// The rules by which keys are chosen.
public struct KeyFilter: Hashable, Sendable {
    public var prefix: String?
    public var suffix: String?

    public init(prefix: String? = nil, suffix: String? = nil) {
        self.prefix = prefix
        self.suffix = suffix
    }

    public func matches(_ key: ObjectKey) -> Bool {
        let bytes = key.text.utf8
        if let prefix, !bytes.starts(with: prefix.utf8) { return false }
        guard let suffix else { return true }
        return bytes.count >= suffix.utf8.count && bytes.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
    }

    /// Whether some key is chosen by both: one prefix begins with the other, and one suffix ends in the other.
    func overlaps(_ other: KeyFilter) -> Bool {
        let (left, right) = (Array((prefix ?? "").utf8), Array((other.prefix ?? "").utf8))
        guard left.starts(with: right) || right.starts(with: left) else { return false }
        let (tail, otherTail) = (Array((suffix ?? "").utf8.reversed()), Array((other.suffix ?? "").utf8.reversed()))
        return tail.starts(with: otherTail) || otherTail.starts(with: tail)
    }
}
