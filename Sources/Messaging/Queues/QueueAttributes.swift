import Core

/// The settings of a queue, kept as the texts in which AWS takes and gives them.
public struct QueueAttributes: Hashable, Sendable {
    /// Only what was set; a queue answers defaults for the rest.
    public var values: [String: String]

    public init(_ values: [String: String] = [:]) { self.values = values }

    /// Seconds a sent message stays invisible: 0 to 900.
    public var delaySeconds: Int { number("DelaySeconds", 0) }
    /// Bytes of body and attributes together: 1,024 to 1,048,576.
    public var maximumMessageSize: Int { number("MaximumMessageSize", 1_048_576) }
    /// Seconds a message is kept: 60 to 1,209,600.
    public var retentionPeriod: Int { number("MessageRetentionPeriod", 345_600) }
    /// Seconds a receive waits for a message: 0 to 20.
    public var receiveWaitTime: Int { number("ReceiveMessageWaitTimeSeconds", 0) }
    /// Seconds a received message stays invisible: 0 to 43,200.
    public var visibilityTimeout: Int { number("VisibilityTimeout", 30) }
    public var isFIFO: Bool { values["FifoQueue"] == "true" }
    public var deduplicatesByContent: Bool { values["ContentBasedDeduplication"] == "true" }
    public var deduplicatesPerGroup: Bool { values["DeduplicationScope"] == "messageGroup" }

    public var redrivePolicy: RedrivePolicy? { values["RedrivePolicy"].flatMap(RedrivePolicy.init(text:)) }

    private func number(_ name: String, _ standard: Int) -> Int { values[name].flatMap { Int($0) } ?? standard }
}

/// Where a queue's messages go that were received too often without being deleted.
public struct RedrivePolicy: Hashable, Sendable {
    public var deadLetterTarget: String
    /// 1 to 1,000
    public var maximumReceiveCount: Int

    public init?(text: String) {
        guard let json = try? JSON(parsing: text), let target = json["deadLetterTargetArn"]?.stringValue,
            let count = json["maxReceiveCount"]
        else { return nil }
        guard let number = count.intValue ?? count.stringValue.flatMap({ Int64($0) }), (1...1000).contains(number)
        else { return nil }
        deadLetterTarget = target
        maximumReceiveCount = Int(number)
    }
}
