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
    var deduplicatesPerGroup: Bool { values["DeduplicationScope"] == "messageGroup" }

    public var redrivePolicy: RedrivePolicy? { values["RedrivePolicy"].flatMap(RedrivePolicy.init(text:)) }

    /// What a queue answers for a setting that was never made.
    public static func standard(isFIFO: Bool) -> [String: String] {
        var values = [
            "DelaySeconds": "0", "MaximumMessageSize": "1048576", "MessageRetentionPeriod": "345600",
            "ReceiveMessageWaitTimeSeconds": "0", "SqsManagedSseEnabled": "true", "VisibilityTimeout": "30",
        ]
        if isFIFO {
            values["ContentBasedDeduplication"] = "false"
            values["DeduplicationScope"] = "queue"
            values["FifoThroughputLimit"] = "perQueue"
        }
        return values
    }

    /// All settings, those never made with their defaults.
    public var effective: [String: String] { Self.standard(isFIFO: isFIFO).merging(values) { $1 } }

    /// Changes settings. Some values mean that a setting goes back to not being made.
    public mutating func merge(_ changes: [String: String]) {
        for (name, given) in changes {
            let value = ["True", "False"].contains(given) ? given.lowercased() : given
            let isRemoval =
                switch name {
                case "Policy", "RedrivePolicy", "RedriveAllowPolicy", "KmsMasterKeyId": value.isEmpty
                case "KmsDataKeyReusePeriodSeconds": value == "300"
                default: false
                }
            values[name] = isRemoval ? nil : value
        }
        // A key of one's own takes the place of the service's.
        if let key = changes["KmsMasterKeyId"], !key.isEmpty, changes["SqsManagedSseEnabled"] == nil {
            values["SqsManagedSseEnabled"] = "false"
        }
        if changes["SqsManagedSseEnabled"] == "true" {
            values["KmsMasterKeyId"] = nil
            values["KmsDataKeyReusePeriodSeconds"] = nil
        }
    }

    private func number(_ name: String, _ standard: Int) -> Int { values[name].flatMap { Int($0) } ?? standard }
}

/// Where a queue's messages go that were received too often without being deleted.
public struct RedrivePolicy: Hashable, Sendable {
    public var deadLetterTarget: String
    /// 1 to 1,000
    public var maximumReceiveCount: Int

    public init?(text: String) {
        guard let json = try? JSON(parsing: text), let target = json["deadLetterTargetArn"]?.stringValue,
            let number = Self.count(json["maxReceiveCount"]), (1...1000).contains(number)
        else { return nil }
        deadLetterTarget = target
        maximumReceiveCount = Int(number)
    }

    /// The count may be written as a text.
    static func count(_ json: JSON?) -> Int64? { json?.intValue ?? json?.stringValue.flatMap { Int64($0) } }
}
