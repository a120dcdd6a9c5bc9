public import AWSModels
import Core
import Messaging
public import Wire

extension SNSProvider {
    public func subscribe(
        _ input: SNS.SubscribeInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.SubscribeResponse {
        let topic = try topic(input.topicArn, context)
        let endpoint = input.endpoint ?? ""
        let proto = SubscriptionProtocol(rawValue: input.protocol)
        guard !endpoint.isEmpty else { throw SNS.Errors.notFoundException("Endpoint not specified in subscription") }
        try Self.validate(endpoint, proto, topic)
        var attributes = input.attributes ?? [:]
        try await answering {
            for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
                try Subscription.validate(name, value, topic: input.topicArn, endpoint: endpoint, isNew: true)
            }
            try Subscription.validateFilter(attributes, isNew: true)
        }
        if let raw = attributes["RawMessageDelivery"] { attributes["RawMessageDelivery"] = raw.lowercased() }
        let (wanted, owner) = (attributes, context.scope.account)
        let subscription = try await write { transaction in
            try topics.subscribe(
                to: topic, proto, endpoint: endpoint, attributes: wanted, owner: owner, in: transaction)
        }
        return SNS.SubscribeResponse {
            $0.subscriptionArn =
                subscription.isConfirmed || input.returnSubscriptionArn == true
                ? subscription.arn : "pending confirmation"
        }
    }

    private static func validate(
        _ endpoint: String, _ proto: SubscriptionProtocol, _ topic: Topic
    ) throws(AWSError) {
        guard SubscriptionProtocol.all.contains(proto.rawValue) else {
            throw invalid("Amazon SNS does not support this protocol string: \(proto.rawValue)")
        }
        switch proto.rawValue {
        case "http", "https":
            guard endpoint.hasPrefix("\(proto.rawValue)://") else {
                throw invalid("Endpoint must match the specified protocol")
            }
        case "sms":
            guard isPhoneNumber(withoutSeparators(endpoint)) else {
                throw SNS.Errors.invalidParameterException("Invalid SMS endpoint: \(endpoint)")
            }
        case "sqs": guard ARN(endpoint) != nil else { throw invalid("SQS endpoint ARN") }
        case "lambda": guard ARN(endpoint) != nil else { throw invalid("Lambda endpoint ARN") }
        case "application": guard ARN(endpoint) != nil else { throw invalid("ApplicationEndpoint ARN") }
        case "firehose": guard ARN(endpoint) != nil else { throw invalid("Firehose endpoint ARN") }
        case "email", "email-json": guard endpoint.contains("@") else { throw invalid("Email address") }
        default: break
        }
        if proto == .queue, endpoint.hasSuffix(".fifo"), !topic.isFIFO {
            throw invalid(
                "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics")
        }
    }

    /// E.164: up to fifteen digits, with or without a plus sign.
    /// A phone number as subscriptions take it: with single dots, slashes and hyphens between the digits.
    static func withoutSeparators(_ text: String) -> String {
        let isSeparator: (Character) -> Bool = { "./-".contains($0) }
        let groups = text.split(omittingEmptySubsequences: false, whereSeparator: isSeparator)
        return groups.contains { $0.isEmpty || $0 == "+" } ? text : groups.joined()
    }

