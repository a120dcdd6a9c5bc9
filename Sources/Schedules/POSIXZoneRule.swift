import Core

/// The rule in a time zone file's last line, in the form of POSIX's `TZ` variable: `CET-1CEST,M3.5.0,M10.5.0/3`.
struct POSIXZoneRule: Hashable, Sendable {
    /// A day of the year and a time on the clock that is in force until then.
    struct Change: Hashable, Sendable {
        enum Day: Hashable, Sendable {
            /// `Jn`: 1 to 365, February 29 is never counted.
            case julian(Int)
            /// `n`: 0 to 365, February 29 is counted.
            case ordinal(Int)
            /// `Mm.w.d`: week 5 is the last; day 0 is Sunday.
            case weekday(month: Int, week: Int, day: Int)
        }

        var day: Day
        /// Seconds from midnight, -167 to 167 hours.
        var time: Int64
    }

    /// Seconds east of UTC.
    var standard: Int64
    var daylight: Daylight?

    struct Daylight: Hashable, Sendable {
        /// Seconds east of UTC.
        var offset: Int64
        var start: Change
        var end: Change
    }

    func segment(containing seconds: Int64) -> TimeZoneRules.Segment {
        guard let daylight else { return .init(start: .min, end: .max, offset: standard) }
        // Clock changes lie well within a year of one another: the neighbouring years complete the picture.
        let bounded = min(max(seconds, -62_135_596_800), 253_402_300_799)
        let year = CivilTime(Timestamp(milliseconds: bounded * 1000)).year
        var changes: [(at: Int64, offset: Int64)] = []
        for year in year - 1...year + 1 {
            changes.append((daylight.start.seconds(in: year) - standard, daylight.offset))
            changes.append((daylight.end.seconds(in: year) - daylight.offset, standard))
        }
        changes.sort { $0.at < $1.at }
        let following = changes.firstIndex { $0.at > seconds } ?? changes.count
        let start = following > 0 ? changes[following - 1].at : .min
        let offset = following > 0 ? changes[following - 1].offset : standard
        return .init(start: start, end: following < changes.count ? changes[following].at : .max, offset: offset)
    }
}

extension POSIXZoneRule.Change {
    /// The reading of the clock at the change, in seconds since 1970.
    fileprivate func seconds(in year: Int) -> Int64 {
        Int64(dayNumber(in: year)) * 86_400 + time
    }

    private func dayNumber(in year: Int) -> Int {
        let newYear = CivilTime.daysSinceEpoch(year: year, month: 1, day: 1)
        switch day {
        case .julian(let day): return newYear + day - 1 + (CivilTime.isLeap(year) && day >= 60 ? 1 : 0)
        case .ordinal(let day): return newYear + day
        case .weekday(let month, let week, let weekday):
            let length = CivilTime.daysInMonth(year: year, month: month)
            let first = CivilTime(year: year, month: month, day: 1).weekday
            var day = 1 + (weekday - first + 7) % 7 + 7 * (week - 1)
            if day > length { day -= 7 }
            return CivilTime.daysSinceEpoch(year: year, month: month, day: day)
        }
    }
}
