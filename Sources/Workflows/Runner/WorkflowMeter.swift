public import Core
public import Storage

/// Keeps the bill of workflows. The host connects it to the ledger.
public protocol WorkflowMeter: Sendable {
    /// Called in the transaction that makes the usage true.
    func record(_ usage: WorkflowUsage, in transaction: Transaction) throws

    /// Usage of express executions, which no transaction goes with; they end when it is on record.
    func record(_ usage: WorkflowUsage) async

    /// Why no new execution of the machine may begin; nil when one may.
    func objection(toStarting machineARN: String) -> String?
}

extension WorkflowMeter {
    public func objection(toStarting machineARN: String) -> String? { nil }
}

/// What an execution used since the last record.
public struct WorkflowUsage: Sendable, Equatable {
    public var executionARN: String
    public var machineARN: String
    public var at: Timestamp
    /// States entered and retries, of Standard executions.
    public var transitions: Int64 = 0
    /// Express executions begun.
    public var requests: Int64 = 0
    /// Of express executions: their time rounded up to 100 ms.
    public var billedMilliseconds: Int64 = 0
    /// Of express executions: a multiple of 64.
    public var billedMegabytes: Int64 = 0

    /// Gigabytes held for so many milliseconds: the unit of express durations.
    public var gigabyteMilliseconds: Double { Double(billedMegabytes) / 1024 * Double(billedMilliseconds) }
}

/// Bills nothing.
public struct UnmeteredWorkflows: WorkflowMeter {
    public init() {}
    public func record(_ usage: WorkflowUsage, in transaction: Transaction) throws {}
    public func record(_ usage: WorkflowUsage) async {}
}
