import Core
import HostTesting
import Storage
import Testing

@testable import Events

@Suite struct BusTests {
    typealias Host = ScheduleRunnerTests.Host

    private static let queue = "arn:aws:sqs:us-east-1:000000000000:q"

    private func rule(_ name: String, _ pattern: String, _ target: JSONObject, on bus: BusKey, _ host: Host)
        async throws
    {
        let key = RuleKey(bus, name)
        var definition = target
        definition["Id"] = .string(name)
        let full = RuleTarget(definition: definition)
        try await host.temporary.database.write { transaction in
            try host.buses.putRule(EventRule(key, pattern: pattern), in: transaction)
            try host.buses.putTargets([full], of: key, in: transaction)
        }
    }

    private func entry(_ detail: String) -> EventEntry { EventEntry(source: "app", detailType: "Made", detail: detail) }

    @Test func eventsReachTheTargetsOfMatchingRules() async throws {
        let host = try Host()
        let bus = BusKey(Scope())
        try await rule("a", #"{"source":["app"]}"#, ["Arn": .string(Self.queue)], on: bus, host)
        try await rule("b", #"{"source":["other"]}"#, ["Arn": .string(Self.queue)], on: bus, host)
        try await rule(
            "c", #"{"detail":{"n":[1]}}"#, ["Arn": .string(Self.queue), "InputPath": "$.detail"], on: bus, host)
        let results = try await host.buses.put([BusEvent(bus, entry(#"{ "n" : 1 }"#))], origin: Scope())
        let id = try results[0].get()
        #expect(host.sink.payloads.contains(#"{"n":1}"#))
        let whole = try #require(host.sink.payloads.first { $0.hasPrefix(#"{"version""#) })
        #expect(
            whole == """
                {"version":"0","id":"\(id)","detail-type":"Made","source":"app","account":"000000000000",\
                "time":"2026-01-01T00:00:00Z","region":"us-east-1","resources":[],"detail":{"n":1}}
                """)
        #expect(host.sink.payloads.count == 2)
    }

    @Test(arguments: ["text", "[1]", #""{}""#, "{"]) func aDetailThatIsNoObjectIsRefused(_ detail: String) async throws
    {
        let host = try Host()
        let results = try await host.buses.put([BusEvent(BusKey(Scope()), entry(detail))], origin: Scope())
        #expect(results == [.failure(EntryError(code: "MalformedDetail", message: "Detail is malformed."))])
    }

    /// What is accepted is matched: the deepest detail too, to which the envelope adds a level.
    @Test(arguments: [(999, true), (1000, false)])
    func theDeepestDetailThatIsAcceptedIsMatched(_ depth: Int, _ isAccepted: Bool) async throws {
        let host = try Host()
        let bus = BusKey(Scope())
        try await rule("deep", #"{"source":["app"]}"#, ["Arn": .string(Self.queue)], on: bus, host)
        let detail = String(repeating: #"{"a":"#, count: depth - 1) + "{}" + String(repeating: "}", count: depth - 1)
        let results = try await host.buses.put([BusEvent(bus, entry(detail))], origin: Scope())
        #expect(((try? results[0].get()) != nil) == isAccepted)
        #expect(host.sink.payloads.count == (isAccepted ? 1 : 0))
    }

    /// Nothing of a failed transaction is routed by, and what is removed stops at once.
    @Test func changesTakeEffectWithTheirCommit() async throws {
        struct Failure: Error {}
        let host = try Host()
        let bus = BusKey(Scope())
        try? await host.temporary.database.write { transaction in
            try host.buses.putRule(EventRule(RuleKey(bus, "x"), pattern: #"{"source":["app"]}"#), in: transaction)
            let target = RuleTarget(definition: ["Id": "q", "Arn": .string(Self.queue)])
            try host.buses.putTargets([target], of: RuleKey(bus, "x"), in: transaction)
            throw Failure()
        }
        _ = try await host.buses.put([BusEvent(bus, entry("{}"))], origin: Scope())
        #expect(host.sink.payloads.isEmpty)
        try await rule("x", #"{"source":["app"]}"#, ["Arn": .string(Self.queue)], on: bus, host)
        _ = try await host.buses.put([BusEvent(bus, entry("{}"))], origin: Scope())
        #expect(host.sink.payloads.count == 1)
        try await host.temporary.database.write { try host.buses.setRule(RuleKey(bus, "x"), isEnabled: false, in: $0) }
        _ = try await host.buses.put([BusEvent(bus, entry("{}"))], origin: Scope())
        #expect(host.sink.payloads.count == 1)
    }

    @Test func whatIsRoutedSurvivesARestart() async throws {
        let host = try Host()
        let bus = BusKey(Scope())
        try await rule("x", #"{"source":["app"]}"#, ["Arn": .string(Self.queue)], on: bus, host)
        let second = try Host(host.temporary)
        try await second.buses.load()
        _ = try await second.buses.put([BusEvent(bus, entry("{}"))], origin: Scope())
        #expect(second.sink.payloads.count == 1)
    }

    @Test func aReplayPutsArchivedEventsOnceMoreWithItsName() async throws {
        let host = try Host()
        let bus = BusKey(Scope())
        try await rule("x", #"{"source":["app"]}"#, ["Arn": .string(Self.queue)], on: bus, host)
        let archive = try await host.temporary.database.write { transaction in
            try host.buses.createArchive(
                "all", of: bus, summary: nil, pattern: nil, retentionDays: 0, in: transaction)
        }
        _ = try await host.buses.put([BusEvent(bus, entry(#"{"n":1}"#))], origin: Scope())
        let start = host.clock.now
        let replay = EventReplay(
            Scope(), name: "again", archive: archive.arn, destination: bus, start: start,
            end: start.adding(milliseconds: 1000), at: start)
        try await host.temporary.database.write { try host.buses.startReplay(replay, in: $0) }
        await host.clock.advance(by: 2000)
        #expect(try await host.buses.advanceReplays() == false)
        let replayed = try #require(host.sink.payloads.last)
        #expect(replayed.contains(#""region":"us-east-1","replay-name":"again","resources":[]"#))
        let done = try await host.temporary.database.read { try host.buses.replay("again", Scope(), in: $0) }
        #expect(done.state == .completed)
    }

    @Test func replaysThatAreCalledOffLeaveRoomForOthers() async throws {
        let host = try Host()
        let bus = BusKey(Scope())
        let archive = try await host.temporary.database.write { transaction in
            try host.buses.createArchive(
                "all", of: bus, summary: nil, pattern: nil, retentionDays: 0, in: transaction)
        }
        let start = host.clock.now
        func begin(_ name: String) async throws {
            let replay = EventReplay(
                Scope(), name: name, archive: archive.arn, destination: bus, start: start,
                end: start.adding(milliseconds: 1000), at: start)
            try await host.temporary.database.write { try host.buses.startReplay(replay, in: $0) }
        }
        func state(_ name: String) async throws -> EventReplay.State {
            try await host.temporary.database.read { try host.buses.replay(name, Scope(), in: $0).state }
        }
        for number in 0..<EventReplay.activeLimit { try await begin("r\(number)") }
        await #expect(throws: BusError.self) { try await begin("more") }
        _ = try await host.temporary.database.write { try host.buses.cancelReplay("r0", Scope(), in: $0) }
        #expect(try await state("r0") == .cancelling)
        try await begin("more")
        _ = try await host.buses.advanceReplays()
        #expect(try await state("r0") == .cancelled)
    }
}
