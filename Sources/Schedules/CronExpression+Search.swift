import Core

// Times here are minutes from 1970-01-01T00:00 on the clock that the expression is meant for. The work is bounded by
// the fields, not by the distance: at most one look at each month of the years that are named.
extension CronExpression {
    /// The first matching minute after the given one; nil when the years have run out.
    func next(after minute: Int64) -> Int64? {
        let (day, minuteOfDay) = Self.split(minute + 1)
        let date = CivilTime.date(daysSinceEpoch: day)
        if matches(date), let found = firstMinute(from: minuteOfDay) { return Int64(day) * 1440 + Int64(found) }
        guard let next = nextDay(year: date.year, month: date.month, fromDay: date.day + 1),
            let first = firstMinute(from: 0)
        else { return nil }
        return Int64(next) * 1440 + Int64(first)
    }

    /// The last matching minute that is not after the given one.
    func previous(from minute: Int64) -> Int64? {
        let (day, minuteOfDay) = Self.split(minute)
        let date = CivilTime.date(daysSinceEpoch: day)
        if matches(date), let found = lastMinute(from: minuteOfDay) { return Int64(day) * 1440 + Int64(found) }
        guard let previous = previousDay(year: date.year, month: date.month, fromDay: date.day - 1),
            let last = lastMinute(from: 1439)
        else { return nil }
        return Int64(previous) * 1440 + Int64(last)
    }

    private static func split(_ minute: Int64) -> (day: Int, minuteOfDay: Int) {
        let day = minute >= 0 ? minute / 1440 : (minute - 1439) / 1440
        return (Int(day), Int(minute - day * 1440))
    }

    private func matches(_ date: (year: Int, month: Int, day: Int)) -> Bool {
        years.contains(date.year) && months >> UInt16(date.month) & 1 == 1
            && days.bits(year: date.year, month: date.month) >> UInt32(date.day) & 1 == 1
    }

    // MARK: Within a day

    private func firstMinute(from minute: Int) -> Int? {
        let hour = minute / 60
        if hours >> UInt32(hour) & 1 == 1 {
            let rest = minutes >> UInt64(minute % 60)
            if rest != 0 { return minute + rest.trailingZeroBitCount }
        }
        let later = hours >> UInt32(hour + 1)
        guard later != 0, minutes != 0 else { return nil }
        return (hour + 1 + later.trailingZeroBitCount) * 60 + minutes.trailingZeroBitCount
    }

    private func lastMinute(from minute: Int) -> Int? {
        let hour = minute / 60
        if hours >> UInt32(hour) & 1 == 1 {
            let rest = minutes << UInt64(63 - minute % 60)
            if rest != 0 { return minute - rest.leadingZeroBitCount }
        }
        let earlier = hours & ((1 << UInt32(hour)) - 1)
        guard earlier != 0, minutes != 0 else { return nil }
        return (31 - earlier.leadingZeroBitCount) * 60 + 63 - minutes.leadingZeroBitCount
    }

    // MARK: Days

    private func nextDay(year: Int, month: Int, fromDay: Int) -> Int? {
        var from = (year: year, month: month, day: fromDay)
        while let year = years.next(from: from.year) {
            if year != from.year { from = (year, 1, 1) }
            for month in from.month...12 where months >> UInt16(month) & 1 == 1 {
                let rest = days.bits(year: year, month: month) >> UInt32(month == from.month ? from.day : 1)
                guard rest != 0 else { continue }
                let day = (month == from.month ? from.day : 1) + rest.trailingZeroBitCount
                return CivilTime.daysSinceEpoch(year: year, month: month, day: day)
            }
            from = (year + 1, 1, 1)
        }
        return nil
    }

    private func previousDay(year: Int, month: Int, fromDay: Int) -> Int? {
        var from = (year: year, month: month, day: fromDay)
        while let year = years.previous(from: from.year) {
            if year != from.year { from = (year, 12, 31) }
            for month in (1...from.month).reversed() where months >> UInt16(month) & 1 == 1 {
                let bits = days.bits(year: year, month: month)
                let rest = bits << UInt32(31 - (month == from.month ? from.day : 31))
                guard rest != 0 else { continue }
                let day = (month == from.month ? from.day : 31) - rest.leadingZeroBitCount
                return CivilTime.daysSinceEpoch(year: year, month: month, day: day)
            }
            from = (year - 1, 12, 31)
        }
        return nil
    }
}
