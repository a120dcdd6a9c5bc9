/// What each day's use of each metric costs: tiers and free usage run through the month, by account and region.
struct DayCosts {
    struct Key: Hashable {
        var day: Day
        var account: String
        var region: String
        var metric: Metric
    }

    struct Cost: Hashable {
        var quantity: Int64 = 0
        var list = Money.zero
        var free = Money.zero
        var amount = Money.zero
    }

    private(set) var costs: [Key: Cost] = [:]
    private let prices: PriceBook

    /// - Parameter entries: everything used in the months concerned, from each month's first day.
    init(_ entries: some Sequence<LedgerEntry>, _ prices: PriceBook) {
        self.prices = prices
        for entry in entries {
            let key = Key(day: entry.day, account: entry.account, region: entry.region, metric: entry.metric)
            costs[key, default: Cost()].quantity.addClamped(entry.quantity)
        }
        let periods = Dictionary(grouping: costs.keys) {
            Period(account: $0.account, region: $0.region, month: $0.day.month)
        }
        for (period, keys) in periods { price(keys, period) }
    }

    private struct Period: Hashable {
        var account: String
        var region: String
        var month: Month
    }

    private mutating func price(_ keys: [Key], _ period: Period) {
        let days = period.month.days
        var left = prices.freeTiers.map { tier -> Int64 in
            let size = tier.metrics.first?.unit.size(daysInMonth: days) ?? 1
            let (amount, overflow) = tier.amount.multipliedReportingOverflow(by: size)
            return overflow ? .max : amount
        }
        var used: [Metric: Int64] = [:]
        for day in Set(keys.map(\.day)).sorted() {
            var quantities: [Metric: Int64] = [:]
            for key in keys where key.day == day { quantities[key.metric] = costs[key]?.quantity }
            let free = takeFree(quantities, &left)
            for (metric, quantity) in quantities {
                let key = Key(day: day, account: period.account, region: period.region, metric: metric)
                let start = used[metric, default: 0]
                costs[key] = cost(metric, from: start, quantity, free: free[metric, default: 0], days)
                used[metric, default: 0].addClamped(quantity)
            }
        }
    }

    private func takeFree(_ quantities: [Metric: Int64], _ left: inout [Int64]) -> [Metric: Int64] {
        var free: [Metric: Int64] = [:]
        for (place, tier) in prices.freeTiers.enumerated() {
            for metric in tier.metrics {
                let taken = min(left[place], quantities[metric, default: 0])
                free[metric] = taken
                left[place] -= taken
            }
        }
        return free
    }

    /// Differences of what the month has cost so far, so that rounding never adds up.
    private func cost(_ metric: Metric, from start: Int64, _ quantity: Int64, free: Int64, _ days: Int) -> Cost {
        guard let tariff = prices.tariffs[metric] else { return Cost(quantity: quantity) }
        let size = metric.unit.size(daysInMonth: days)
        let end = start.addedClamped(quantity)
        let paidFrom = start.addedClamped(free)
        let list = { (quantity: Int64) in tariff.listCost(of: quantity, unitSize: size) }
        return Cost(
            quantity: quantity, list: list(end) - list(start), free: list(paidFrom) - list(start),
            amount: tariff.cost(ofFirst: end, unitSize: size) - tariff.cost(ofFirst: paidFrom, unitSize: size))
    }
}

extension Int64 {
    func addedClamped(_ other: Int64) -> Int64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }

    mutating func addClamped(_ other: Int64) { self = addedClamped(other) }
}
