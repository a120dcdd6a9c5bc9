/// The price of one metric: what a unit costs, by how many were used before it in the month.
public struct Tariff: Hashable, Sendable {
    public struct Tier: Hashable, Sendable {
        /// Units up to which the price holds, counted from the month's first; nil for the last tier.
        public var upTo: Int64?
        /// For ``Tariff/per`` units.
        public var price: Money

        public init(upTo: Int64?, price: Money) {
            self.upTo = upTo
            self.price = price
        }
    }

    /// How many units the prices buy: 1,000,000 for "per million requests".
    public var per: Int64
    /// Ascending; the last one has no end.
    public var tiers: [Tier]

    public init(per: Int64, tiers: [Tier]) {
        self.per = per
        self.tiers = tiers
    }

    /// The price of the month's first `quantity` base units.
    public func cost(ofFirst quantity: Int64, unitSize: Int64) -> Money {
        var parts: [(quantity: Int64, price: Money)] = []
        var start: Int64 = 0
        for tier in tiers {
            let end = tier.upTo.map { clampedProduct($0, unitSize) } ?? .max
            guard quantity > start else { break }
            parts.append((min(quantity, end) - start, tier.price))
            start = end
        }
        return cost(parts, unitSize: unitSize)
    }

    /// The price at the first tier, which is what a single act is shown with.
    public func listCost(of quantity: Int64, unitSize: Int64) -> Money {
        cost([(quantity, tiers.first?.price ?? .zero)], unitSize: unitSize)
    }

    /// Rounded once, over all tiers. A quantity is below 2^63, a price at most 10^18 picodollars and the divisor
    /// below 10^15 (the price file's limits), so nothing here exceeds 128 bits.
    private func cost(_ parts: [(quantity: Int64, price: Money)], unitSize: Int64) -> Money {
        let divisor = Int128(unitSize) * Int128(per)
        var whole: Int128 = 0
        var rest: Int128 = 0
        for part in parts {
            let quantity = Int128(part.quantity)
            let price = part.price.picodollars
            whole += quantity / divisor * price
            let remainder = quantity % divisor
            whole += remainder * (price / divisor)
            rest += remainder * (price % divisor)
        }
        return Money(picodollars: whole + (rest + divisor / 2) / divisor)
    }

    private func clampedProduct(_ left: Int64, _ right: Int64) -> Int64 {
        let (product, overflow) = left.multipliedReportingOverflow(by: right)
        return overflow ? .max : product
    }
}
