import Core

/// A day in UTC, which is how AWS cuts its bills.
public struct Day: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Days since 1970-01-01.
    public var number: Int

    public init(number: Int) { self.number = number }

    public init(_ time: Timestamp) {
        let milliseconds: Int64 = 86_400_000
        let days = time.milliseconds / milliseconds
        number = Int(time.milliseconds % milliseconds < 0 ? days - 1 : days)
    }

    public static func < (left: Day, right: Day) -> Bool { left.number < right.number }

    public var start: Timestamp { Timestamp(milliseconds: Int64(number) * 86_400_000) }

    public var month: Month { Month(start) }

    /// `2026-11-22`
    public var description: String { String(CivilTime(start).iso8601().prefix { $0 != "T" }) }
}

/// A calendar month in UTC: the period of tiers and free usage.
public struct Month: Hashable, Comparable, Sendable, CustomStringConvertible {
    public var year: Int
    /// 1 to 12
    public var month: Int

    public init(year: Int, month: Int) {
        self.year = year
        self.month = month
    }

    public init(_ time: Timestamp) {
        let civil = CivilTime(time)
        (year, month) = (civil.year, civil.month)
    }

    public static func < (left: Month, right: Month) -> Bool { (left.year, left.month) < (right.year, right.month) }

    public var days: Int { CivilTime.daysInMonth(year: year, month: month) }

    public var firstDay: Day { Day(CivilTime(year: year, month: month, day: 1).timestamp) }

    public var next: Month { month == 12 ? Month(year: year + 1, month: 1) : Month(year: year, month: month + 1) }

    /// `2026-11`
    public var description: String { String(firstDay.description.prefix(firstDay.description.utf8.count - 3)) }
}
