import Core
import Events
import Metering
import ServiceLifecycle
import Storage

/// Compares budgets with what has been spent, once a minute and whenever one changes: warns on the terminal and on the
/// default event bus, and holds new work back where a budget says so.
final class BudgetWatch: Service {
    /// Milliseconds between two comparisons.
    private static let interval: Int64 = 60_000

    private let database: Database
    private let prices: @Sendable () -> PriceBook
    private let brake: SpendingBrake
    private let buses: BusService
    private let clock: any HostClock
    private let region: String
    private let report: @Sendable (String) -> Void

    init(
        database: Database, prices: @escaping @Sendable () -> PriceBook, brake: SpendingBrake, buses: BusService,
        clock: any HostClock,
        region: String, report: @escaping @Sendable (String) -> Void
    ) {
        self.database = database
        self.prices = prices
        self.brake = brake
        self.buses = buses
        self.clock = clock
        self.region = region
        self.report = report
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                // What cannot be read now is compared a minute later; what was held back stays so.
                do { try await self.compare() } catch { self.report("budgets were not compared: \(error)") }
                try? await self.clock.sleep(milliseconds: Self.interval)
            }
        }
    }

    /// Compares every budget now.
    func compare() async throws {
        guard try await !database.read({ try Meter.accountsWithBudgets(in: $0) }).isEmpty else {
            return brake.hold([:])
        }
        let (prices, now, buses, region) = (prices(), clock.now, buses, region)
        let (alerts, held) = try await database.write { transaction in
            var alerts: [BudgetAlert] = []
            var held: [String: [Budget]] = [:]
            for account in try Meter.accountsWithBudgets(in: transaction) {
                let news = try Meter.evaluateBudgets(account: account, prices: prices, now: now, in: transaction)
                let bus = BusKey(Scope(account: account, region: region))
                _ = try buses.put(news.map { BusEvent(bus, Self.event($0, at: now)) }, in: transaction)
                alerts += news
                held[account] = try Meter.budgets(account: account, in: transaction)
                    .filter { $0.state?.isThrottling == true }.map(\.budget)
            }
            return (alerts, held)
        }
        brake.hold(held)
        for alert in alerts { report(alert.description) }
    }

    private static func event(_ alert: BudgetAlert, at time: Timestamp) -> EventEntry {
        var detail: JSONObject = [
            "budget": .string(alert.budget), "spent": .string(alert.spent.decimal),
            "amount": .string(alert.amount.decimal),
        ]
        switch alert.event {
        case .warning(let percent):
            detail["event"] = "warning"
            detail["percent"] = JSON(percent)
        case .throttled: detail["event"] = "throttled"
        case .released: detail["event"] = "released"
        }
        return EventEntry(
            source: "millrace.budgets", detailType: "Budget Alert", detail: JSON.object(detail).text(), time: time)
    }
}
