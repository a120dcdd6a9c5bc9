import Core
public import Metering
public import Storage

/// Writes what workflows use into the ledger.
public struct MeteredWorkflows: WorkflowMeter {
    private let meter: Meter
    /// Takes the usage of express executions, which no transaction goes with.
    private let database: Database
    private let brake: SpendingBrake
    private let later: @Sendable (Usage) -> Void

    /// - Parameter later: takes what could not be written, to try again.
    public init(
        _ meter: Meter, database: Database, brake: SpendingBrake, later: @escaping @Sendable (Usage) -> Void
    ) {
        self.meter = meter
        self.database = database
        self.brake = brake
        self.later = later
    }

    public func record(_ usage: WorkflowUsage, in transaction: Transaction) throws {
        for entry in entries(usage) { meter.record(entry, in: transaction) }
    }

    public func record(_ usage: WorkflowUsage) async {
        do {
            try await database.write { try record(usage, in: $0) }
        } catch {
            for entry in entries(usage) { later(entry) }
        }
    }

    public func objection(toStarting machineARN: String) -> String? {
        brake.objection(to: machineARN, of: "Step Functions")
    }

    private func entries(_ usage: WorkflowUsage) -> [Usage] {
        var entries: [Usage] = []
        if usage.transitions > 0 {
            entries.append(
                .transitions(
                    Int(clamping: usage.transitions), of: usage.machineARN, in: scope(usage),
                    execution: usage.executionARN, at: usage.at))
        }
        if usage.requests > 0 {
            entries.append(
                .expressExecution(
                    of: usage.machineARN, in: scope(usage), milliseconds: usage.billedMilliseconds,
                    memoryMB: usage.billedMegabytes, execution: usage.executionARN, at: usage.at))
        }
        return entries
    }

    private func scope(_ usage: WorkflowUsage) -> Scope {
        guard let arn = ARN(usage.executionARN) else { return Scope() }
        return Scope(account: arn.account, region: arn.region)
    }
}
