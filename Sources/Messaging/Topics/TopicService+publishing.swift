import Core
import Events
import Storage
import Synchronization

/// A message that is ready to be published: matched with its receivers and signed.
public struct Publication: Sendable {
    public let topic: Topic
    let message: TopicMessage
    /// Bytes of the message with its attributes.
    public var size: Int { message.size }
    let published: PublishedMessage
    let sequence: Int64
    let time: Timestamp
    let deliveries: [NewDelivery]
    /// Deliveries by protocol, for metering; those that go nowhere included.
    public let counts: [SubscriptionProtocol: Int]
}

extension TopicService {
    /// For functions and queues: 100,015 retries over 23 days.
    static let serviceRetry = RetryPolicy(
        maximumRetries: 100_015, maximumAge: 1_987_200_000, backoff: .exponential(first: 1000, ceiling: 20_000))

    /// Matches the message with its receivers and makes what they get. Signing takes a good part of a millisecond, so
    /// this belongs before the transaction that publishes.
    ///
    /// - Throws: `invalidParameter` where a FIFO topic lacks what it needs.
    public func prepare(_ message: TopicMessage, to topic: Topic) throws(MessagingError) -> Publication {
        var message = message
        if topic.isFIFO { message.deduplicationID = try Self.deduplicationKey(message, topic) }
        let sequence = identifiers.next()
        let published = PublishedMessage(
            messageID: UUIDText.random(using: random),
            sequenceNumber: topic.isFIFO ? SequenceNumber.text(sequence) : nil)
        let now = clock.now
        var writer = NotificationWriter(
            Notification(
                topic: topic, message: message, messageID: published.messageID,
                sequenceNumber: published.sequenceNumber, time: now,
                certificateURL: endpoint + signer.certificatePath, endpoint: endpoint), signer, random)
        var counts: [SubscriptionProtocol: Int] = [:]
        var deliveries: [NewDelivery] = []
        for receiver in receivers(of: topic, for: message) {
            counts[receiver.proto, default: 0] += 1
            if receiver.proto.isDelivered { deliveries.append(writer.delivery(to: receiver)) }
        }
        return Publication(
            topic: topic, message: message, published: published, sequence: sequence, time: now,
            deliveries: deliveries, counts: counts)
    }

    private func receivers(of topic: Topic, for message: TopicMessage) -> [Subscription] {
        let all = tables.withLock { $0.receivers[topic.arn.description] ?? [] }
        let attributes = all.contains { $0.filter != nil } ? SubscriptionFilter.attributes(of: message) : []
        return all.filter { $0.subscription.isConfirmed && $0.filter?.accepts(message, attributes) != false }
            .map(\.subscription)
    }

    /// Hands the message to its receivers within the transaction. A duplicate in a FIFO topic answers as the first did
    /// and goes nowhere; `isNew` tells.
    public func publish(
        _ publication: Publication, in transaction: Transaction
    ) throws -> (published: PublishedMessage, isNew: Bool) {
        let topic = publication.topic
        if topic.isFIFO, let key = publication.message.deduplicationID {
            let scoped =
                topic.attributes["FifoThroughputScope"] == "MessageGroup"
                ? "\(publication.message.groupID ?? "")\u{1F}\(key)" : key
            if let earlier = try store.duplicate(of: scoped, in: topic, at: publication.time, transaction) {
                let published = PublishedMessage(
                    messageID: earlier.messageID, sequenceNumber: SequenceNumber.text(earlier.sequence))
                return (published, false)
            }
            try store.remember(
                scoped, messageID: publication.published.messageID, sequence: publication.sequence,
                until: publication.time.adding(milliseconds: QueueService.deduplicationInterval), in: topic,
                transaction)
        }
        for delivery in publication.deliveries {
            guard try outbox.place(delivery, in: transaction), let status = DeliveryStatus(delivery.context) else {
                continue
            }
            if let line = status.success(now: clock.now) { try outbox.enqueue(line, in: transaction) }
        }
        return (publication.published, true)
    }

