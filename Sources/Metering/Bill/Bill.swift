/// What the usage of some days costs, with the month's tiers and free usage taken into account.
///
/// Free usage and tiers are used up in the order of the days, as AWS does it; within a day they are shared in proportion
/// to use. Shares are rounded so that the lines of every grouping add up to the same total, to the picodollar.
public struct Bill: Hashable, Sendable {
    public enum Grouping: Hashable, Sendable {
        case service, function, workflow, execution, day, month
        /// The values of one tag.
        case tag(String)
    }

    public struct Line: Hashable, Sendable {
        /// The service's name, the function's, workflow's or execution's ARN, the tag's value, the day or the month. What
        /// has none is in a group with a name in parentheses.
        public var group: String
        public var metric: Metric
        /// In base units, exact.
        public var quantity: Int64
        /// In the price list's units, for display.
        public var units: Double
        /// At the first tier's price, with nothing free.
        public var list: Money
        /// The part of ``list`` that was free.
        public var free: Money
        /// What is to be paid: ``list`` without what was free and without the discount of higher tiers.
        public var amount: Money

        /// What higher tiers took off.
        public var discount: Money { list - free - amount }
    }

    public var grouping: Grouping
    public var from: Day
    /// Inclusive.
    public var to: Day
    /// Ordered by group and metric; at most one for each pair.
    public var lines: [Line]
    /// The price file's name and date.
    public var prices: String

    public var total: Money { lines.reduce(.zero) { $0 + $1.amount } }
    public var list: Money { lines.reduce(.zero) { $0 + $1.list } }
    public var free: Money { lines.reduce(.zero) { $0 + $1.free } }

    /// The sum of each group, the dearest first.
    public var groups: [(group: String, amount: Money, list: Money)] {
        var sums: [String: (amount: Money, list: Money)] = [:]
        for line in lines {
            let sum = sums[line.group] ?? (.zero, .zero)
            sums[line.group] = (sum.amount + line.amount, sum.list + line.list)
        }
        return sums.map { ($0.key, $0.value.amount, $0.value.list) }
            .sorted { ($0.amount, $0.list, $1.group) > ($1.amount, $1.list, $0.group) }
    }
}

extension Bill.Grouping: CustomStringConvertible {
    public var description: String {
        switch self {
        case .service: "service"
        case .function: "function"
        case .workflow: "workflow"
        case .execution: "execution"
        case .day: "day"
        case .month: "month"
        case .tag(let name): "tag:\(name)"
        }
    }

    /// `service`, `function`, `workflow`, `execution`, `day`, `month` or `tag:NAME`.
    public init?(_ text: String) {
        switch text {
        case "service": self = .service
        case "function": self = .function
        case "workflow": self = .workflow
        case "execution": self = .execution
        case "day": self = .day
        case "month": self = .month
        default:
            guard text.hasPrefix("tag:"), text.utf8.count > 4 else { return nil }
            self = .tag(String(text.dropFirst(4)))
        }
    }
}
