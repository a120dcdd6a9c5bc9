import Core

/// A length of time such as `5m`: a number and a unit. Times are cut down to multiples of it.
struct InsightsPeriod: Sendable {
    private enum Unit: Sendable {
        case milliseconds(Int64)
        /// Counted from January of the year 0.
        case months(Int)
    }

    private let count: Int
    private let unit: Unit

    init(_ text: String) throws(FilterPatternError) {
        let digits = text.prefix { $0.isASCII && $0.isNumber }
        var name = text.dropFirst(digits.count).lowercased()
        if name.count > 1, name != "ms", name.hasSuffix("s") { name.removeLast() }
        guard let unit = Self.units[name], let count = digits.isEmpty ? 1 : Int(digits), (1...1_000_000).contains(count)
        else { throw FilterPatternError("'\(text)' is no period: write a number and a unit, such as 5m") }
        self.count = count
        self.unit = unit
    }

    private static let units: [String: Unit] = {
        let names: [([String], Unit)] = [
            (["ms", "msec", "millisecond"], .milliseconds(1)), (["s", "sec", "second"], .milliseconds(1000)),
            (["m", "min", "minute"], .milliseconds(60_000)), (["h", "hr", "hour"], .milliseconds(3_600_000)),
            (["d", "day"], .milliseconds(86_400_000)), (["w", "week"], .milliseconds(7 * 86_400_000)),
            (["mo", "mon", "month"], .months(1)), (["q", "qtr", "quarter"], .months(3)),
            (["y", "yr", "year"], .months(12)),
        ]
        return Dictionary(names.flatMap { names, unit in names.map { ($0, unit) } }) { $1 }
    }()

    /// The last multiple that is not after the time.
    func floor(_ time: Timestamp) -> Timestamp {
        switch unit {
        case .milliseconds(let each):
            let length = each * Int64(count)
            let rest = time.milliseconds % length
            return Timestamp(milliseconds: time.milliseconds - (rest < 0 ? rest + length : rest))
        case .months(let each):
            let civil = CivilTime(time)
            let months = civil.year * 12 + civil.month - 1
            let start = months / (each * count) * (each * count)
            return CivilTime(year: start / 12, month: start % 12 + 1, day: 1).timestamp
        }
    }
}
