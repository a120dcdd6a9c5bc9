import Core

/// The prices of every metric and what is free each month, as read from a price file.
public struct PriceBook: Hashable, Sendable {
    /// Usage of a month that costs nothing, shared by one or more metrics of the same unit, the first named first.
    public struct FreeTier: Hashable, Sendable {
        public var name: String
        /// In units.
        public var amount: Int64
        public var metrics: [Metric]

        public init(name: String, amount: Int64, metrics: [Metric]) {
            self.name = name
            self.amount = amount
            self.metrics = metrics
        }
    }

    public var name: String
    public var region: String
    /// The day the prices were taken, `YYYY-MM-DD`.
    public var asOf: String
    public var tariffs: [Metric: Tariff]
    public var freeTiers: [FreeTier]

    public init(name: String, region: String, asOf: String, tariffs: [Metric: Tariff], freeTiers: [FreeTier]) {
        self.name = name
        self.region = region
        self.asOf = asOf
        self.tariffs = tariffs
        self.freeTiers = freeTiers
    }

    /// What these amounts cost at the first tier, without free usage: the cost an act is shown with. It depends on
    /// nothing else, so it stays what it was.
    public func listCost(of amounts: [Usage.Amount], at time: Timestamp) -> Money {
        let days = Month(time).days
        return amounts.reduce(Money.zero) { sum, amount in
            guard let tariff = tariffs[amount.metric] else { return sum }
            let size = amount.metric.unit.size(daysInMonth: days)
            return sum + tariff.listCost(of: amount.quantity, unitSize: size)
        }
    }
}

/// A mistake in a price file.
public struct PriceBookError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where, such as `prices.lambda.requests.tiers[0].price`.
    public var field: String
    /// What is wrong and how to mend it.
    public var reason: String

    public var description: String { field.isEmpty ? reason : "\(field): \(reason)" }
}
