import Core
import Events
import Storage

extension TopicService {
    /// Asks a web receiver whether it wants the messages; written with what causes it.
    func requestConfirmation(_ subscription: Subscription, of topic: Topic, in transaction: Transaction) throws {
        try send(
            "SubscriptionConfirmation", token: subscription.token, subscription, topic,
            message: "You have chosen to subscribe to the topic \(subscription.topic).\n"
                + "To confirm the subscription, visit the SubscribeURL included in this message.", in: transaction)
    }

    /// Tells a web receiver that its subscription has ended, and how to have it back.
    func confirmEnd(
        _ subscription: Subscription, token: String, of topic: Topic, in transaction: Transaction
    ) throws {
        try send(
            "UnsubscribeConfirmation", token: token, subscription, topic,
            message: "You have chosen to deactivate subscription \(subscription.arn).\n"
                + "To cancel this operation and restore the subscription, visit the SubscribeURL included in this "
                + "message.", in: transaction)
    }

    private func send(
        _ type: String, token: String, _ subscription: Subscription, _ topic: Topic, message: String,
        in transaction: Transaction
    ) throws {
        let id = UUIDText.random(using: random)
        let timestamp = clock.now.description
        let url = "\(endpoint)/?Action=ConfirmSubscription&TopicArn=\(subscription.topic)&Token=\(token)"
        let signature = signer.sign(
            SignedText.confirmation(
                type: type, message: message, messageID: id, subscribeURL: url, timestamp: timestamp, token: token,
                topic: subscription.topic), version: topic.signatureVersion)
        let body: JSON = [
            "Type": .string(type), "MessageId": .string(id), "Token": .string(token),
            "TopicArn": .string(subscription.topic), "Message": .string(message), "SubscribeURL": .string(url),
            "Timestamp": .string(timestamp), "SignatureVersion": .string(topic.signatureVersion),
            "Signature": .string(signature), "SigningCertURL": .string(endpoint + signer.certificatePath),
        ]
        var headers = EndpointHeaders.notification(
            type: type, messageID: id, topic: subscription.topic, contentType: "text/plain; charset=UTF-8")
        if type != "SubscriptionConfirmation" { headers["x-amz-sns-subscription-arn"] = .string(subscription.arn) }
        try outbox.enqueue(
            NewDelivery(
                target: EndpointAddress.target(subscription.endpoint), kind: .subscription, payload: body.bytes(),
                context: ["headers": .object(headers)],
                retry: DeliveryPolicy(topic: topic.attributes["DeliveryPolicy"]).retry(subscription)),
            in: transaction)
    }

    /// Confirms the subscription that the token stands for, or gives an ended one back. The topic's name is not looked
    /// at, only its region (as recorded).
    ///
    /// - Throws: `invalidParameter`.
    public func confirm(
        token: String, topic: String, isAuthenticated: Bool, authenticatesUnsubscribe: Bool, in transaction: Transaction
    ) throws -> Subscription {
        guard let arn = ARN(topic) else { throw MessagingError(.invalidParameter, "Invalid parameter: Topic") }
        guard token.utf8.allSatisfy(Self.isHexadecimal) else {
            throw MessagingError(.invalidParameter, "Invalid token")
        }
        guard var subscription = try store.subscription(token: token, at: clock.now, in: transaction) else {
            throw MessagingError(.invalidParameter, "Invalid parameter: Token")
        }
        guard ARN(subscription.topic)?.region == arn.region else {
            throw MessagingError(.invalidParameter, "Invalid parameter: Topic")
        }
        guard !subscription.isConfirmed else { return subscription }
        subscription.isConfirmed = true
        subscription.wasAuthenticated = isAuthenticated
        subscription.authenticatesUnsubscribe = authenticatesUnsubscribe
        try save(subscription, in: transaction)
        return subscription
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte) || (0x41...0x46).contains(byte)
    }
}
