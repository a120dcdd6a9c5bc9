/// A six-field cron expression of AWS: minutes, hours, day-of-month, month, day-of-week, year.
///
/// Operators: `,` `-` `*` `/` in every field, names of months and days, and in the day fields `?`, `L` (last), `L-n`,
/// `W` (nearest weekday) and `#` (nth). Compiled to bit sets, so that finding the next firing is a few bit scans.
public struct CronExpression: Hashable, Sendable {
    let minutes: UInt64
    let hours: UInt32
    /// Bits 1 to 12.
    let months: UInt16
    let days: CronDays
    let years: YearSet

    /// Reads what stands between the parentheses.
    init(fields text: Substring) throws(ScheduleSyntaxError) {
        guard text.first != " ", text.last != " " else {
            throw ScheduleSyntaxError("no spaces may stand next to the parentheses")
        }
        let fields = text.split(separator: " ")
        guard fields.count == 6 else {
            throw ScheduleSyntaxError(
                "cron takes six fields (minutes hours day-of-month month day-of-week year), not \(fields.count)")
        }
        minutes = try CronField.minutes.values(fields[0]).reduce(0) { $0 | 1 << UInt64($1) }
        hours = try CronField.hours.values(fields[1]).reduce(0) { $0 | 1 << UInt32($1) }
        days = try CronDays(dayOfMonth: fields[2], dayOfWeek: fields[4])
        months = try CronField.month.values(fields[3]).reduce(0) { $0 | 1 << UInt16($1) }
        years = YearSet(try CronField.year.values(fields[5]))
    }
}