    static func isPhoneNumber(_ text: String) -> Bool {
        let digits = text.hasPrefix("+") ? text.dropFirst() : text[...]
        return (2...15).contains(digits.utf8.count) && digits.first != "0"
            && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    public func confirmSubscription(
        _ input: SNS.ConfirmSubscriptionInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.ConfirmSubscriptionResponse {
        let (token, arn, isSigned) = (input.token, input.topicArn, context.accessKeyID != nil)
        let authenticates = input.authenticateOnUnsubscribe?.lowercased() == "true"
        let subscription = try await write { transaction in
            try topics.confirm(
                token: token, topic: arn, isAuthenticated: isSigned, authenticatesUnsubscribe: authenticates,
                in: transaction)
        }
        return SNS.ConfirmSubscriptionResponse { $0.subscriptionArn = subscription.arn }
    }

    public func unsubscribe(_ input: SNS.UnsubscribeInput, _ context: RequestContext) async throws(AWSError) {
        let arn = input.subscriptionArn
        guard !arn.isEmpty else { throw Self.invalid("SubscriptionArn Reason: no value for required parameter") }
        let count = arn.split(separator: ":", omittingEmptySubsequences: false).count
        guard count >= 6, ARN(arn) != nil else { throw Self.malformed(arn, "SubscriptionArn") }
        guard let subscription = topics.subscription(arn) else {
            if count == 6 { throw Self.invalid("SubscriptionId") }
            return
        }
        let isSigned = context.accessKeyID != nil
        guard isSigned || !subscription.authenticatesUnsubscribe else {
            throw SNS.Errors.authorizationErrorException("This subscription can only be ended by a signed request.")
        }
        // The owner knows what it does; others, and everybody without a signature, are asked once more.
        let asks = !isSigned || context.scope.account != subscription.owner
        try await write { try topics.unsubscribe(subscription, asksReceiver: asks, in: $0) }
    }

    // MARK: Attributes and lists

    private func subscription(_ arn: String) throws(AWSError) -> Subscription {
        guard ARN(arn) != nil else { throw Self.malformed(arn, "SubscriptionArn") }
        guard let subscription = topics.subscription(arn) else {
            throw SNS.Errors.notFoundException("Subscription does not exist")
        }
        return subscription
    }

    public func getSubscriptionAttributes(
        _ input: SNS.GetSubscriptionAttributesInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.GetSubscriptionAttributesResponse {
        let subscription = try subscription(input.subscriptionArn)
        return SNS.GetSubscriptionAttributesResponse {
            $0.attributes = subscription.described(topic: topics.topic(subscription.topic))
        }
    }

    public func setSubscriptionAttributes(
        _ input: SNS.SetSubscriptionAttributesInput, _ context: RequestContext
    ) async throws(AWSError) {
        var subscription = try subscription(input.subscriptionArn)
        let (name, value) = (input.attributeName, input.attributeValue ?? "")
        try await answering {
            try Subscription.validate(
                name, value, topic: subscription.topic, endpoint: subscription.endpoint, isNew: false)
        }
        subscription.attributes[name] =
            name == "RawMessageDelivery" ? value.lowercased() : value.isEmpty ? nil : value
        if name == "FilterPolicy", (try? JSON(parsing: value))?.objectValue?.isEmpty == true {
            subscription.attributes[name] = nil
        }
        let changed = subscription
        try await answering { try Subscription.validateFilter(changed.attributes, isNew: false) }
        try await write { try topics.save(changed, in: $0) }
    }

    public func listSubscriptions(
        _ input: SNS.ListSubscriptionsInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.ListSubscriptionsResponse {
        let (page, next) = try Self.page(topics.subscriptions(context.scope), after: input.nextToken) { $0.id }
        return SNS.ListSubscriptionsResponse {
            $0.subscriptions = page.map(Self.shape)
            $0.nextToken = next
        }
    }

    public func listSubscriptionsByTopic(
        _ input: SNS.ListSubscriptionsByTopicInput, _ context: RequestContext
    ) async throws(AWSError) -> SNS.ListSubscriptionsByTopicResponse {
        let topic = try topic(input.topicArn, context)
        let all = topics.subscriptions(of: topic.arn.description)
        let (page, next) = try Self.page(all, after: input.nextToken) { $0.id }
        return SNS.ListSubscriptionsByTopicResponse {
            $0.subscriptions = page.map(Self.shape)
            $0.nextToken = next
        }
    }

    private static func shape(_ subscription: Subscription) -> SNS.Subscription {
        SNS.Subscription {
            $0.subscriptionArn = subscription.isConfirmed ? subscription.arn : "PendingConfirmation"
            $0.owner = subscription.owner
            $0.protocol = subscription.proto.rawValue
            $0.endpoint = subscription.endpoint
            $0.topicArn = subscription.topic
        }
    }
}
