import Core
import Storage
import Synchronization

/// The one meter: every billable act is recorded once, in the transaction that makes it true.
///
/// ```swift
/// try await database.write { transaction in
///     try finishInvocation(report, in: transaction)
///     meter.record(.invocation(of: arn, in: scope, memoryMB: 128, billedMilliseconds: 12, at: now), in: transaction)
/// }
/// ```
///
/// Recording costs an addition in memory; what all closures of a commit have recorded is summed by day and written just
/// before that commit. Quantities are whole base units, so the sum of all reports is the ledger, to the last unit.
public final class Meter: Sendable {
    let sums: LedgerSums

    /// - Parameter shard: the number of this host among those that share the database.
    public init(shard: Int = 0) { sums = LedgerSums(shard: shard) }

    /// Records an act as part of the transaction.
    public func record(_ usage: Usage, in transaction: Transaction) {
        let day = Day(usage.time)
        for amount in usage.amounts where amount.quantity > 0 {
            let act = LedgerSums.Act(
                metric: amount.metric, day: day, scope: usage.scope, resource: usage.resource,
                execution: usage.execution)
            // No act is that large; a wrong one must not carry a sum beyond 64 bits.
            transaction.add(min(amount.quantity, 1 << 53), to: .act(act), of: sums)
        }
    }

    /// Raises (or lowers) what a resource stores from this time on: ``Metric/objectStorage`` of a bucket,
    /// ``Metric/logsStorage`` of a log group.
    public func store(
        _ bytes: Int64, _ metric: Metric, of resource: String, in scope: Scope, at time: Timestamp,
        _ transaction: Transaction
    ) {
        let series = Series(
            account: scope.account, region: scope.region, metric: metric, resource: resource, workflow: "")
        transaction.add(bytes, to: .level(series, time), of: sums)
    }

    /// Replaces the tags by which the resource's usage is shown.
    public func tag(_ resource: String, _ tags: [String: String], in transaction: Transaction) throws(StorageError) {
        try transaction.execute("DELETE FROM meter_tags WHERE resource = $1", .text(resource))
        for (name, value) in tags.sorted(by: { $0.key < $1.key }) {
            try transaction.execute(
                "INSERT INTO meter_tags (resource, name, value) VALUES ($1, $2, $3)", .text(resource), .text(name),
                .text(value))
        }
    }

    /// Forgets which execution used what before the day; the ledger itself stays. Returns how many rows went, at most
    /// `limit`: call it again while it returns that many.
    public func forgetExecutions(
        before day: Day, limit: Int = 1000, in transaction: Transaction
    ) throws(StorageError) -> Int {
        try transaction.execute(
            """
            DELETE FROM meter_executions WHERE (execution, series, day, shard) IN
            (SELECT execution, series, day, shard FROM meter_executions WHERE day < $1 ORDER BY day LIMIT $2)
            """, .int(day.number), .int(limit))
    }
}
