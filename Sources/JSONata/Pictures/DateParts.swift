import Core

/// The components of an instant in UTC.
struct DateParts {
    private let civil: CivilTime
    /// Days since 1970-01-01.
    private let day: Int

    init(milliseconds: Int64) {
        civil = CivilTime(Timestamp(milliseconds: milliseconds))
        day = CivilTime.daysSinceEpoch(year: civil.year, month: civil.month, day: civil.day)
    }

    static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    static let days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]

    /// The component's number; nil for those that are none.
    func number(_ component: Unicode.Scalar) -> Int? {
        switch component {
        case "Y": civil.year
        case "M": civil.month
        case "D": civil.day
        case "d": day - CivilTime.daysSinceEpoch(year: civil.year, month: 1, day: 1) + 1
        case "F": Self.weekday(day)
        case "W": week(in: YearMonth(year: civil.year, month: 1), unit: 12, most: 52)
        case "w": week(in: YearMonth(year: civil.year, month: civil.month), unit: 1, most: 4)
        case "X": weekYear
        case "x": weekMonth
        case "H": civil.hour
        case "h": (civil.hour + 11) % 12 + 1
        case "P": civil.hour >= 12 ? 1 : 0
        case "m": civil.minute
        case "s": civil.second
        case "f": civil.millisecond
        default: nil
        }
    }

    // MARK: Weeks (ISO 8601, and the same for months)

    private struct YearMonth {
        var year: Int
        var month: Int

        func adding(months: Int) -> YearMonth {
            let total = year * 12 + month - 1 + months
            let year = total >= 0 ? total / 12 : (total - 11) / 12
            return YearMonth(year: year, month: total - year * 12 + 1)
        }

        /// The Monday of the week that holds the first Thursday.
        var firstWeek: Int {
            let first = CivilTime.daysSinceEpoch(year: year, month: month, day: 1)
            let weekday = DateParts.weekday(first)
            return weekday > 4 ? first + 8 - weekday : first - (weekday - 1)
        }
    }

    /// 1 for Monday to 7 for Sunday.
    private static func weekday(_ day: Int) -> Int { ((day + 3) % 7 + 7) % 7 + 1 }

    /// - Parameter unit: months that the weeks are counted in.
    private func week(in period: YearMonth, unit: Int, most: Int) -> Int {
        let start = period.firstWeek
        if day < start {
            return (day - period.adding(months: -unit).firstWeek) / 7 + 1
        }
        let week = (day - start) / 7 + 1
        if week > most || (day - start) % 7 > 0 && week == most, day >= period.adding(months: unit).firstWeek {
            return 1
        }
        return week
    }

    private var weekYear: Int {
        let year = YearMonth(year: civil.year, month: 1)
        if day < year.firstWeek { return civil.year - 1 }
        return day >= year.adding(months: 12).firstWeek ? civil.year + 1 : civil.year
    }

    private var weekMonth: Int {
        let month = YearMonth(year: civil.year, month: civil.month)
        if day < month.firstWeek { return month.adding(months: -1).month }
        return day >= month.adding(months: 1).firstWeek ? month.adding(months: 1).month : civil.month
    }
}
