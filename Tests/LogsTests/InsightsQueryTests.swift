import Core
import Testing

@testable import Logs

@Suite struct InsightsQueryTests {
    private static let start = CivilTime(year: 2026, month: 1, day: 1, hour: 10).timestamp

    private static let group = LogGroup(
        id: 1, scope: Scope(account: "111111111111", region: "us-east-1"), name: "g",
        createdAt: start, tags: [:], settings: [:])

    /// Lines two minutes apart.
    private static let lines = [
        #"{"level":"INFO","ms":10,"user":{"name":"ann"},"path":"a2"}"#,
        #"{"level":"WARN","ms":20,"user":{"name":"bob"},"path":"a10"}"#,
        #"{"level":"INFO","ms":30,"user":{"name":"ann"},"tags":["x","y"]}"#,
        #"{"level":"INFO","ms":"40","user":{"name":"cid"},"path":"7"}"#,
        "plain text | with a bar",
        "REPORT RequestId: 7d1c\tDuration: 12.50 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 64 MB",
    ]

    private static func answer(_ query: String, limit: Int? = nil) throws -> [[(field: String, value: String)]] {
        let events = lines.enumerated().map { place, line in
            LogEvent(
                id: Int64(place), stream: "s\(place % 2)", time: start.adding(milliseconds: Int64(place) * 120_000),
                ingestedAt: start, message: line)
        }
        return try InsightsQuery(query).answer([(group, events)], limit: limit).rows
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var query: String
        /// Rows: `field=value` with spaces between, without `@ptr`.
        var rows: [String]
        var testDescription: String { query }

        init(_ query: String, _ rows: String...) {
            self.query = query
            self.rows = rows
        }
    }

    static let cases = [
        Case("stats count(*)", "count(*)=6"),
        Case("stats count() as n, count(ms), count(path) as paths", "n=6 count(ms)=4 paths=3"),
        Case("filter level = 'INFO' | stats sum(ms), avg(ms) as mean", "sum(ms)=80 mean=26.6667"),
        Case(
            "stats min(ms), max(ms), stddev(ms), pct(ms, 50), pct(ms, 90)",
            "min(ms)=10 max(ms)=40 stddev(ms)=11.1803 pct(ms, 50)=20 pct(ms, 90)=40"),
        Case("stats count_distinct(user.name) as users", "users=3"),
        Case(
            "filter ispresent(level) | stats count(*) as n by level | sort n desc", "level=INFO n=3", "level=WARN n=1"),
        Case(
            "stats earliest(ms) as first, latest(ms) as last, sortsFirst(path), sortsLast(path)",
            "first=10 last=40 sortsFirst(path)=a2 sortsLast(path)=7"),
        Case(
            "stats count(*) by bin(5m)", "bin(5m)=2026-01-01 10:10:00.000 count(*)=1",
            "bin(5m)=2026-01-01 10:05:00.000 count(*)=2", "bin(5m)=2026-01-01 10:00:00.000 count(*)=3"),
        Case(
            "stats count(*) by bin(5min) as t, @logStream | sort t asc, @logStream desc | limit 2",
            "t=2026-01-01 10:00:00.000 @logStream=s1 count(*)=1", "t=2026-01-01 10:00:00.000 @logStream=s0 count(*)=2"),
        Case("stats max(ms) by user.name | sort max(ms) desc | limit 1", "user.name=cid max(ms)=40"),
        Case("stats count(*) as n by level | stats max(n), count(*)", "max(n)=3 count(*)=3"),
        Case("stats avg(ms) by nothing", "avg(ms)=25"),
        Case("filter level = 'NONE' | stats count(*), sum(ms)", "count(*)=0"),
        Case("filter level = 'NONE' | stats count(*) by level"),
        Case("fields ms | filter ispresent(ms) | sort ms desc | limit 2", "ms=40", "ms=30"),
        Case(
            "fields level, user.name as who | filter ms > 10 and ms <= 30 | sort who", "level=INFO who=ann",
            "level=WARN who=bob"),
        Case(
            "fields user.name | filter ispresent(user.name) | dedup user.name | limit 2", "user.name=cid",
            "user.name=ann"),
        Case("fields path | filter ispresent(path) | sort path", "path=a2", "path=a10", "path=7"),
        Case("fields level | dedup level", "", "", "level=INFO", "level=WARN"),
        Case("fields @message, ms | display ms | filter ms in [10, '20'] | sort ms", "ms=10", "ms=20"),
        Case("fields ms * 2 + 1 as x | filter not (level = 'WARN') and ms % 20 = 10 | sort x", "x=21", "x=61"),
        Case("fields @message | filter @message like 'with a bar'", "@message=plain text | with a bar"),
        Case("filter @message like /^plain/ or @message =~ /BAR$/ # a comment | stats\n| stats count(*)", "count(*)=1"),
        Case("filter @message not like /\"level\"/ | stats count(*)", "count(*)=2"),
        Case("fields `user.name`, tags.1 | filter tags.1 = 'y'", "user.name=ann tags.1=y"),
        Case(
            "filter @type = 'REPORT' | stats avg(@duration), max(@memorySize / 1000 / 1000) as mb by @requestId",
            "@requestId=7d1c avg(@duration)=12.5 mb=128"),
        Case(
            "stats count(*) by strcontains(@message, 'INFO') as info | sort info", "info=0 count(*)=3",
            "info=1 count(*)=3"),
    ]

