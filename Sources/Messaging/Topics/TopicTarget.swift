import Core
import Events
import Storage

/// A topic as the target of deliveries: the payload is published as the message.
///
/// The context may hold `subject`, `messageAttributes` (as ``MessageAttribute/json(of:)`` writes them),
/// `messageGroupId` and `messageDeduplicationId`.
public struct TopicTarget: TransactionalTarget {
    private let topics: TopicService
    private let record: @Sendable (Publication, Transaction) throws -> Void

    /// - Parameter record: written in the transaction that publishes, such as metering.
    public init(
        _ topics: TopicService, record: @escaping @Sendable (Publication, Transaction) throws -> Void = { _, _ in }
    ) {
        self.topics = topics
        self.record = record
    }

    public func accept(_ delivery: NewDelivery, in transaction: Transaction) throws -> DeliveryOutcome {
        guard let topic = topics.topic(delivery.target) else {
            return .rejected("NotFound", "Topic does not exist")
        }
        let message = TopicMessage(
            String(decoding: delivery.payload, as: UTF8.self), subject: delivery.context["subject"]?.stringValue,
            attributes: MessageAttribute.list(delivery.context["messageAttributes"]),
            groupID: delivery.context["messageGroupId"]?.stringValue,
            deduplicationID: delivery.context["messageDeduplicationId"]?.stringValue)
        do {
            let publication = try topics.prepare(message, to: topic)
            _ = try topics.publish(publication, in: transaction)
            try record(publication, transaction)
            return .done
        } catch let error as MessagingError {
            return .rejected("InvalidParameter", error.message)
        }
    }

    public func deliver(_ delivery: Delivery) async -> DeliveryOutcome {
        let new = NewDelivery(
            target: delivery.target, kind: delivery.kind, payload: delivery.payload, context: delivery.context)
        do {
            return try await topics.database.write { try self.accept(new, in: $0) }
        } catch {
            return DeliveryOutcome(.throttled, error: ("ServiceUnavailable", String(describing: error)))
        }
    }
}
