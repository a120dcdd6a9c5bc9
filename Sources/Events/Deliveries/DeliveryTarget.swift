import Storage

/// Something that takes deliveries: functions, workflows, topics, queues, buses, endpoints.
public protocol DeliveryTarget: Sendable {
    /// One attempt. Never throws: whatever happens is an outcome.
    func deliver(_ delivery: Delivery) async -> DeliveryOutcome

    /// How many deliveries to this target may be attempted at once.
    func concurrency(of target: String) -> Int

    /// What is written in place of the delivery, for targets that take events into a queue of their own kind: a function
    /// makes an asynchronous invocation of whatever is sent to it, with its own retry policy and destinations.
    func admit(_ delivery: NewDelivery) -> NewDelivery

    /// The target itself when it is one that takes deliveries in a transaction.
    var transactional: (any TransactionalTarget)? { get }
}

extension DeliveryTarget {
    public func concurrency(of target: String) -> Int { 64 }

    public func admit(_ delivery: NewDelivery) -> NewDelivery { delivery }

    public var transactional: (any TransactionalTarget)? { nil }
}

/// A target that keeps what it takes in the database itself, such as a queue: the delivery begins and ends in the
/// transaction that causes it, and no row is needed in between.
public protocol TransactionalTarget: DeliveryTarget {
    /// Takes the delivery within the transaction, or says why it never can.
    func accept(_ delivery: NewDelivery, in transaction: Transaction) throws -> DeliveryOutcome
}

extension TransactionalTarget {
    public var transactional: (any TransactionalTarget)? { self }
}

/// Finds the target for an ARN.
public protocol TargetDirectory: Sendable {
    func target(for arn: String) -> (any DeliveryTarget)?
}

/// Targets by the service name in their ARN.
public struct TargetTable: TargetDirectory {
    private var byService: [String: any DeliveryTarget]

    public init() { byService = [:] }

    public mutating func register(_ target: any DeliveryTarget, service: String) { byService[service] = target }

    public func target(for arn: String) -> (any DeliveryTarget)? { Self.service(of: arn).flatMap { byService[$0] } }

    /// The third part of an ARN, looked for by bytes: every delivery asks.
    private static func service(of arn: String) -> String? {
        var arn = arn
        return arn.withUTF8 { bytes in
            guard bytes.starts(with: "arn:".utf8), let partition = bytes[4...].firstIndex(of: UInt8(ascii: ":")) else {
                return nil
            }
            let rest = bytes[(partition + 1)...]
            return rest.firstIndex(of: UInt8(ascii: ":")).map { String(decoding: rest[..<$0], as: UTF8.self) }
        }
    }
}
