/// Turns ledger entries into a bill. A pure value: entries go in one after another, the bill comes out.
struct BillCalculation {
    private let request: BillRequest
    private let prices: PriceBook
    private let costs: DayCosts
    private let tags: [String: String]
    private var spent: [DayCosts.Key: Int64] = [:]
    private var lines: [LineKey: Bill.Line] = [:]
    private var groups: Set<String> = []

    private struct LineKey: Hashable {
        var group: String
        var metric: Metric
    }

    /// - Parameters:
    ///   - months: everything used in the months concerned; see ``DayCosts``.
    ///   - tags: the value of the tag that is asked for, by resource.
    init(_ request: BillRequest, _ prices: PriceBook, months: some Sequence<LedgerEntry>, tags: [String: String]) {
        self.request = request
        self.prices = prices
        self.tags = tags
        costs = DayCosts(months, prices)
    }

    /// Adds an entry; all of the days asked for are needed, also those that the filter leaves out, because they share
    /// the day's cost. Entries outside the days are ignored.
    mutating func add(_ entry: LedgerEntry) {
        guard entry.quantity > 0, entry.day >= request.from, entry.day <= request.to else { return }
        let key = DayCosts.Key(
            day: entry.day, account: entry.account, region: entry.region, metric: entry.metric)
        guard let cost = costs.costs[key], cost.quantity > 0 else { return }
        let start = spent[key, default: 0]
        let end = min(start.addedClamped(entry.quantity), cost.quantity)
        spent[key] = end
        guard request.includes(entry) else { return }
        let share = { (money: Money) in
            money.part(end, of: cost.quantity) - money.part(start, of: cost.quantity)
        }
        add(
            Bill.Line(
                group: boundedGroup(entry), metric: entry.metric, quantity: entry.quantity,
                units: Double(entry.quantity) / Double(entry.metric.unit.size(daysInMonth: entry.day.month.days)),
                list: share(cost.list), free: share(cost.free), amount: share(cost.amount)))
    }

    private mutating func add(_ line: Bill.Line) {
        let key = LineKey(group: line.group, metric: line.metric)
        guard var sum = lines[key] else {
            lines[key] = line
            return
        }
        sum.quantity.addClamped(line.quantity)
        sum.units += line.units
        sum.list += line.list
        sum.free += line.free
        sum.amount += line.amount
        lines[key] = sum
    }

    /// Beyond the limit, new groups are shown together.
    private mutating func boundedGroup(_ entry: LedgerEntry) -> String {
        let group = group(entry)
        if groups.contains(group) { return group }
        guard groups.count < request.groupLimit else { return "(others)" }
        groups.insert(group)
        return group
    }

    private func group(_ entry: LedgerEntry) -> String {
        switch request.grouping {
        case .service: entry.metric.service
        case .function: entry.metric.service == "Lambda" ? entry.resource : "(no function)"
        case .workflow: entry.workflow.isEmpty ? "(no workflow)" : entry.workflow
        case .execution: entry.execution.isEmpty ? "(no execution)" : entry.execution
        case .day: entry.day.description
        case .month: entry.day.month.description
        case .tag: tags[entry.resource] ?? "(untagged)"
        }
    }

    func bill() -> Bill {
        let ordered = lines.values.sorted { ($0.group, $0.metric.rawValue) < ($1.group, $1.metric.rawValue) }
        return Bill(
            grouping: request.grouping, from: request.from, to: request.to, lines: ordered,
            prices: "\(prices.name), \(prices.asOf)")
    }
}

extension Money {
    /// This times `part` / `whole`, rounded half up, without losing bits on the way.
    func part(_ part: Int64, of whole: Int64) -> Money {
        let divisor = Int128(max(whole, 1))
        let (quotient, remainder) = picodollars.quotientAndRemainder(dividingBy: divisor)
        // The remainder and the part are below 2^63 each.
        let rest = (remainder * Int128(part) + divisor / 2) / divisor
        return Money(picodollars: quotient * Int128(part) + rest)
    }
}
