import Core
import Schedules
import Testing

/// Random expressions against a search that walks minute by minute and judges each from the expression's own text.
@Suite struct PropertyTests {
    static let zoneNames = [
        "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Europe/Dublin",
        "Asia/Kathmandu", "Africa/Casablanca",
    ]

    @Test(arguments: 0..<8) func `next and previous agree with a naive search`(round: Int) throws {
        var random = SeededRandom(seed: UInt64(round) &* 7919 &+ 11)
        let zones = TimeZoneDatabase()
        let zone = try zones.zone(named: Self.zoneNames[round])
        for _ in 0..<25 {
            let fields = RandomCron(using: &random)
            let expression = try ScheduleExpression(fields.text, dialect: .scheduler)
            let schedule = Schedule(expression, zone: zone, created: Timestamp(milliseconds: 0))
            // Around a change of clocks half of the time, so that gaps and overlaps are met.
            let near: [Int64] = [1_774_746_000, 1_792_890_000, 1_775_314_800, 1_793_512_800]
            let base = Bool.random(using: &random) ? near.randomElement(using: &random)! : 1_780_000_000
            let from = base - 172_800 + Int64.random(in: 0..<200_000, using: &random)
            let naive = NaiveSearch(fields: fields, zone: zone)
            let expected = naive.first(after: from, days: 45)
            let found = schedule.next(after: Timestamp(milliseconds: from * 1000)).map { $0.milliseconds / 1000 }
            if let expected {
                #expect(found == expected, "\(fields.text) in \(zone.name) after \(from)")
                #expect(
                    schedule.previous(from: Timestamp(milliseconds: expected * 1000))?.milliseconds == expected * 1000)
                let before = schedule.previous(from: Timestamp(milliseconds: expected * 1000 - 1))
                #expect(
                    (before?.milliseconds ?? .min) / 1000 <= from, "\(fields.text) in \(zone.name) before \(expected)")
            } else {
                #expect(
                    found == nil || found! > from + 45 * 86_400 - 120, "\(fields.text) in \(zone.name) after \(from)")
            }
        }
    }
}

/// A random expression with the sets of values it stands for.
struct RandomCron {
    var text: String
    var minutes: Set<Int>
    var hours: Set<Int>
    var day: @Sendable (CivilTime) -> Bool

    init(using random: inout SeededRandom) {
        let (minuteText, minutes) = Self.field(0...59, using: &random)
        let (hourText, hours) = Self.field(0...23, using: &random)
        self.minutes = minutes
        self.hours = hours
        var dayOfMonth = "?"
        var dayOfWeek = "?"
        let number = Int.random(in: 1...28, using: &random)
        let weekday = Int.random(in: 0...6, using: &random)
        let nth = Int.random(in: 1...5, using: &random)
        @Sendable func length(_ time: CivilTime) -> Int { CivilTime.daysInMonth(year: time.year, month: time.month) }
        switch Int.random(in: 0...7, using: &random) {
        case 0:
            dayOfMonth = "*"
            day = { _ in true }
        case 1:
            dayOfMonth = "\(number)-28"
            day = { (number...28).contains($0.day) }
        case 2:
            dayOfMonth = "L"
            day = { $0.day == length($0) }
        case 3:
            dayOfMonth = "\(number)W"
            day = { RandomCron.isNearestWeekday($0, to: number) }
        case 4:
            dayOfMonth = "LW"
            day = { RandomCron.isNearestWeekday($0, to: length($0)) }
        case 5:
            dayOfWeek = "\(weekday + 1)"
            day = { $0.weekday == weekday }
        case 6:
            dayOfWeek = "\(weekday + 1)L"
            day = { $0.weekday == weekday && $0.day + 7 > length($0) }
        default:
            dayOfWeek = "\(weekday + 1)#\(nth)"
            day = { $0.weekday == weekday && ($0.day - 1) / 7 + 1 == nth }
        }
        text = "cron(\(minuteText) \(hourText) \(dayOfMonth) * \(dayOfWeek) *)"
    }

    /// The closest Monday to Friday of the same month, found by trying distances.
    static func isNearestWeekday(_ time: CivilTime, to wanted: Int) -> Bool {
        let length = CivilTime.daysInMonth(year: time.year, month: time.month)
        guard wanted <= length else { return false }
        for distance in [0, -1, 1, -2, 2] {
            let day = wanted + distance
            guard (1...length).contains(day) else { continue }
            let weekday = CivilTime(year: time.year, month: time.month, day: day).weekday
            if (1...5).contains(weekday) { return time.day == day }
        }
        return false
    }

    private static func field(_ range: ClosedRange<Int>, using random: inout SeededRandom) -> (String, Set<Int>) {
        let first = Int.random(in: range, using: &random)
        let last = Int.random(in: first...range.upperBound, using: &random)
        let step = Int.random(in: 1...range.upperBound, using: &random)
        switch Int.random(in: 0...4, using: &random) {
        case 0: return ("*", Set(range))
        case 1: return ("\(first)", [first])
        case 2: return ("\(first)/\(step)", Set(stride(from: first, through: range.upperBound, by: step)))
        case 3: return ("\(first)-\(last)", Set(first...last))
        default: return ("\(first),\(last)", [first, last])
        }
    }
}

struct NaiveSearch {
    let fields: RandomCron
    let zone: TimeZoneRules

    func first(after seconds: Int64, days: Int64) -> Int64? {
        var instant = (seconds / 60 + 1) * 60
        let end = seconds + days * 86_400
        while instant < end {
            let offset = zone.offset(at: instant)
            let local = CivilTime(Timestamp(milliseconds: (instant + offset) * 1000))
            if fields.minutes.contains(local.minute), fields.hours.contains(local.hour), fields.day(local),
                !isRepeated(instant, offset)
            {
                return instant
            }
            instant += 60
        }
        return nil
    }

    /// Whether the clock had shown the same reading before.
    private func isRepeated(_ instant: Int64, _ offset: Int64) -> Bool {
        [1800, 3600, 7200].contains { earlier in zone.offset(at: instant - earlier) == offset + earlier }
    }
}
