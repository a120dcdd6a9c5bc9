import Core

/// The days on which a cron expression fires: what its day-of-month or its day-of-week field says.
enum CronDays: Hashable, Sendable {
    /// Bits 1 to 31.
    case ofMonth(UInt32)
    /// `L`, `L-3`: so many days before the month's last.
    case beforeLast(Int8)
    /// `LW`, `L-3W`: the weekday (Monday to Friday) closest to that day.
    case weekdayNearLast(Int8)
    /// `15W`: the weekday closest to that day, in the same month.
    case weekdayNear(Int8)
    /// Bits 0 (Sunday) to 6.
    case ofWeek(UInt8)
    /// `6L`: the month's last day of that name, 0 for Sunday.
    case lastOfWeek(Int8)
    /// `SAT#3`: the month's so-manieth day of that name.
    case nthOfWeek(Int8, nth: Int8)

    /// The matching days of a month as bits 1 to 31.
    func bits(year: Int, month: Int) -> UInt32 {
        let length = CivilTime.daysInMonth(year: year, month: month)
        let firstWeekday = CivilTime(year: year, month: month, day: 1).weekday
        let all = UInt32.max >> UInt32(31 - length) & ~1
        switch self {
        case .ofMonth(let days): return days & all
        case .beforeLast(let offset): return Self.bit(length - Int(offset)) & all
        case .weekdayNearLast(let offset):
            return Self.nearestWeekday(to: length - Int(offset), length: length, firstWeekday: firstWeekday)
        case .weekdayNear(let day): return Self.nearestWeekday(to: Int(day), length: length, firstWeekday: firstWeekday)
        case .ofWeek(let weekdays): return Self.repeated(weekdays, firstWeekday: firstWeekday) & all
        case .lastOfWeek(let weekday):
            let lastWeekday = (firstWeekday + length - 1) % 7
            return Self.bit(length - (lastWeekday - Int(weekday) + 7) % 7)
        case .nthOfWeek(let weekday, let nth):
            return Self.bit(1 + (Int(weekday) - firstWeekday + 7) % 7 + 7 * (Int(nth) - 1)) & all
        }
    }

    private static func bit(_ day: Int) -> UInt32 { (1...31).contains(day) ? 1 << UInt32(day) : 0 }

    /// Saturday moves to the Friday before, Sunday to the Monday after, unless that would leave the month. A month
    /// without the day has no such weekday.
    private static func nearestWeekday(to day: Int, length: Int, firstWeekday: Int) -> UInt32 {
        guard (1...length).contains(day) else { return 0 }
        switch (firstWeekday + day - 1) % 7 {
        case 6: return bit(day == 1 ? 3 : day - 1)
        case 0: return bit(day == length ? day - 2 : day + 1)
        default: return bit(day)
        }
    }

    private static func repeated(_ weekdays: UInt8, firstWeekday: Int) -> UInt32 {
        // The week turned so that bit 0 is the weekday of the first, then laid five times over the month.
        let week = UInt64(weekdays & 0x7F)
        let turned = (week | week << 7) >> UInt64(firstWeekday) & 0x7F
        let month = turned | turned << 7 | turned << 14 | turned << 21 | turned << 28
        return UInt32(truncatingIfNeeded: month << 1)
    }
}
