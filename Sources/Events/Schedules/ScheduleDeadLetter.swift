public import Core

/// What the scheduler sends to a schedule's dead-letter queue: the payload, and what went wrong as message attributes.
public struct ScheduleDeadLetter: DeliveryEnding {
    public init() {}

    public func deliveries(
        after delivery: Delivery, _ outcome: DeliveryOutcome, givenUp: GiveUpReason?, now: Timestamp
    ) -> [NewDelivery] {
        guard let givenUp, let queue = delivery.deadLetter else { return [] }
        var attributes = DeadLetterAttributes(outcome)
        attributes.add("SCHEDULE_ARN", delivery.context["scheduleArn"]?.stringValue)
        attributes.add("SCHEDULED_TIME", delivery.context["scheduledTime"]?.stringValue)
        attributes.add("EXECUTION_ID", delivery.context["executionId"]?.stringValue)
        attributes.add("TARGET_ARN", delivery.target)
        attributes.add("EXHAUSTED_RETRY_CONDITION", DeadLetterAttributes.condition(givenUp))
        attributes.add("RETRY_ATTEMPTS", String(delivery.attempts + delivery.throttles), type: "Number")
        attributes.add("IS_PAYLOAD_TRUNCATED", "false")
        return [attributes.delivery(of: delivery, to: queue)]
    }
}

/// The message attributes of a dead letter, in the form in which queues and topics read them from the context.
struct DeadLetterAttributes {
    private var attributes: [JSON] = []

    init(_ outcome: DeliveryOutcome) {
        add("ERROR_CODE", outcome.error?.code ?? "INTERNAL_ERROR")
        add("ERROR_MESSAGE", outcome.error?.message ?? "The target failed without saying why.")
    }

    mutating func add(_ name: String, _ value: String?, type: String = "String") {
        guard let value, !value.isEmpty else { return }
        attributes.append([.string(name), .string(type), .string(value)])
    }

    /// Nil when nothing was exhausted because the target refused at once.
    static func condition(_ reason: GiveUpReason) -> String? {
        switch reason {
        case .retriesExhausted: "MaximumRetryAttempts"
        case .eventAgeExceeded: "MaximumEventAgeInSeconds"
        case .rejected: nil
        }
    }

    func delivery(of delivery: Delivery, to queue: String) -> NewDelivery {
        NewDelivery(
            target: queue, kind: .destination, payload: delivery.payload,
            context: ["messageAttributes": .array(attributes)])
    }
}
