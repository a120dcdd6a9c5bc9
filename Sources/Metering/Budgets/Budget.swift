import Core

/// A limit on what a day or month may cost, with a warning before it and, where wanted, a brake.
public struct Budget: Hashable, Sendable {
    public enum Period: String, Sendable, CaseIterable {
        case day, month
    }

    public var name: String
    public var amount: Money
    public var period: Period
    /// Percent of the amount at which people are warned, each once a period.
    public var warnAt: [Int]
    /// Percent of the amount from which new work is refused until the period ends; nil for never.
    public var throttleAt: Int?
    /// Only what this service was used for.
    public var service: String?
    /// Only what this resource (an ARN) used.
    public var resource: String?

    /// - Throws: the first field that makes no sense.
    public init(
        name: String, amount: Money, period: Period = .month, warnAt: [Int] = [80, 100], throttleAt: Int? = nil,
        service: String? = nil, resource: String? = nil
    ) throws(BudgetError) {
        guard (1...100).contains(name.utf8.count) else {
            throw BudgetError(field: "name", reason: "must have 1 to 100 bytes")
        }
        guard amount > .zero else { throw BudgetError(field: "amount", reason: "must be more than 0 dollars") }
        guard warnAt.count <= 10, warnAt.allSatisfy((1...1000).contains) else {
            throw BudgetError(field: "warnAt", reason: "must be up to 10 percentages from 1 to 1000")
        }
        guard (1...1000).contains(throttleAt ?? 100) else {
            throw BudgetError(field: "throttleAt", reason: "must be a percentage from 1 to 1000")
        }
        self.name = name
        self.amount = amount
        self.period = period
        self.warnAt = Array(Set(warnAt)).sorted()
        self.throttleAt = throttleAt
        self.service = service
        self.resource = resource
    }
}

public struct BudgetError: Error, Hashable, Sendable, CustomStringConvertible {
    public var field: String
    public var reason: String

    public var description: String { "\(field): \(reason)" }
}

/// Where a budget stands.
public struct BudgetState: Hashable, Sendable {
    /// The first day of the period it is about.
    public var start: Day
    public var spent: Money
    /// The highest warning that has been given in the period, in percent; 0 for none.
    public var warned: Int
    public var isThrottling: Bool
}

/// Something people should hear about, once.
public struct BudgetAlert: Hashable, Sendable, CustomStringConvertible {
    public enum Event: Hashable, Sendable {
        /// This percentage has been reached.
        case warning(Int)
        case throttled
        /// A new period has begun, or the budget was raised.
        case released
    }

    public var budget: String
    public var event: Event
    public var spent: Money
    public var amount: Money

    public var description: String {
        switch event {
        case .warning(let percent): "budget \(budget): \(spent) of \(amount) spent, \(percent) % reached"
        case .throttled: "budget \(budget): \(spent) of \(amount) spent, new work is refused until the period ends"
        case .released: "budget \(budget): new work is accepted again"
        }
    }
}

extension Budget {
    /// The first day of the period that `time` is in.
    public func start(at time: Timestamp) -> Day { period == .day ? Day(time) : Month(time).firstDay }

    /// Moves on from the last state, if there was one, to what has been spent by now.
    public func evaluate(_ last: BudgetState?, spent: Money, at time: Timestamp) -> (BudgetState, [BudgetAlert]) {
        let start = start(at: time)
        let isSamePeriod = last?.start == start
        let reached = warnAt.filter { isReached($0, spent) }.max() ?? 0
        let throttles = throttleAt.map { isReached($0, spent) } ?? false
        var alerts: [BudgetAlert] = []
        let warned = isSamePeriod ? last?.warned ?? 0 : 0
        if reached > warned { alerts.append(alert(.warning(reached), spent)) }
        let throttled = last?.isThrottling ?? false
        if throttles && !(throttled && isSamePeriod) { alerts.append(alert(.throttled, spent)) }
        if !throttles && throttled { alerts.append(alert(.released, spent)) }
        // A budget that was raised warns again.
        let state = BudgetState(start: start, spent: spent, warned: reached, isThrottling: throttles)
        return (state, alerts)
    }

    private func isReached(_ percent: Int, _ spent: Money) -> Bool {
        spent.picodollars * 100 >= amount.picodollars * Int128(percent)
    }

    private func alert(_ event: BudgetAlert.Event, _ spent: Money) -> BudgetAlert {
        BudgetAlert(budget: name, event: event, spent: spent, amount: amount)
    }
}