    @Test(arguments: cases) func answers(_ item: Case) throws {
        let rows = try Self.answer(item.query).map { row in
            row.filter { $0.field != "@ptr" }.map { "\($0.field)=\($0.value)" }.joined(separator: " ")
        }
        #expect(rows == item.rows)
    }

    @Test func linesCarryTheirNames() throws {
        let rows = try Self.answer("fields @timestamp | limit 1")
        #expect(rows[0].map(\.field) == ["@timestamp", "@ptr"])
        let pointer = try #require(LogRecordPointer(rows[0][1].value))
        #expect(pointer.group == "g")
        #expect(pointer.id == 5)
        #expect(LogRecordPointer("bm90aGluZw==") == nil)
        #expect(try Self.answer("fields @message", limit: 3).count == 3)
        #expect(try Self.answer("fields @message | limit 5", limit: 3).count == 5)
    }

    @Test(arguments: [
        "", "|", "fields", "fields a |", "parse @message '*' as a", "stats", "stats count(*", "stats total(a)",
        "stats pct(a)", "stats pct(a, 101)", "stats count(*) by bin(5)", "stats count(*) by bin(0m)", "limit",
        "limit 0",
        "limit 100001", "filter a like", "filter a = 'open", "filter (a = 1", "filter a in [1", "filter a not = 1",
        "filter other(a)", "filter abs(a, b)", "sort a sideways", "dedup", "filter @message like /[/",
        "filter \(String(repeating: "(", count: 100))a", "fields a b",
    ])
    func whatIsNoQueryIsRefused(_ query: String) {
        #expect(throws: FilterPatternError.self) { try InsightsQuery(query) }
    }

    struct Bin: Sendable {
        var period: String
        var time: CivilTime
        var floor: CivilTime
    }

    @Test(arguments: [
        Bin(
            period: "250ms", time: CivilTime(year: 2026, month: 3, day: 4, millisecond: 700),
            floor: CivilTime(year: 2026, month: 3, day: 4, millisecond: 500)),
        Bin(
            period: "30secs", time: CivilTime(year: 2026, month: 3, day: 4, second: 59),
            floor: CivilTime(year: 2026, month: 3, day: 4, second: 30)),
        Bin(
            period: "2hrs", time: CivilTime(year: 2026, month: 3, day: 4, hour: 13, minute: 5),
            floor: CivilTime(year: 2026, month: 3, day: 4, hour: 12)),
        Bin(
            period: "1d", time: CivilTime(year: 1969, month: 12, day: 31, hour: 13),
            floor: CivilTime(year: 1969, month: 12, day: 31)),
        Bin(
            period: "1mo", time: CivilTime(year: 2026, month: 3, day: 4), floor: CivilTime(year: 2026, month: 3, day: 1)
        ),
        Bin(
            period: "1q", time: CivilTime(year: 2026, month: 3, day: 4), floor: CivilTime(year: 2026, month: 1, day: 1)),
        Bin(
            period: "year", time: CivilTime(year: 2026, month: 3, day: 4),
            floor: CivilTime(year: 2026, month: 1, day: 1)),
    ])
    func binsBegin(_ bin: Bin) throws {
        #expect(try InsightsPeriod(bin.period).floor(bin.time.timestamp) == bin.floor.timestamp)
    }
}
