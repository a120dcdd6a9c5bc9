import Core
import Schedules
import Testing

struct FiringCase: Sendable, CustomTestStringConvertible {
    let about: String
    let schedule: Schedule
    let after: Timestamp
    let firings: [Timestamp]
    let ends: Bool

    var testDescription: String { about }

    static let all: [FiringCase] = {
        let zones = TimeZoneDatabase()
        return try! caseFile("next.json").arrayValue!.map { json in
            let dialect: ScheduleDialect = json["dialect"]?.stringValue == "rule" ? .rule : .scheduler
            let schedule = Schedule(
                try! ScheduleExpression(json["expression"]!.stringValue!, dialect: dialect),
                zone: try! zones.zone(named: json["zone"]?.stringValue ?? "UTC"),
                created: timestamp(json["created"]) ?? Timestamp(milliseconds: 0),
                start: timestamp(json["start"]), end: timestamp(json["end"]))
            return FiringCase(
                about: json["about"]!.stringValue!, schedule: schedule, after: timestamp(json["after"])!,
                firings: json["firings"]!.arrayValue!.map { timestamp($0)! }, ends: json["ends"]?.boolValue ?? false)
        }
    }()
}

@Suite struct NextFiringTests {
    @Test(arguments: FiringCase.all) func `firings follow one another`(each: FiringCase) {
        var cursor = each.after
        for expected in each.firings {
            let next = each.schedule.next(after: cursor)
            #expect(next == expected)
            cursor = next ?? .distantFuture
        }
        if each.ends { #expect(each.schedule.next(after: cursor) == nil) }
    }

    @Test(arguments: FiringCase.all) func `the same firings are found backwards`(each: FiringCase) {
        for (position, firing) in each.firings.enumerated() {
            #expect(each.schedule.previous(from: firing) == firing)
            if position > 0 {
                #expect(each.schedule.previous(from: firing.adding(milliseconds: -1)) == each.firings[position - 1])
            }
        }
    }

    @Test func `instants at the ends of time are answered`() throws {
        for text in ["cron(0 0 1 1 ? *)", "rate(1 day)", "at(9999-12-31T23:59:59)"] {
            let schedule = Schedule(
                try ScheduleExpression(text, dialect: .scheduler),
                zone: try TimeZoneDatabase().zone(named: "Asia/Tokyo"),
                created: Timestamp(milliseconds: 0))
            #expect(schedule.next(after: Timestamp(milliseconds: .min)) != nil)
            #expect(schedule.next(after: Timestamp(milliseconds: .max)) == nil)
            #expect(schedule.previous(from: Timestamp(milliseconds: .min)) == nil)
            #expect(schedule.previous(from: Timestamp(milliseconds: .max)) != nil)
        }
    }
}
