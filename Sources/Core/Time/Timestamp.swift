/// An instant in milliseconds since 1970-01-01T00:00:00Z.
public struct Timestamp: Hashable, Comparable, Sendable {
    public var milliseconds: Int64

    @inlinable public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    @inlinable public init(seconds: Double) { milliseconds = Int64((seconds * 1000).rounded()) }

    @inlinable public var seconds: Double { Double(milliseconds) / 1000 }

    @inlinable public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.milliseconds < right.milliseconds
    }

    public static let distantFuture = Timestamp(milliseconds: 253_402_300_799_999)

    @inlinable public func adding(milliseconds more: Int64) -> Timestamp {
        Timestamp(milliseconds: milliseconds &+ more)
    }

    /// Milliseconds from the earlier instant to this one.
    @inlinable public func milliseconds(since earlier: Timestamp) -> Int64 { milliseconds - earlier.milliseconds }
}

extension Timestamp: CustomStringConvertible {
    /// `2026-11-22T10:31:03.042Z`
    public var description: String { CivilTime(self).iso8601(milliseconds: true) }
}

extension Timestamp {
    /// Parses RFC 3339: a date, `T`, a time with optional fraction, and `Z` or an offset.
    public init?(rfc3339 text: String) {
        guard let parsed = RFC3339Reader(text).read() else { return nil }
        self = parsed
    }
}

/// A date and time of day in UTC, by the proleptic Gregorian calendar.
public struct CivilTime: Hashable, Sendable {
    public var year: Int
    /// 1 to 12
    public var month: Int
    /// 1 to 31
    public var day: Int
    public var hour: Int
    public var minute: Int
    public var second: Int
    public var millisecond: Int

    public init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0, millisecond: Int = 0)
    {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
        self.millisecond = millisecond
    }

    public init(_ timestamp: Timestamp) {
        let dayMilliseconds: Int64 = 86_400_000
        var days = timestamp.milliseconds / dayMilliseconds
        var rest = timestamp.milliseconds % dayMilliseconds
        if rest < 0 {
            rest += dayMilliseconds
            days -= 1
        }
        (year, month, day) = Self.date(daysSinceEpoch: Int(days))
        hour = Int(rest / 3_600_000)
        minute = Int(rest / 60_000 % 60)
        second = Int(rest / 1000 % 60)
        millisecond = Int(rest % 1000)
    }

    public var timestamp: Timestamp {
        let days = Int64(Self.daysSinceEpoch(year: year, month: month, day: day))
        let seconds = days * 86_400 + Int64(hour * 3600 + minute * 60 + second)
        return Timestamp(milliseconds: seconds * 1000 + Int64(millisecond))
    }

    /// 0 for Sunday to 6 for Saturday.
    public var weekday: Int {
        let days = Self.daysSinceEpoch(year: year, month: month, day: day)
        return ((days + 4) % 7 + 7) % 7
    }

    // Both conversions follow Howard Hinnant's "chrono-compatible low-level date algorithms": eras of 400 years,
    // years that begin in March.

    public static func daysSinceEpoch(year: Int, month: Int, day: Int) -> Int {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    public static func date(daysSinceEpoch: Int) -> (year: Int, month: Int, day: Int) {
        let days = daysSinceEpoch + 719_468
        let era = (days >= 0 ? days : days - 146_096) / 146_097
        let dayOfEra = days - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }

    public static func daysInMonth(year: Int, month: Int) -> Int {
        switch month {
        case 2: isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    public static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    /// `2026-11-22T10:31:03Z`, or with three digits of milliseconds.
    public func iso8601(milliseconds: Bool = false) -> String {
        let date = "\(digits(year, 4))-\(digits(month, 2))-\(digits(day, 2))"
        let time = "\(digits(hour, 2)):\(digits(minute, 2)):\(digits(second, 2))"
        return milliseconds ? "\(date)T\(time).\(digits(millisecond, 3))Z" : "\(date)T\(time)Z"
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

    /// The date form of HTTP headers (RFC 9110): `Sun, 22 Nov 2026 10:31:03 GMT`.
    public var httpDate: String {
        let date = "\(Self.weekdays[weekday]), \(digits(day, 2)) \(Self.months[month - 1]) \(digits(year, 4))"
        return "\(date) \(digits(hour, 2)):\(digits(minute, 2)):\(digits(second, 2)) GMT"
    }

    /// The form of access logs, which API Gateway also uses: `22/Nov/2026:10:31:03 +0000`.
    public var commonLogDate: String {
        let date = "\(digits(day, 2))/\(Self.months[month - 1])/\(digits(year, 4))"
        return "\(date):\(digits(hour, 2)):\(digits(minute, 2)):\(digits(second, 2)) +0000"
    }

    /// The basic form that signatures use: `20261122T103103Z`.
    public var basicISO8601: String {
        "\(digits(year, 4))\(digits(month, 2))\(digits(day, 2))T\(digits(hour, 2))\(digits(minute, 2))\(digits(second, 2))Z"
    }
}

private func digits(_ value: Int, _ width: Int) -> String {
    let text = String(value)
    return text.utf8.count >= width ? text : String(repeating: "0", count: width - text.utf8.count) + text
}
