/// `rate(value unit)`: a fixed time from one firing to the next, whatever the clocks of the time zone do.
public struct RateExpression: Hashable, Sendable {
    /// Milliseconds from one firing to the next; at least a minute.
    public let interval: Int64

    private static let units: [(singular: String, plural: String, milliseconds: Int64)] = [
        ("minute", "minutes", 60_000), ("hour", "hours", 3_600_000), ("day", "days", 86_400_000),
    ]

    /// Reads what stands between the parentheses. Rules insist on `1 minute` and `5 minutes`; Scheduler takes the
    /// singular and the plural with every value.
    init(_ text: Substring, dialect: ScheduleDialect) throws(ScheduleSyntaxError) {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2 else {
            throw ScheduleSyntaxError("rate takes a whole number and a unit with one space between: rate(5 minutes)")
        }
        guard let value = parseNumber(parts[0], maximumDigits: 10), (1...2_147_483_647).contains(value) else {
            throw ScheduleSyntaxError("rate takes a whole number from 1 to 2147483647, not '\(parts[0])'")
        }
        guard let unit = Self.units.first(where: { $0.singular == parts[1] || $0.plural == parts[1] }) else {
            throw ScheduleSyntaxError("'\(parts[1])' is no unit of rate: use minutes, hours or days")
        }
        let expected = value == 1 ? unit.singular : unit.plural
        guard dialect == .scheduler || expected == parts[1] else {
            throw ScheduleSyntaxError("write rate(\(value) \(expected))")
        }
        interval = Int64(value) * unit.milliseconds
    }
}

/// Decimal digits and nothing else.
func parseNumber(_ text: Substring, maximumDigits: Int) -> Int? {
    guard !text.isEmpty, text.utf8.count <= maximumDigits else { return nil }
    var value = 0
    for byte in text.utf8 {
        guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
        value = value * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return value
}