    private static func deduplicationKey(
        _ message: TopicMessage, _ topic: Topic
    ) throws(MessagingError) -> String {
        guard message.groupID?.isEmpty == false else {
            throw MessagingError(
                .invalidParameter, "Invalid parameter: The MessageGroupId parameter is required for FIFO topics")
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
}

/// Makes the deliveries of one publication; what several receivers share is made once.
struct NotificationWriter {
    private let notification: Notification
    private let signer: NotificationSigner
    private let random: any RandomSource
    private let policy: DeliveryPolicy
    private let logsDeliveries: Bool
    private var sealed: [SubscriptionProtocol: Notification.Envelope] = [:]
    private var signed: [SubscriptionProtocol: Notification.Envelope] = [:]
    private var functionSignature: String?

    init(_ notification: Notification, _ signer: NotificationSigner, _ random: any RandomSource) {
        self.notification = notification
        self.signer = signer
        self.random = random
        policy = DeliveryPolicy(topic: notification.topic.attributes["DeliveryPolicy"])
        logsDeliveries = notification.topic.logsDeliveries
    }

    mutating func delivery(to subscription: Subscription) -> NewDelivery {
        var context: JSONObject = [
            "subscription": .string(subscription.arn), "messageId": .string(notification.messageID),
        ]
        let payload = payload(for: subscription, &context)
        addStatus(subscription, &context)
        if subscription.proto.isHTTP {
            context["headers"] = headers(subscription)
            return NewDelivery(
                target: EndpointAddress.target(subscription.endpoint), kind: .subscription, payload: payload,
                context: context, retry: policy.retry(subscription), deadLetter: subscription.deadLetter)
        }
        return NewDelivery(
            target: subscription.endpoint, kind: .subscription, payload: payload, context: context,
            retry: TopicService.serviceRetry, deadLetter: subscription.deadLetter)
    }

    private func addStatus(_ subscription: Subscription, _ context: inout JSONObject) {
        guard logsDeliveries else { return }
        context["status"] = DeliveryStatus.subject(
            of: notification, for: subscription, id: UUIDText.random(using: random),
            sample: Int(random.nextUInt64() % 100))
        guard context["status"] != nil else { return }
        context["requestId"] = .string(UUIDText.random(using: random))
    }

    private mutating func payload(for subscription: Subscription, _ context: inout JSONObject) -> [UInt8] {
        let message = notification.message
        switch subscription.proto {
        case .function:
            if subscription.deadLetter != nil {
                let envelope = notification.bytes(sealedEnvelope(.function), for: subscription)
                context["envelope"] = .string(String(decoding: envelope, as: UTF8.self))
                if notification.isSigned { context["seal"] = .string(notification.topic.signatureVersion) }
            }
            return notification.functionEvent(for: subscription, signature: signatureForFunctions()).bytes()
        case .workflow:
            // The input of an execution is JSON: any other message becomes a string.
            let text = message.text(for: .workflow)
            return (try? JSON(parsing: text)) == nil ? JSON.string(text).bytes() : Array(text.utf8)
        case .queue:
            addQueueContext(subscription, &context)
            if subscription.isRaw { return Array(message.text(for: .queue).utf8) }
            if notification.isSigned { context["seal"] = .string(notification.topic.signatureVersion) }
            return notification.bytes(sealedEnvelope(.queue), for: subscription)
        default:
            if subscription.isRaw { return Array(message.text(for: subscription.proto).utf8) }
            return notification.bytes(signedEnvelope(subscription.proto), for: subscription)
        }
    }

    private func addQueueContext(_ subscription: Subscription, _ context: inout JSONObject) {
        let message = notification.message
        if subscription.isRaw, !message.attributes.isEmpty {
            context["messageAttributes"] = MessageAttribute.json(of: message.attributes)
        }
        // Groups pass from topics to queues of the same kind.
        if notification.topic.isFIFO == subscription.endpoint.hasSuffix(".fifo") {
            if let group = message.groupID { context["messageGroupId"] = .string(group) }
            if let key = message.deduplicationID { context["messageDeduplicationId"] = .string(key) }
        }
        if let trace = message.traceHeader { context["traceHeader"] = .string(trace) }
        context["sender"] = "AIDAISMY7JYY5F7RTT6AO"
    }

    // MARK: Signatures

    private mutating func sealedEnvelope(_ proto: SubscriptionProtocol) -> Notification.Envelope {
        if let made = sealed[proto] { return made }
        let made = notification.envelope(for: proto)
        sealed[proto] = made
        return made
    }

    private mutating func signedEnvelope(_ proto: SubscriptionProtocol) -> Notification.Envelope {
        if let made = signed[proto] { return made }
        let signature =
            notification.isSigned
            ? signer.sign(notification.textToSign(for: proto), version: notification.topic.signatureVersion) : ""
        let made = notification.envelope(for: proto, signature: signature)
        signed[proto] = made
        return made
    }

    private mutating func signatureForFunctions() -> String {
        if let functionSignature { return functionSignature }
        let made = signer.sign(
            notification.textToSign(for: .function), version: notification.topic.signatureVersion)
        functionSignature = made
        return made
    }

    private func headers(_ subscription: Subscription) -> JSON {
        var headers = EndpointHeaders.notification(
            type: "Notification", messageID: notification.messageID, topic: notification.topic.arn.description,
            contentType: policy.contentType(subscription))
        headers["x-amz-sns-subscription-arn"] = .string(subscription.arn)
        if subscription.isRaw { headers["x-amz-sns-rawdelivery"] = "true" }
        return .object(headers)
    }
}
