import Core
import Events
import Storage

/// A queue as the target of deliveries: the message is there with the commit that causes it.
///
/// The context of a delivery may hold `messageAttributes` (as ``MessageAttribute/json(of:)`` writes them),
/// `messageGroupId`, `messageDeduplicationId`, `sender`, `traceHeader` and `seal`.
public struct QueueTarget: TransactionalTarget {
    private let queues: QueueService

    public init(_ queues: QueueService) { self.queues = queues }

    /// What waits for a FIFO queue keeps its order.
    public func concurrency(of target: String) -> Int { target.hasSuffix(".fifo") ? 1 : 64 }

    public func accept(_ delivery: NewDelivery, in transaction: Transaction) throws -> DeliveryOutcome {
        guard let queue = queues.queue(delivery.target) else { return Self.noQueue }
        let message = OutgoingMessage(
            body: String(decoding: delivery.payload, as: UTF8.self),
            attributes: MessageAttribute.list(delivery.context["messageAttributes"]),
            groupID: delivery.context["messageGroupId"]?.stringValue,
            deduplicationID: queue.attributes.isFIFO ? delivery.context["messageDeduplicationId"]?.stringValue : nil,
            traceHeader: delivery.context["traceHeader"]?.stringValue,
            sender: delivery.context["sender"]?.stringValue ?? queue.scope.account,
            seal: delivery.context["seal"]?.stringValue)
        do {
            _ = try queues.send(message, to: queue, in: transaction)
            return .done
        } catch let error as MessagingError where error.kind == .queueDoesNotExist {
            return Self.noQueue
        } catch let error as MessagingError {
            return .rejected("InvalidParameterValue", error.message)
        }
    }

    private static let noQueue = DeliveryOutcome.rejected(
        "AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")

    public func deliver(_ delivery: Delivery) async -> DeliveryOutcome {
        let new = NewDelivery(
            target: delivery.target, kind: delivery.kind, payload: delivery.payload, context: delivery.context)
        do {
            return try await queues.database.write { try self.accept(new, in: $0) }
        } catch {
            return DeliveryOutcome(.throttled, error: ("ServiceUnavailable", String(describing: error)))
        }
    }
}
