import Core

/// A date and time of day on the clock of a time zone that is named elsewhere: the argument of `at(...)`.
public struct LocalDateTime: Hashable, Sendable {
    /// Seconds from 1970-01-01T00:00:00 on that clock.
    public let seconds: Int64

    public init(seconds: Int64) { self.seconds = seconds }

    /// Reads `2026-11-22T10:31:03`; a zone, an offset or a missing time is refused as AWS refuses them.
    init(parsing text: Substring) throws(ScheduleSyntaxError) {
        let form = "at takes a date and time without zone: at(2026-11-22T10:31:03)"
        let bytes = Array(text.utf8)
        guard bytes.count == 19 else { throw ScheduleSyntaxError(form) }
        for (position, mark) in [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")]
        where bytes[position] != mark.utf8.first {
            throw ScheduleSyntaxError(form)
        }
        func number(_ from: Int, _ count: Int) throws(ScheduleSyntaxError) -> Int {
            let digits = String(decoding: bytes[from..<from + count], as: UTF8.self)
            guard let value = parseNumber(digits[...], maximumDigits: count) else { throw ScheduleSyntaxError(form) }
            return value
        }
        let civil = CivilTime(
            year: try number(0, 4), month: try number(5, 2), day: try number(8, 2), hour: try number(11, 2),
            minute: try number(14, 2), second: try number(17, 2))
        guard (1...12).contains(civil.month), civil.day >= 1,
            civil.day <= CivilTime.daysInMonth(year: civil.year, month: civil.month), civil.hour < 24,
            civil.minute < 60, civil.second < 60
        else { throw ScheduleSyntaxError("there is no such date and time as \(text)") }
        seconds = civil.timestamp.milliseconds / 1000
    }
}
