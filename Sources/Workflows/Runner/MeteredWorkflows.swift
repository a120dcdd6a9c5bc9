import Core
public import Metering
public import Storage

/// Writes what workflows use into the ledger.
public struct MeteredWorkflows: WorkflowMeter {
    private let meter: Meter
    /// Takes the usage of express executions, which no transaction goes with.
    private let database: Database

    public init(_ meter: Meter, database: Database) {
        self.meter = meter
        self.database = database
    }

    public func record(_ usage: WorkflowUsage, in transaction: Transaction) throws {
        if usage.transitions > 0 {
            meter.record(
                .transitions(
                    Int(clamping: usage.transitions), of: usage.machineARN, in: scope(usage),
                    execution: usage.executionARN, at: usage.at), in: transaction)
        }
        if usage.requests > 0 {
            meter.record(
                .expressExecution(
                    of: usage.machineARN, in: scope(usage), milliseconds: usage.billedMilliseconds,
                    memoryMB: usage.billedMegabytes, execution: usage.executionARN, at: usage.at), in: transaction)
        }
    }

    public func record(_ usage: WorkflowUsage) async {
        _ = try? await database.write { try record(usage, in: $0) }
    }

    private func scope(_ usage: WorkflowUsage) -> Scope {
        guard let arn = ARN(usage.executionARN) else { return Scope() }
        return Scope(account: arn.account, region: arn.region)
    }
}
