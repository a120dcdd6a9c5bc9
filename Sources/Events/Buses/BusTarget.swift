public import Core
import Metering
public import Storage

/// A bus as the target of deliveries: the event passes through its rules in the transaction that causes it.
///
/// An event of a rule on another bus is passed on as it is. Every other delivery becomes an event: its payload is the
/// detail, and the context names `source`, `detailType` and `resources`.
public struct BusTarget: TransactionalTarget {
    private let buses: BusService

    public init(_ buses: BusService) { self.buses = buses }

    public func accept(_ delivery: NewDelivery, in transaction: Transaction) throws -> DeliveryOutcome {
        guard let key = BusKey(arn: delivery.target) else {
            return .rejected("InvalidArgument", "\(delivery.target) is no event bus.")
        }
        guard buses.directory.contains(key) else {
            return .rejected("ResourceNotFoundException", BusError.missing(key).description)
        }
        return delivery.context["detailType"] == nil && delivery.kind == .rule
            ? try passOn(delivery, to: key, in: transaction) : try put(delivery, on: key, in: transaction)
    }

    public func deliver(_ delivery: Delivery) async -> DeliveryOutcome {
        let new = NewDelivery(
            target: delivery.target, kind: delivery.kind, payload: delivery.payload, context: delivery.context)
        do {
            return try await buses.database.write { try self.accept(new, in: $0) }
        } catch {
            return DeliveryOutcome(.throttled, error: ("ServiceUnavailable", String(describing: error)))
        }
    }

    private func passOn(_ delivery: NewDelivery, to key: BusKey, in transaction: Transaction) throws -> DeliveryOutcome
    {
        let hops = delivery.context["hops"]?.intValue ?? 0
        guard hops < BusService.hopLimit else {
            return .rejected(
                "InvalidArgument", "The event has passed through \(hops) event buses: their rules form a circle.")
        }
        let now = buses.clock.now
        var bytes = delivery.payload
        var id = EventEnvelope.identifier(of: bytes) ?? buses.newIdentifier()
        if let rule = delivery.context["ruleArn"]?.stringValue.flatMap(ARN.init), rule.region != key.scope.region {
            id = buses.newIdentifier()
            bytes = EventEnvelope.replacing(identifierOf: bytes, with: id)
        }
        var context: JSONObject = ["hops": .int(hops + 1)]
        context["traceHeader"] = delivery.context["traceHeader"]
        let routed = buses.route(
            MatchedEvent(bytes, id: id, ingestedAt: now), on: key, context: context, archivedSize: bytes.count)
        try buses.write(routed, now: now, in: transaction)
        buses.meter.record(
            .customEvents(bytes: [bytes.count], on: key.arn, in: key.scope, at: now), in: transaction)
        return .done
    }

    private func put(_ delivery: NewDelivery, on key: BusKey, in transaction: Transaction) throws -> DeliveryOutcome {
        let entry = EventEntry(
            source: delivery.context["source"]?.stringValue ?? "",
            detailType: delivery.context["detailType"]?.stringValue ?? "",
            detail: String(decoding: delivery.payload, as: UTF8.self),
            resources: (delivery.context["resources"]?.arrayValue ?? []).compactMap(\.stringValue))
        if let error = EventEntry.missing(source: entry.source, detailType: entry.detailType, detail: entry.detail) {
            return .rejected(error.code, error.message)
        }
        do {
            try buses.put([BusEvent(key, entry)], in: transaction)
        } catch let error as EntryError {
            return .rejected(error.code, error.message)
        }
        if !entry.source.hasPrefix("aws.") {
            buses.meter.record(
                .customEvents(bytes: [entry.size], on: key.arn, in: key.scope, at: buses.clock.now), in: transaction)
        }
        return .done
    }
}

/// What a rule's dead-letter queue receives: the event, and what went wrong as message attributes.
public struct RuleDeadLetter: DeliveryEnding {
    public init() {}

    public func deliveries(
        after delivery: Delivery, _ outcome: DeliveryOutcome, givenUp: GiveUpReason?, now: Timestamp
    ) -> [NewDelivery] {
        guard let givenUp, let queue = delivery.deadLetter else { return [] }
        var attributes = DeadLetterAttributes(outcome)
        attributes.add("EXHAUSTED_RETRY_CONDITION", DeadLetterAttributes.condition(givenUp))
        attributes.add("RETRY_ATTEMPTS", String(delivery.attempts + delivery.throttles), type: "Number")
        attributes.add("RULE_ARN", delivery.context["ruleArn"]?.stringValue)
        attributes.add("TARGET_ARN", delivery.target)
        return [attributes.delivery(of: delivery, to: queue)]
    }
}
