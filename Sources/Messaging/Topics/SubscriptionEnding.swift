import Core
import Events

/// What becomes of messages that a subscriber could not be given: the envelope goes to the subscription's dead-letter
/// queue. What becomes of every message is logged where its topic asks for it. To be registered for the kind
/// `subscription`.
public struct SubscriptionEnding: DeliveryEnding {
    public init() {}

    public func deliveries(
        after delivery: Delivery, _ outcome: DeliveryOutcome, givenUp: GiveUpReason?, now: Timestamp
    ) -> [NewDelivery] {
        let status = DeliveryStatus(delivery.context)
        guard givenUp != nil else {
            return [status?.success(outcome, attempts: delivery.attempts + 1, now: now)].compactMap { $0 }
        }
        let line = status?.failure(outcome, attempts: delivery.attempts + 1, now: now)
        return [line, deadLetter(delivery)].compactMap { $0 }
    }

    private func deadLetter(_ delivery: Delivery) -> NewDelivery? {
        guard let queue = delivery.deadLetter else { return nil }
        var context: JSONObject = [:]
        for name in ["messageAttributes", "messageGroupId", "messageDeduplicationId", "sender", "seal", "traceHeader"] {
            if let value = delivery.context[name] { context[name] = value }
        }
        // Functions get a form of their own; what is kept for the queue is the envelope.
        let payload = delivery.context["envelope"]?.stringValue.map { Array($0.utf8) } ?? delivery.payload
        return NewDelivery(target: queue, kind: .destination, payload: payload, context: context)
    }
}
