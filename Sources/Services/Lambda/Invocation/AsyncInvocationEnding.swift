public import Core
public import Events
import Functions
import Objects

/// What follows an asynchronous invocation: the record for the function's destination, and for its dead-letter queue
/// the event itself.
public struct AsyncInvocationEnding: DeliveryEnding {
    /// The condition and error code of functions that are switched off by a reserved concurrency of zero.
    static let zeroReservedConcurrency = "ZeroReservedConcurrency"

    private let directory: FunctionDirectory
    private let random: any RandomSource

    public init(directory: FunctionDirectory, random: any RandomSource = SystemRandomSource()) {
        self.directory = directory
        self.random = random
    }

    public func deliveries(
        after delivery: Delivery, _ outcome: DeliveryOutcome, givenUp: GiveUpReason?, now: Timestamp
    ) -> [NewDelivery] {
        guard let function = directory.resolve(delivery.target) else { return [] }
        var following: [NewDelivery] = []
        let destination = givenUp == nil ? function.eventInvoke?.onSuccess : function.eventInvoke?.onFailure
        if let destination {
            let record = DestinationRecord(
                delivery: delivery, outcome: outcome, function: "\(function.qualifiedARN)",
                condition: Self.condition(outcome, givenUp), time: now)
            following.append(record.delivery(to: destination, succeeded: givenUp == nil, random: random))
        }
        if givenUp != nil, let queue = function.version.deadLetterTarget {
            following.append(Self.deadLetter(delivery, outcome, to: queue))
        }
        for index in following.indices {
            following[index].context["sender"] = .string(Self.sender(delivery, function.qualifiedARN.account, now))
        }
        return following
    }

    /// The session under which the service sends what follows: another one for every invocation.
    private static func sender(_ delivery: Delivery, _ account: String, _ now: Timestamp) -> String {
        let role = S3EventRecord.principalID(of: account, prefix: "AROA")
        let time = CivilTime(now).iso8601(milliseconds: true).filter(\.isNumber)
        return "\(role):awslambda_\(delivery.id % 1000)_\(time)"
    }

    private static func condition(_ outcome: DeliveryOutcome, _ givenUp: GiveUpReason?) -> String {
        guard let givenUp else { return "Success" }
        return givenUp == .rejected && outcome.error?.code == zeroReservedConcurrency
            ? zeroReservedConcurrency : givenUp.rawValue
    }

    /// The event as it was, with what went wrong in attributes.
    private static func deadLetter(_ delivery: Delivery, _ outcome: DeliveryOutcome, to target: String) -> NewDelivery {
        let status = outcome.responseContext["statusCode"]?.intValue ?? (outcome.result == .rejected ? 400 : 429)
        let attributes = [
            ("RequestID", "String", delivery.context["requestId"]?.stringValue ?? ""),
            ("ErrorCode", "Number", "\(status)"),
            // As much as Lambda passes on.
            ("ErrorMessage", "String", String((outcome.error?.message ?? "").prefix(1024))),
        ].filter { !$0.2.isEmpty }.map { name, type, text in
            JSON.array([.string(name), .string(type), .string(text)])
        }
        return NewDelivery(
            target: target, kind: .destination, payload: delivery.payload,
            context: ["messageAttributes": .array(attributes), "traceHeader": delivery.context["traceHeader"] ?? .null])
    }
}
