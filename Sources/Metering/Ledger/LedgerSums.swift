import Core
import Storage
import Synchronization

/// Writes what the closures of one commit have recorded.
final class LedgerSums: CommitSums {
    enum Key: Hashable, Sendable {
        case act(Act)
        case level(Series, Timestamp)
    }

    struct Act: Hashable, Sendable {
        var metric: Metric
        var day: Day
        var scope: Scope
        var resource: String
        var execution: String?

        var series: Series {
            Series(
                account: scope.account, region: scope.region, metric: metric, resource: resource,
                workflow: execution.map(Series.workflow) ?? "")
        }
    }

    private let shard: Int
    /// The ids of series that are committed. Bounded; what falls out is looked up again.
    private let known = Mutex<[Series: Int64]>([:])
    private let capacity = 50_000

    init(shard: Int) { self.shard = shard }

    func write(_ sums: [Key: Int64], in transaction: Transaction) throws {
        var batch = Batch(transaction: transaction, known: known.withLock { $0 })
        var days: [DayKey: Int64] = [:]
        var levels: [(series: Series, time: Timestamp, change: Int64)] = []
        for (key, quantity) in sums {
            switch key {
            case .act(let act):
                let series = try batch.id(of: act.series)
                days[DayKey(series: series, day: act.day), default: 0].addClamped(quantity)
                if let execution = act.execution { try add(quantity, series, act.day, execution, transaction) }
            case .level(let series, let time): levels.append((series, time, quantity))
            }
        }
        for (key, quantity) in days { try add(quantity, key.series, key.day, transaction) }
        for level in levels.sorted(by: { $0.time < $1.time }) {
            try change(level.change, try batch.id(of: level.series), level.time, transaction)
        }
        remember(batch.added, transaction)
    }

    private func add(_ quantity: Int64, _ series: Int64, _ day: Day, _ transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO meter_daily (day, series, shard, quantity) VALUES ($1, $2, $3, $4)
            ON CONFLICT (day, series, shard) DO UPDATE SET quantity = meter_daily.quantity + excluded.quantity
            """, .int(day.number), .integer(series), .int(shard), .integer(quantity))
    }

    private func add(
        _ quantity: Int64, _ series: Int64, _ day: Day, _ execution: String, _ transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO meter_executions (execution, series, day, shard, quantity) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (execution, series, day, shard)
            DO UPDATE SET quantity = meter_executions.quantity + excluded.quantity
            """, .text(execution), .integer(series), .int(day.number), .int(shard), .integer(quantity))
    }

    private func change(_ change: Int64, _ series: Int64, _ time: Timestamp, _ transaction: Transaction) throws {
        let row = try transaction.first(
            "SELECT bytes, since, remainder FROM meter_levels WHERE series = $1", .integer(series))
        var level =
            if let row {
                StoredLevel(bytes: try row.int64(0), since: try row.time(1), remainder: try row.int64(2))
            } else {
                StoredLevel(bytes: 0, since: time)
            }
        for part in level.settle(until: time) { try add(part.quantity, series, part.day, transaction) }
        let (sum, overflow) = level.bytes.addingReportingOverflow(change)
        level.bytes = overflow ? .max : max(sum, 0)
        try transaction.execute(
            """
            INSERT INTO meter_levels (series, bytes, since, remainder) VALUES ($1, $2, $3, $4)
            ON CONFLICT (series) DO UPDATE SET
            bytes = excluded.bytes, since = excluded.since, remainder = excluded.remainder
            """, .integer(series), .integer(level.bytes), .time(level.since), .integer(level.remainder))
    }

    /// New ids count only once they are on disk.
    private func remember(_ added: [Series: Int64], _ transaction: Transaction) {
        guard !added.isEmpty else { return }
        transaction.afterCommit { [weak self] in
            self?.known.withLock { known in
                if known.count > self?.capacity ?? 0 { known = [:] }
                known.merge(added) { _, new in new }
            }
        }
    }

    private struct DayKey: Hashable {
        var series: Int64
        var day: Day
    }

    /// The series of one commit.
    private struct Batch {
        let transaction: Transaction
        let known: [Series: Int64]
        var added: [Series: Int64] = [:]

        mutating func id(of series: Series) throws -> Int64 {
            if let id = known[series] ?? added[series] { return id }
            let id = try find(series) ?? insert(series)
            added[series] = id
            return id
        }

        private func find(_ series: Series) throws -> Int64? {
            try transaction.first(
                """
                SELECT id FROM meter_series
                WHERE account = $1 AND region = $2 AND metric = $3 AND resource = $4 AND workflow = $5
                """, values(series))?.int64(0)
        }

        private func insert(_ series: Series) throws -> Int64 {
            let row = try transaction.first(
                """
                INSERT INTO meter_series (id, account, region, metric, resource, workflow)
                VALUES ((SELECT COALESCE(MAX(id), 0) + 1 FROM meter_series), $1, $2, $3, $4, $5) RETURNING id
                """, values(series))
            guard let id = try row?.int64(0) else { throw StorageError(.internal, "a meter series got no id") }
            return id
        }

        private func values(_ series: Series) -> [SQLValue] {
            [
                .text(series.account), .text(series.region), .text(series.metric.rawValue), .text(series.resource),
                .text(series.workflow),
            ]
        }
    }
}
