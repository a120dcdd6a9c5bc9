import Core
import Storage

/// How one attempt ended.
public struct DeliveryOutcome: Sendable {
    public enum Result: Sendable {
        case done
        /// The target itself failed. Uses up a retry.
        case failed
        /// The target could not be reached or had no room. Tried again while the delivery's age allows it.
        case throttled
        /// No later attempt can succeed: the target is gone or refuses this event.
        case rejected
    }

    public var result: Result
    /// What the target answered, for destinations and dead letters.
    public var response: [UInt8]?
    /// The error in the words of the target's service, with the code first: `Unhandled`, `NotFound`.
    public var error: (code: String, message: String)?
    /// What the kind of target adds about its answer, such as the status and executed version of a function.
    public var responseContext: JSONObject
    /// What becomes true with the end of the attempt: written in the same transaction, metering included.
    public var record: (@Sendable (Transaction) throws -> Void)?

    public init(
        _ result: Result, response: [UInt8]? = nil, error: (code: String, message: String)? = nil,
        responseContext: JSONObject = [:], record: (@Sendable (Transaction) throws -> Void)? = nil
    ) {
        self.result = result
        self.response = response
        self.error = error
        self.responseContext = responseContext
        self.record = record
    }

    public static let done = DeliveryOutcome(.done)

    public static func rejected(_ code: String, _ message: String) -> DeliveryOutcome {
        DeliveryOutcome(.rejected, error: (code, message))
    }
}

/// Why a delivery was given up, in the words that AWS uses in destination records.
public enum GiveUpReason: String, Sendable {
    case retriesExhausted = "RetriesExhausted"
    case eventAgeExceeded = "EventAgeExceeded"
    case rejected = "Rejected"
}

/// What is made of a delivery that has ended: success destinations, failure destinations, dead letters.
public protocol DeliveryEnding: Sendable {
    /// Called in the transaction that removes the delivery. `givenUp` is nil after a success.
    func deliveries(
        after delivery: Delivery, _ outcome: DeliveryOutcome, givenUp: GiveUpReason?, now: Timestamp
    ) -> [NewDelivery]
}
