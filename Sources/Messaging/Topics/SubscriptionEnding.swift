import Core
import Events

/// What becomes of messages that a subscriber could not be given: the envelope goes to the subscription's dead-letter
/// queue. To be registered for the kind `subscription`.
public struct SubscriptionEnding: DeliveryEnding {
    public init() {}

    public func deliveries(
        after delivery: Delivery, _ outcome: DeliveryOutcome, givenUp: GiveUpReason?, now: Timestamp
    ) -> [NewDelivery] {
        guard givenUp != nil, let queue = delivery.deadLetter else { return [] }
        var context: JSONObject = [:]
        for name in ["messageAttributes", "messageGroupId", "messageDeduplicationId", "sender", "seal", "traceHeader"] {
            if let value = delivery.context[name] { context[name] = value }
        }
        // Functions get a form of their own; what is kept for the queue is the envelope.
        let payload = delivery.context["envelope"]?.stringValue.map { Array($0.utf8) } ?? delivery.payload
        return [NewDelivery(target: queue, kind: .destination, payload: payload, context: context)]
    }
}
