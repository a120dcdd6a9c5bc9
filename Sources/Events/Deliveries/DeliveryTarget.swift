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
}

extension DeliveryTarget {
    public func concurrency(of target: String) -> Int { 64 }

    public func admit(_ delivery: NewDelivery) -> NewDelivery { delivery }
}

/// A target that keeps what it takes in the database itself, such as a queue: the delivery begins and ends in the
/// transaction that causes it, and no row is needed in between.
public protocol TransactionalTarget: DeliveryTarget {
    /// Takes the delivery within the transaction, or says why it never can.
    func accept(_ delivery: NewDelivery, in transaction: Transaction) throws -> DeliveryOutcome
}

/// Finds the target for an ARN.
public protocol TargetDirectory: Sendable {
    func target(for arn: String) -> (any DeliveryTarget)?
}

/// Targets by the service name in their ARN.
public struct TargetTable: TargetDirectory {
    private var byService: [Substring: any DeliveryTarget]

    public init() { byService = [:] }

    public mutating func register(_ target: any DeliveryTarget, service: String) {
        byService[service[...]] = target
    }

    public func target(for arn: String) -> (any DeliveryTarget)? {
        let parts = arn.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "arn" else { return nil }
        return byService[parts[2]]
    }
}
