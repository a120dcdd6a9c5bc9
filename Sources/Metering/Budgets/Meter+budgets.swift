import Core
import Storage

extension Meter {
    /// Adds a budget, or replaces the one of that name and forgets where it stood.
    public static func setBudget(_ budget: Budget, account: String, in transaction: Transaction) throws(StorageError) {
        try transaction.execute(
            """
            INSERT INTO meter_budgets (account, name, definition) VALUES ($1, $2, $3)
            ON CONFLICT (account, name) DO UPDATE SET definition = excluded.definition, state = NULL
            """, .text(account), .text(budget.name), .text(budget.json.text()))
    }

    /// Says whether there was one.
    public static func removeBudget(
        _ name: String, account: String, in transaction: Transaction
    ) throws(StorageError) -> Bool {
        try transaction.execute(
            "DELETE FROM meter_budgets WHERE account = $1 AND name = $2", .text(account), .text(name)) > 0
    }

    public static func accountsWithBudgets(in transaction: Transaction) throws -> [String] {
        try transaction.query("SELECT DISTINCT account FROM meter_budgets ORDER BY account").map { try $0.text(0) }
    }

    /// All budgets of an account by name, and where they stood when they were last evaluated.
    public static func budgets(
        account: String, in transaction: Transaction
    ) throws -> [(budget: Budget, state: BudgetState?)] {
        try transaction.query(
            "SELECT definition, state FROM meter_budgets WHERE account = $1 ORDER BY name", .text(account)
        ).map { row in
            let state = try row.textOrNil("state").flatMap { BudgetState(try JSON(parsing: $0)) }
            return (try Budget(try JSON(parsing: try row.text("definition"))), state)
        }
    }

    /// Compares every budget of the account with what has been spent, keeps where each stands now, and returns what
    /// people should hear about. Reads the sums of the period's days only, however many acts there were.
    public static func evaluateBudgets(
        account: String, prices: PriceBook, now: Timestamp, in transaction: Transaction
    ) throws -> [BudgetAlert] {
        var alerts: [BudgetAlert] = []
        for (budget, last) in try budgets(account: account, in: transaction) {
            let request = BillRequest(
                from: budget.start(at: now), to: Day(now), by: .service, account: account, service: budget.service,
                resource: budget.resource)
            let spent = try bill(request, prices: prices, now: now, in: transaction).total
            let (state, news) = budget.evaluate(last, spent: spent, at: now)
            alerts += news
            guard state != last else { continue }
            try transaction.execute(
                "UPDATE meter_budgets SET state = $3 WHERE account = $1 AND name = $2", .text(account),
                .text(budget.name), .text(state.json.text()))
        }
        return alerts
    }
}
