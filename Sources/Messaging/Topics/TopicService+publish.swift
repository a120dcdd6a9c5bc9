import Core
import Events
import Storage
import Synchronization

extension TopicService {
    /// AWS's phases for customer-managed endpoints: 50 retries from 1 to 20 seconds apart, within an hour.
    static let endpointRetry = RetryPolicy(
        maximumRetries: 50, maximumAge: 3_600_000, backoff: .exponential(first: 1000, ceiling: 20_000))
    /// For functions and queues: 100,015 retries over 23 days.
    static let serviceRetry = RetryPolicy(
        maximumRetries: 100_015, maximumAge: 1_987_200_000, backoff: .exponential(first: 1000, ceiling: 20_000))

    /// Hands the message to every subscription that wants it, within the transaction. Returns it with the number of
    /// deliveries by protocol, for metering.
    public func publish(
        _ message: TopicMessage, to topic: Topic, in transaction: Transaction
    ) throws -> (published: PublishedMessage, deliveries: [SubscriptionProtocol: Int]) {
        let now = clock.now
        var published = PublishedMessage(messageID: UUIDText.random(using: random))
        var message = message
        if topic.isFIFO {
            let key = try deduplicationKey(message, topic)
            message.deduplicationID = key
            if let earlier = try store.duplicate(of: key, in: topic, at: now, transaction) {
                return (
                    PublishedMessage(
                        messageID: earlier.messageID, sequenceNumber: QueueService.sequence(earlier.sequence)), [:]
                )
            }
            let sequence = identifiers.next()
            published.sequenceNumber = QueueService.sequence(sequence)
            try store.remember(
                key, messageID: published.messageID, sequence: sequence,
                until: now.adding(milliseconds: QueueService.deduplicationInterval), in: topic, transaction)
        }
        let receivers = tables.withLock { $0.receivers[topic.arn.description] ?? [] }
            .filter { $0.subscription.isConfirmed && $0.filter?.accepts(message) != false }
        var counts: [SubscriptionProtocol: Int] = [:]
        var notification = notification(published, message, topic, at: now)
        for receiver in receivers {
            counts[receiver.subscription.proto, default: 0] += 1
            if notification.signature == nil, needsSignature(receiver.subscription, topic) {
                notification.signature = signer.sign(textToSign(notification), version: topic.signatureVersion)
            }
            try outbox.enqueue(delivery(notification, to: receiver.subscription), in: transaction)
        }
        return (published, counts)
    }

    private func deduplicationKey(_ message: TopicMessage, _ topic: Topic) throws -> String {
        guard message.groupID != nil else {
            throw MessagingError(
                .invalidParameter,
                "Invalid parameter: The MessageGroupId parameter is required for FIFO topics")
        }
        if let key = message.deduplicationID { return key }
        guard topic.deduplicatesByContent else {
            throw MessagingError(
                .invalidParameter,
                "Invalid parameter: The topic should either have ContentBasedDeduplication enabled or "
                    + "MessageDeduplicationId provided explicitly")
        }
        return hexadecimal(Digest.sha256(Array(message.text.utf8)))
    }

    private func notification(
        _ published: PublishedMessage, _ message: TopicMessage, _ topic: Topic, at now: Timestamp
    ) -> Notification {
        Notification(
            topic: topic, message: message, messageID: published.messageID,
            sequenceNumber: published.sequenceNumber, time: now, certificateURL: "\(endpoint)\(signer.certificatePath)",
            endpoint: endpoint)
    }

    /// Signing takes a good part of a millisecond: only those get a signature who can be told another sender's
    /// message for the topic's.
    private func needsSignature(_ subscription: Subscription, _ topic: Topic) -> Bool {
        !topic.isFIFO && !subscription.isRaw && subscription.proto != .workflow
    }

    private func textToSign(_ notification: Notification) -> String {
        Notification.textToSign(
            message: notification.message.text, messageID: notification.messageID,
            subject: notification.message.subject, time: notification.time,
            topic: notification.topic.arn.description)
    }

    private func delivery(_ notification: Notification, to subscription: Subscription) -> NewDelivery {
        let message = notification.message
        var context: JSONObject = [
            "subscription": .string(subscription.arn), "messageId": .string(notification.messageID),
        ]
        let payload: [UInt8]
        switch subscription.proto {
        case .function: payload = notification.functionEvent(for: subscription).bytes()
        case .workflow: payload = Array(message.text(for: subscription.proto).utf8)
        default:
            payload =
                subscription.isRaw
                ? Array(message.text(for: subscription.proto).utf8) : notification.envelope(for: subscription).bytes()
        }
        if subscription.proto == .queue {
            if subscription.isRaw, let text = MessageAttribute.text(of: message.attributes),
                let attributes = try? JSON(parsing: text)
            {
                context["messageAttributes"] = attributes
            }
            if let group = message.groupID { context["messageGroupId"] = .string(group) }
            if let key = message.deduplicationID { context["messageDeduplicationId"] = .string(key) }
            context["sender"] = .string("AIDAISMY7JYY5F7RTT6AO")
        } else if subscription.proto.isHTTP {
            context["headers"] = httpHeaders(notification, subscription)
        }
        return NewDelivery(
            target: subscription.proto.isHTTP ? EndpointAddress.target(subscription.endpoint) : subscription.endpoint,
            kind: .subscription, payload: payload, context: context,
            retry: subscription.proto.isHTTP ? Self.endpointRetry : Self.serviceRetry,
            deadLetter: subscription.deadLetter)
    }

    private func httpHeaders(_ notification: Notification, _ subscription: Subscription) -> JSON {
        var headers: JSONObject = [
            "x-amz-sns-message-type": "Notification", "x-amz-sns-message-id": .string(notification.messageID),
            "x-amz-sns-topic-arn": .string(notification.topic.arn.description),
            "x-amz-sns-subscription-arn": .string(subscription.arn), "Content-Type": "text/plain; charset=UTF-8",
            "User-Agent": "Amazon Simple Notification Service Agent",
        ]
        if subscription.isRaw { headers["x-amz-sns-rawdelivery"] = "true" }
        return .object(headers)
    }
}

/// Endpoints on the web as delivery targets: an ARN that holds the address.
public enum EndpointAddress {
    private static let prefix = "arn:aws:http:::"

    public static func target(_ url: String) -> String { prefix + url }

    public static func url(of target: String) -> String? {
        target.hasPrefix(prefix) ? String(target.dropFirst(prefix.count)) : nil
    }
}
