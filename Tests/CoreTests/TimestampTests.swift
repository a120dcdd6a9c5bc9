import Core
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:30:15.25Z", 951_827_415_250),
            ("2026-11-22T10:31:03+01:00", 1_795_339_863_000), ("1969-12-31T23:59:59.999Z", -1),
        ] as [(String, Int64)])
    func readsRFC3339(text: String, milliseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: ["2026-11-22", "2026-11-22T10:31Z", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "x", ""])
    func refusesOtherForms(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func datesGoBothWays() {
        for day in stride(from: -800_000, to: 800_000, by: 97) {
            let (year, month, dayOfMonth) = CivilTime.date(daysSinceEpoch: day)
            #expect(CivilTime.daysSinceEpoch(year: year, month: month, day: dayOfMonth) == day)
        }
    }

    @Test func writesEveryForm() {
        let time = CivilTime(Timestamp(milliseconds: 1_795_343_463_042))
        #expect(time.iso8601(milliseconds: true) == "2026-11-22T10:31:03.042Z")
        #expect(time.httpDate == "Sun, 22 Nov 2026 10:31:03 GMT")
        #expect(time.basicISO8601 == "20261122T103103Z")
        #expect(time.commonLogDate == "22/Nov/2026:10:31:03 +0000")
    }
}
