import Core
import Storage

extension Meter {
    /// Draws up a bill.
    ///
    /// - Parameter now: up to when what is stored is billed.
    /// - Throws: `statement` when the days are in the wrong order or more than ten years.
    public static func bill(
        _ request: BillRequest, prices: PriceBook, now: Timestamp, in transaction: Transaction
    ) throws -> Bill {
        guard request.from <= request.to, request.to.number - request.from.number <= 3660 else {
            throw StorageError(.statement, "a bill goes from its first to its last day, over ten years at most")
        }
        let ledger = LedgerReader(transaction)
        let start = request.from.month.firstDay
        var months = try ledger.entries(from: start, to: request.to)
        months += try ledger.stored(from: start, to: request.to, now: now)
        let tags: [String: String] = if case .tag(let name) = request.grouping { try ledger.tags(name) } else { [:] }
        var calculation = BillCalculation(request, prices, months: months, tags: tags)
        if request.grouping == .execution {
            months = try ledger.takingExecutions(out: months, from: request.from, to: request.to) {
                calculation.add($0)
            }
        }
        for entry in months { calculation.add(entry) }
        return calculation.bill()
    }

    /// What one workflow execution has used so far.
    public static func usage(ofExecution execution: String, in transaction: Transaction) throws -> [LedgerEntry] {
        try LedgerReader(transaction).entries(ofExecution: execution)
    }

    /// What one workflow execution has cost so far, at list prices: a figure that does not depend on what else was used.
    public static func cost(
        ofExecution execution: String, prices: PriceBook, in transaction: Transaction
    ) throws -> Money {
        try usage(ofExecution: execution, in: transaction).reduce(.zero) { sum, entry in
            sum + prices.listCost(of: [Usage.Amount(entry.metric, entry.quantity)], at: entry.day.start)
        }
    }
}

/// Reads the ledger's tables.
struct LedgerReader {
    private let transaction: Transaction

    init(_ transaction: Transaction) { self.transaction = transaction }

    func entries(from: Day, to: Day) throws -> [LedgerEntry] {
        try transaction.query(
            """
            SELECT d.day, s.account, s.region, s.metric, s.resource, s.workflow, SUM(d.quantity) AS quantity
            FROM meter_daily d JOIN meter_series s ON s.id = d.series WHERE d.day BETWEEN $1 AND $2
            GROUP BY d.day, s.id, s.account, s.region, s.metric, s.resource, s.workflow ORDER BY d.day, s.id
            """, .int(from.number), .int(to.number)
        ).compactMap { try entry($0) }
    }

    func entries(ofExecution execution: String) throws -> [LedgerEntry] {
        try transaction.query(
            """
            SELECT e.day, s.account, s.region, s.metric, s.resource, s.workflow, SUM(e.quantity) AS quantity
            FROM meter_executions e JOIN meter_series s ON s.id = e.series WHERE e.execution = $1
            GROUP BY e.day, s.id, s.account, s.region, s.metric, s.resource, s.workflow ORDER BY e.day, s.id
            """, .text(execution)
        ).compactMap { try entry($0, execution: execution) }
    }

    /// Hands out the entries of single executions and returns what of the given ones is left without them.
    func takingExecutions(
        out entries: [LedgerEntry], from: Day, to: Day, _ body: (LedgerEntry) -> Void
    ) throws -> [LedgerEntry] {
        var taken: [LedgerEntry: Int64] = [:]
        try transaction.forEach(
            """
            SELECT e.day, s.account, s.region, s.metric, s.resource, s.workflow, SUM(e.quantity) AS quantity, e.execution
            FROM meter_executions e JOIN meter_series s ON s.id = e.series WHERE e.day BETWEEN $1 AND $2
            GROUP BY e.day, s.id, s.account, s.region, s.metric, s.resource, s.workflow, e.execution
            ORDER BY e.execution, e.day, s.id
            """, [.int(from.number), .int(to.number)]
        ) { row in
            guard var entry = try entry(row, execution: row.text("execution")) else { return }
            body(entry)
            let quantity = entry.quantity
            (entry.execution, entry.quantity) = ("", 0)
            taken[entry, default: 0].addClamped(quantity)
        }
        return entries.map { entry in
            var rest = entry
            rest.quantity = 0
            rest.quantity = entry.quantity - min(taken[rest] ?? 0, entry.quantity)
            return rest
        }
    }

    /// What is stored and not settled yet, up to now.
    func stored(from: Day, to: Day, now: Timestamp) throws -> [LedgerEntry] {
        let end = min(now, Day(number: to.number + 1).start)
        var entries: [LedgerEntry] = []
        try transaction.forEach(
            """
            SELECT s.account, s.region, s.metric, s.resource, s.workflow, l.bytes, l.since, l.remainder
            FROM meter_levels l JOIN meter_series s ON s.id = l.series ORDER BY s.id
            """
        ) { row in
            guard let metric = Metric(rawValue: try row.text("metric")) else { return }
            var level = StoredLevel(
                bytes: try row.int64("bytes"), since: try row.time("since"), remainder: try row.int64("remainder"))
            for part in level.settle(until: end) where part.day >= from {
                entries.append(
                    LedgerEntry(
                        day: part.day, account: try row.text("account"), region: try row.text("region"), metric: metric,
                        resource: try row.text("resource"), quantity: part.quantity))
            }
        }
        return entries
    }

    func tags(_ name: String) throws -> [String: String] {
        var tags: [String: String] = [:]
        try transaction.forEach("SELECT resource, value FROM meter_tags WHERE name = $1", [.text(name)]) { row in
            tags[try row.text(0)] = try row.text(1)
        }
        return tags
    }

    /// nil for a metric this program does not know: a newer one's.
    private func entry(_ row: Row, execution: String = "") throws -> LedgerEntry? {
        guard let metric = Metric(rawValue: try row.text(3)) else { return nil }
        return LedgerEntry(
            day: Day(number: try row.int(0)), account: try row.text(1), region: try row.text(2), metric: metric,
            resource: try row.text(4), workflow: try row.text(5), execution: execution, quantity: try row.int64(6))
    }
}
