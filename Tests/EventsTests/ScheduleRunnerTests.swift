import Core
import HostTesting
import Metering
import Schedules
import Storage
import Synchronization
import Testing

@testable import Events

@Suite struct ScheduleRunnerTests {
    /// Remembers what was delivered.
    final class Sink: TransactionalTarget, TargetDirectory {
        let deliveries = Mutex<[NewDelivery]>([])

        func target(for arn: String) -> (any DeliveryTarget)? { self }

        func accept(_ delivery: NewDelivery, in transaction: Transaction) throws -> DeliveryOutcome {
            deliveries.withLock { $0.append(delivery) }
            return .done
        }

        func deliver(_ delivery: Delivery) async -> DeliveryOutcome { .done }

        var payloads: [String] { deliveries.withLock { $0.map { String(decoding: $0.payload, as: UTF8.self) } } }
        var times: [String] {
            deliveries.withLock { $0.compactMap { $0.context["scheduledTime"]?.stringValue } }
        }
    }

    struct Host {
        let temporary: TemporaryDatabase
        let clock: VirtualClock
        let sink = Sink()
        let store: ScheduleStore
        let buses: BusService
        let runner: ScheduleRunner

        init(_ earlier: TemporaryDatabase? = nil, start: Timestamp = Timestamp(milliseconds: 1_767_225_600_000)) throws
        {
            let schema = Meter.schema + DeliveryStore.schema + ScheduleStore.schema + BusService.schema
            let temporary = try earlier ?? Database.temporary(schema: schema)
            self.temporary = temporary
            let clock = VirtualClock(start: start) {
                for _ in 0..<3 { _ = try? await temporary.database.write { _ in } }
            }
            self.clock = clock
            let identifiers = IdentifierSequence(clock: clock)
            let dispatcher = Dispatcher(
                database: temporary.database, clock: clock, targets: sink, endings: [:], identifiers: identifiers)
            store = ScheduleStore(clock: clock, identifiers: identifiers)
            let meter = Meter()
            buses = BusService(
                database: temporary.database, clock: clock, identifiers: identifiers, outbox: dispatcher.outbox,
                meter: meter, schedules: store)
            runner = ScheduleRunner(
                database: temporary.database, store: store, outbox: dispatcher.outbox, meter: meter, rules: buses)
        }

        func create(
            _ name: String, _ expression: String, input: String? = "{}", zone: String = "UTC",
            completion: ScheduleDefinition.Completion = .keep
        ) async throws {
            let schedule = Schedule(
                try ScheduleExpression(expression, dialect: .scheduler), zone: try store.zones.zone(named: zone),
                created: clock.now)
            let target = ScheduleTarget(
                arn: "arn:aws:sqs:us-east-1:1:q", roleARN: "arn:aws:iam::1:role/r", input: input)
            let definition = ScheduleDefinition(
                ScheduleKey(Scope(), name: name), schedule, target: target, completion: completion)
            try await temporary.database.write { try store.create(definition, in: $0) }
        }

        func running(_ body: @escaping @Sendable () async throws -> Void) async throws {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await runner.run() }
                await clock.waitForSleepers(1)
                try await body()
                group.cancelAll()
                store.alarm.stop()
                try await group.waitForAll()
            }
        }

        func count() async throws -> Int {
            try await temporary.database.read { try $0.first("SELECT COUNT(*) FROM schedules")?.int(0) ?? -1 }
        }
    }

    @Test func firesOnTimeAndFillsTheContextAttributesIn() async throws {
        let host = try Host()
        try await host.create(
            "noon", "cron(0 12 * * ? *)", input: "<aws.scheduler.scheduled-time> <aws.scheduler.attempt-number>")
        try await host.running { await host.clock.advance(by: 2 * 86_400_000) }
        #expect(host.sink.payloads == ["2026-01-01T12:00:00Z 1", "2026-01-02T12:00:00Z 1"])
    }

    @Test func aFinishedScheduleIsRemovedWhereThatIsWanted() async throws {
        let host = try Host()
        try await host.create("once", "at(2026-01-01T00:10:00)", completion: .delete)
        try await host.create("kept", "at(2026-01-01T00:10:00)")
        try await host.running { await host.clock.advance(by: 3_600_000) }
        #expect(host.sink.payloads.count == 2)
        #expect(try await host.count() == 1)
    }

    /// The most recent of the firings that were missed while the host was down is made up for, once.
    @Test func missedFiringsBecomeOne() async throws {
        let host = try Host()
        try await host.create("hourly", "cron(0 * * * ? *)")
        let later = try Host(host.temporary, start: host.clock.now.adding(milliseconds: 10 * 3_600_000 + 1_800_000))
        try await later.running { await later.clock.advance(by: 3_600_000) }
        #expect(later.sink.times == ["2026-01-01T10:00:00Z", "2026-01-01T11:00:00Z"])
    }

    @Test func theScheduleOfARuleReachesItsTargetsAlone() async throws {
        let host = try Host()
        let key = RuleKey(BusKey(Scope()), "tick")
        let queue = RuleTarget(definition: ["Id": "q", "Arn": "arn:aws:sqs:us-east-1:1:q"])
        try await host.temporary.database.write { transaction in
            try host.buses.putRule(EventRule(key, schedule: "rate(1 minute)"), in: transaction)
            try host.buses.putTargets([queue], of: key, in: transaction)
        }
        try await host.running { await host.clock.advance(by: 125_000) }
        let events = try host.sink.payloads.map { try JSON(parsing: $0) }
        #expect(events.map { $0["detail-type"] } == ["Scheduled Event", "Scheduled Event"])
        #expect(events.first?["resources"] == [.string(key.arn)])
        #expect(events.first?["time"] == "2026-01-01T00:01:00Z")
    }

    @Test func nextFiringsAreToldWithoutFiring() async throws {
        let host = try Host()
        try await host.create("noon", "cron(0 12 * * ? *)", zone: "Europe/Berlin")
        let firings = try await host.runner.nextFirings(of: ScheduleKey(Scope(), name: "noon"), count: 2)
        #expect(firings.map(\.description) == ["2026-01-01T11:00:00.000Z", "2026-01-02T11:00:00.000Z"])
        #expect(host.sink.payloads.isEmpty)
    }
}
