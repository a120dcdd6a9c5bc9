/// An amount of US dollars, exact to the picodollar (a millionth of a millionth): one millisecond of the smallest
/// function costs two thousand of them. Sums are exact; only a price times a quantity is rounded, half away from zero.
public struct Money: Hashable, Comparable, Sendable {
    public var picodollars: Int128

    public init(picodollars: Int128) { self.picodollars = picodollars }

    public static let zero = Money(picodollars: 0)

    public static func + (left: Money, right: Money) -> Money {
        Money(picodollars: left.picodollars + right.picodollars)
    }

    public static func - (left: Money, right: Money) -> Money {
        Money(picodollars: left.picodollars - right.picodollars)
    }

    public static func += (left: inout Money, right: Money) { left = left + right }

    public static func < (left: Money, right: Money) -> Bool { left.picodollars < right.picodollars }

    /// Reads a plain decimal such as `0.0000166667`: digits, at most one point, at most 12 decimals and 9 digits before
    /// the point. No sign, no exponent.
    public init?(decimal text: String) {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let fraction = parts.count == 2 ? parts[1] : ""
        guard let whole = parts.first, (1...9).contains(whole.utf8.count), fraction.utf8.count <= 12,
            parts.count == 1 || !fraction.isEmpty,
            (Array(whole.utf8) + Array(fraction.utf8)).allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        let padded = fraction + String(repeating: "0", count: 12 - fraction.utf8.count)
        guard let picodollars = Int128(whole + padded) else { return nil }
        self.picodollars = picodollars
    }
}

extension Money: CustomStringConvertible {
    /// Plain decimal dollars, exact, with at least two decimals: `0.0000002`, `12.50`.
    public var decimal: String { decimal(atLeast: 2, atMost: 12) }

    /// With a dollar sign and no more decimals than tell something: `$12.50`, `$0.000016`.
    public var description: String {
        let size = picodollars.magnitude
        // Four significant digits below a dollar, cents above.
        var digits = 2
        var step: UInt128 = 10_000_000_000
        while digits < 12, size > 0, size < 1_000_000_000_000, size < step * 1000 {
            digits += 1
            step /= 10
        }
        let text = rounded(to: digits).decimal(atLeast: 2, atMost: digits)
        return text.hasPrefix("-") ? "-$" + text.dropFirst() : "$" + text
    }

    private func rounded(to digits: Int) -> Money {
        var step: Int128 = 1
        for _ in digits..<12 { step *= 10 }
        let half = picodollars < 0 ? -step / 2 : step / 2
        return Money(picodollars: (picodollars + half) / step * step)
    }

    private func decimal(atLeast least: Int, atMost most: Int) -> String {
        let size = picodollars.magnitude
        let digits = String(size % 1_000_000_000_000)
        var fraction = Array(String(repeating: "0", count: 12 - digits.utf8.count) + digits)
        fraction.removeLast(12 - most)
        while fraction.count > least, fraction.last == "0" { fraction.removeLast() }
        let whole = "\(picodollars < 0 ? "-" : "")\(size / 1_000_000_000_000)"
        return fraction.isEmpty ? whole : whole + "." + String(fraction)
    }
}
