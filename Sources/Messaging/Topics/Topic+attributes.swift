import Core

extension Topic {
    /// What callers may set.
    private static let settable: Set<String> = [
        "ApplicationFailureFeedbackRoleArn", "ApplicationSuccessFeedbackRoleArn",
        "ApplicationSuccessFeedbackSampleRate", "ArchivePolicy", "ContentBasedDeduplication", "DeliveryPolicy",
        "DisplayName", "FifoThroughputScope", "FifoTopic", "FirehoseFailureFeedbackRoleArn",
        "FirehoseSuccessFeedbackRoleArn", "FirehoseSuccessFeedbackSampleRate", "HTTPFailureFeedbackRoleArn",
        "HTTPSuccessFeedbackRoleArn", "HTTPSuccessFeedbackSampleRate", "KmsMasterKeyId",
        "LambdaFailureFeedbackRoleArn", "LambdaSuccessFeedbackRoleArn", "LambdaSuccessFeedbackSampleRate", "Policy",
        "SQSFailureFeedbackRoleArn", "SQSSuccessFeedbackRoleArn", "SQSSuccessFeedbackSampleRate", "SignatureVersion",
        "TracingConfig",
    ]

    public static func isSettable(_ name: String) -> Bool { settable.contains(name) }

    /// Checks one setting; an empty value takes it back.
    ///
    /// - Throws: `invalidParameter`.
    public static func validate(_ name: String, _ value: String, isFIFO: Bool) throws(MessagingError) {
        func refusal(_ text: String) -> MessagingError {
            MessagingError(.invalidParameter, "Invalid parameter: \(text)")
        }
        guard !value.isEmpty else { return }
        switch name {
        case "Policy":
            guard (try? JSON(parsing: value))?.objectValue != nil else { throw refusal("Policy Error: null") }
        case "DeliveryPolicy":
            guard (try? JSON(parsing: value))?.objectValue != nil else {
                throw refusal("DeliveryPolicy: failed to parse JSON. \(JavaJSON.complaint(about: value))")
            }
        case "SignatureVersion" where !["1", "2"].contains(value): throw refusal("SignatureVersion")
        case "TracingConfig" where !["Active", "PassThrough"].contains(value): throw refusal("TracingConfig")
        case "FifoThroughputScope" where !isFIFO || !["Topic", "MessageGroup"].contains(value),
            "ArchivePolicy" where !isFIFO, "ContentBasedDeduplication" where !isFIFO:
            throw refusal(name)
        default: break
        }
    }

    /// Whether the status of some deliveries is to be logged.
    var logsDeliveries: Bool {
        attributes.keys.contains { $0.hasSuffix("FeedbackRoleArn") }
    }

    /// What `GetTopicAttributes` answers.
    public func described(confirmed: Int, pending: Int) -> [String: String] {
        var all = [
            "TopicArn": arn.description, "Owner": scope.account, "DisplayName": "", "Policy": defaultPolicy,
            "SubscriptionsConfirmed": String(confirmed), "SubscriptionsPending": String(pending),
            "SubscriptionsDeleted": "0",
            "EffectiveDeliveryPolicy": DeliveryPolicy(topic: attributes["DeliveryPolicy"]).effective,
        ]
        if isFIFO { all["ContentBasedDeduplication"] = "false" }
        for (name, value) in attributes {
            all[name] = name == "DeliveryPolicy" ? DeliveryPolicy.normalized(topic: value) : value
        }
        return all
    }

    /// Everybody of the account may do everything.
    private var defaultPolicy: String {
        let actions: [JSON] = [
            "GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic",
            "Subscribe", "ListSubscriptionsByTopic", "Publish",
        ].map { .string("SNS:\($0)") }
        let statement: JSON = [
            "Sid": "__default_statement_ID", "Effect": "Allow", "Principal": ["AWS": "*"], "Action": .array(actions),
            "Resource": .string(arn.description),
            "Condition": ["StringEquals": ["AWS:SourceOwner": .string(scope.account)]],
        ]
        let policy: JSON = [
            "Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": .array([statement]),
        ]
        return policy.text()
    }

    private static let grantable: Set<String> = [
        "GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission", "DeleteTopic", "Subscribe",
        "ListSubscriptionsByTopic", "Publish", "Receive",
    ]

    /// Lets accounts do things with the topic, by a statement of that label.
    ///
    /// - Throws: `invalidParameter`.
    public mutating func addPermission(label: String, accounts: [String], actions: [String]) throws(MessagingError) {
        var policy = accessPolicy
        guard !policy.has(label: label) else {
            throw MessagingError(.invalidParameter, "Invalid parameter: Statement already exists")
        }
        guard actions.allSatisfy(Self.grantable.contains) else {
            throw MessagingError(
                .invalidParameter, "Invalid parameter: Policy statement action out of service scope!")
        }
        policy.allow(label: label, accounts: accounts, actions: actions.map { "SNS:\($0)" }, on: arn.description)
        attributes["Policy"] = policy.text
    }

    public mutating func removePermission(label: String) {
        var policy = accessPolicy
        policy.remove(label: label)
        attributes["Policy"] = policy.text
    }

    private var accessPolicy: AccessPolicy {
        AccessPolicy(text: attributes["Policy"] ?? defaultPolicy) ?? AccessPolicy(id: "__default_policy_ID")
    }
}
