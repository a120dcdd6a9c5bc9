import Core
import Schedules
import Testing

@Suite struct MissedFiringsTests {
    func schedule(_ text: String) throws -> Schedule {
        Schedule(
            try ScheduleExpression(text, dialect: .scheduler), created: Timestamp(rfc3339: "2026-11-01T00:00:00Z")!)
    }

    @Test(
        arguments: [
            // expression, handled, now, made up for, dropped
            ("cron(0 3 * * ? *)", "2026-11-20T03:00:00Z", "2026-11-22T08:00:00Z", "2026-11-22T03:00:00Z", 1),
            ("cron(0 3 * * ? *)", "2026-11-22T03:00:00Z", "2026-11-22T08:00:00Z", nil, 0),
            ("rate(1 minute)", "2026-11-22T00:00:00Z", "2026-11-22T08:00:30Z", "2026-11-22T08:00:00Z", 479),
            ("rate(1 minute)", "2026-11-02T00:00:00Z", "2026-11-22T08:00:30Z", "2026-11-22T08:00:00Z", 999),
            ("cron(0 3 1 * ? *)", "2026-10-30T00:00:00Z", "2026-11-22T08:00:00Z", nil, 1),
            ("at(2026-11-22T03:00:00)", "2026-11-01T00:00:00Z", "2026-11-22T08:00:00Z", "2026-11-22T03:00:00Z", 0),
            ("at(2026-11-12T03:00:00)", "2026-11-01T00:00:00Z", "2026-11-22T08:00:00Z", nil, 1),
        ] as [(String, String, String, String?, Int)])
    func `the last missed firing is made up for within a day`(
        text: String, handled: String, now: String, late: String?, dropped: Int
    ) throws {
        let missed = try schedule(text).missed(after: Timestamp(rfc3339: handled)!, now: Timestamp(rfc3339: now)!)
        #expect(missed == MissedFirings(late: late.flatMap { Timestamp(rfc3339: $0) }, dropped: dropped))
    }

    @Test func `nothing is made up for when the policy is to skip`() throws {
        let missed = try schedule("rate(1 hour)").missed(
            after: Timestamp(rfc3339: "2026-11-22T00:00:00Z")!, now: Timestamp(rfc3339: "2026-11-22T08:30:00Z")!,
            policy: .skip)
        #expect(missed == MissedFirings(late: nil, dropped: 8))
    }

    @Test func `a flexible window spreads firings and repeats itself`() throws {
        var schedule = try schedule("cron(0 * * * ? *)")
        schedule.window = try #require(FlexibleTimeWindow(maximumMinutes: 15))
        let firing = Timestamp(rfc3339: "2026-11-22T10:00:00Z")!
        let delays = (0..<2000).map { schedule.due(firing, seed: UInt64($0)).milliseconds(since: firing) }
        #expect(delays.allSatisfy { (0..<900_000).contains($0) && $0 % 1000 == 0 })
        #expect(Set(delays).count > 500)
        #expect(schedule.due(firing, seed: 7) == schedule.due(firing, seed: 7))
        #expect(
            schedule.due(firing, seed: 7).milliseconds(since: firing) != schedule.due(
                firing.adding(milliseconds: 3_600_000), seed: 7
            ).milliseconds(since: firing) - 3_600_000)
        #expect(FlexibleTimeWindow(maximumMinutes: 0) == nil)
        #expect(FlexibleTimeWindow(maximumMinutes: 1441) == nil)
    }
}
