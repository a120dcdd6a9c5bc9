import Core

extension QueueAttributes {
    /// What a caller may set. The rest can only be read.
    private static let settable: Set<String> = [
        "ContentBasedDeduplication", "DeduplicationScope", "DelaySeconds", "FifoQueue", "FifoThroughputLimit",
        "KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId", "MaximumMessageSize", "MessageRetentionPeriod", "Policy",
        "ReceiveMessageWaitTimeSeconds", "RedriveAllowPolicy", "RedrivePolicy", "SqsManagedSseEnabled",
        "VisibilityTimeout",
    ]

    private static let ranges: [String: ClosedRange<Int>] = [
        "DelaySeconds": 0...900, "MaximumMessageSize": 1024...1_048_576, "MessageRetentionPeriod": 60...1_209_600,
        "ReceiveMessageWaitTimeSeconds": 0...20, "VisibilityTimeout": 0...43_200,
        "KmsDataKeyReusePeriodSeconds": 60...86_400,
    ]

    private static let choices: [String: [String]] = [
        "DeduplicationScope": ["messageGroup", "queue"], "FifoThroughputLimit": ["perQueue", "perMessageGroupId"],
        "ContentBasedDeduplication": ["true", "false"], "SqsManagedSseEnabled": ["true", "false"],
        "FifoQueue": ["true", "false"],
    ]

    /// Checks settings with the service's own words.
    ///
    /// - Throws: `invalidAttributeName`, `invalidAttributeValue`, `invalidParameterValue`.
    public static func validate(_ values: [String: String], isFIFO: Bool, isNew: Bool) throws(MessagingError) {
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            guard settable.contains(name) else { throw unknown(name) }
            if name == "FifoQueue" { try validateType(value, isFIFO: isFIFO, isNew: isNew) }
            if !isFIFO { try validateAbsence(of: name) }
            try validate(name, value)
        }
        if values["SqsManagedSseEnabled"]?.lowercased() == "true", values["KmsMasterKeyId"]?.isEmpty == false {
            throw MessagingError(
                .invalidAttributeName,
                "You can use one type of server-side encryption (SSE) at one time. "
                    + "You can either enable KMS SSE or SQS SSE.")
        }
    }

    static func unknown(_ name: String) -> MessagingError {
        MessagingError(.invalidAttributeName, "Unknown Attribute \(name).")
    }

    private static func validateType(_ value: String, isFIFO: Bool, isNew: Bool) throws(MessagingError) {
        guard isFIFO else { throw unknown("FifoQueue") }
        guard isNew || value.lowercased() == "true" else {
            throw MessagingError(
                .invalidAttributeValue,
                "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.")
        }
    }

    private static func validateAbsence(of name: String) throws(MessagingError) {
        switch name {
        case "ContentBasedDeduplication": throw unknown(name)
        case "DeduplicationScope", "FifoThroughputLimit":
            throw MessagingError(
                .invalidAttributeName, "You can specify the \(name) only when FifoQueue is set to true.")
        default: break
        }
    }

    private static func validate(_ name: String, _ value: String) throws(MessagingError) {
        let invalid = MessagingError(.invalidAttributeValue, "Invalid value for the parameter \(name).")
        if let range = ranges[name] {
            guard let number = Int(value), range.contains(number) else { throw invalid }
        }
        if let choices = choices[name], !choices.contains(value.lowercased()), !choices.contains(value) {
            throw invalid
        }
        switch name {
        case "Policy" where !value.isEmpty:
            guard (try? JSON(parsing: value))?.objectValue != nil else { throw invalid }
        case "RedrivePolicy" where !value.isEmpty: try validateRedrive(value)
        case "RedriveAllowPolicy" where !value.isEmpty: try validateRedriveAllow(value)
        default: break
        }
    }

    private static func validateRedrive(_ text: String) throws(MessagingError) {
        func refusal(_ reason: String) -> MessagingError {
            MessagingError(
                .invalidParameterValue, "Value \(text) for parameter RedrivePolicy is invalid. Reason: \(reason)")
        }
        guard let policy = (try? JSON(parsing: text))?.objectValue else {
            throw refusal("Redrive policy is not a valid JSON map.")
        }
        guard let target = policy["deadLetterTargetArn"] else {
            throw refusal("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.")
        }
        guard let count = policy["maxReceiveCount"] else {
            throw refusal("Redrive policy does not contain mandatory attribute: maxReceiveCount.")
        }
        guard let number = RedrivePolicy.count(count), (1...1000).contains(number) else {
            let given = count.stringValue ?? count.text()
            throw refusal(
                "Invalid value for maxReceiveCount: \(given), valid values are from 1 to 1000 both inclusive.")
        }
        guard let arn = target.stringValue.flatMap(ARN.init), arn.service == "sqs" else {
            throw refusal("Invalid value for deadLetterTargetArn.")
        }
    }

    private static func validateRedriveAllow(_ text: String) throws(MessagingError) {
        let json = try? JSON(parsing: text)
        let permission = json?["redrivePermission"]?.stringValue ?? ""
        guard ["allowAll", "denyAll", "byQueue"].contains(permission) else {
            throw MessagingError(
                .invalidParameterValue,
                "Value \(text) for parameter RedriveAllowPolicy is invalid. "
                    + "Reason: Amazon SQS can't create the redrive allow policy, as it's in an unsupported format.")
        }
    }
}
