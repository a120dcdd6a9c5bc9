public import Core
public import Metering
public import Schedules
public import ServiceLifecycle
public import Storage

/// What fires the schedules of rules: puts the scheduled event to the rule's targets.
public protocol ScheduledRules: Sendable {
    func fire(_ key: ScheduleKey, at scheduledTime: Timestamp, in transaction: Transaction) throws
}

/// Fires what is due. One alarm waits for the earliest due instant of all schedules, so that waiting schedules cost
/// nothing; due ones are taken in batches, and the transaction that writes the deliveries writes the next due instants.
public final class ScheduleRunner: Service, Sendable {
    /// Schedules of one transaction.
    private static let batchSize = 250
    /// A firing that comes no later than this after its due time counts as on time: the scheduler's own precision.
    private static let tolerance: Int64 = 60_000

    public let store: ScheduleStore
    let database: Database
    let clock: any HostClock
    private let outbox: Outbox
    private let meter: Meter
    private let random: any RandomSource
    private let rules: any ScheduledRules
    private let policy: MissedFiringsPolicy

    /// - Parameter policy: what becomes of firings that were missed while the host was down.
    public init(
        database: Database, store: ScheduleStore, outbox: Outbox, meter: Meter, rules: any ScheduledRules,
        random: any RandomSource = SystemRandomSource(), policy: MissedFiringsPolicy = .standard
    ) {
        self.database = database
        self.store = store
        clock = store.clock
        self.outbox = outbox
        self.meter = meter
        self.random = random
        self.rules = rules
        self.policy = policy
    }

    public func run() async throws {
        let store = store
        if let due = try await database.read({ try store.nextDue(in: $0) }) { store.alarm.set(for: due) }
        await withGracefulShutdownHandler {
            await store.alarm.run { await self.fireDue() }
        } onGracefulShutdown: {
            store.alarm.stop()
        }
    }

    private func fireDue() async {
        do {
            var next = try await fireBatch()
            while let due = next, due <= clock.now, !Task.isShuttingDownGracefully {
                next = try await fireBatch()
            }
            if let next { store.alarm.set(for: next) }
        } catch {
            store.alarm.set(for: clock.now.adding(milliseconds: 1000))
        }
    }

    /// Fires one batch and says when the next schedule is due.
    private func fireBatch() async throws -> Timestamp? {
        let now = clock.now
        return try await database.write { transaction in
            for row in try self.store.due(at: now, limit: Self.batchSize, in: transaction) {
                try self.fire(row, now: now, in: transaction)
            }
            return try self.store.nextDue(in: transaction)
        }
    }

    /// A schedule that cannot be read or fired holds up no other: it is tried again in an hour.
    private func fire(_ row: Row, now: Timestamp, in transaction: Transaction) throws {
        do {
            try transaction.savepoint { try fire(try store.decode(row), now: now, in: transaction) }
        } catch let error as StorageError {
            throw error
        } catch {
            try transaction.execute(
                "UPDATE schedules SET due_at = $2 WHERE id = $1", .integer(try row.int64(0)),
                .time(now.adding(milliseconds: 3_600_000)))
        }
    }

    private func fire(_ stored: StoredSchedule, now: Timestamp, in transaction: Transaction) throws {
        guard let next = stored.next, let due = stored.due else { return }
        let schedule = stored.definition.schedule
        var advanced = stored
        if now.milliseconds(since: due) <= Self.tolerance {
            try invoke(stored.definition, at: next, in: transaction)
            advanced.schedule(after: next)
        } else {
            // Within a flexible window later firings may be due without having been missed.
            let window = Int64(schedule.window.maximumMinutes) * 60_000
            let horizon = max(now.adding(milliseconds: -window), next)
            let missed = schedule.missed(after: stored.handled, now: horizon, policy: policy(for: stored.definition))
            if let late = missed.late { try invoke(stored.definition, at: late, in: transaction) }
            advanced.schedule(after: horizon)
        }
        if advanced.next == nil, stored.definition.completion == .delete {
            try store.remove(stored.definition.key, in: transaction)
        } else {
            try store.setFirings(of: advanced, in: transaction)
        }
    }

    /// A late firing is no older than the age at which its delivery would be given up.
    private func policy(for definition: ScheduleDefinition) -> MissedFiringsPolicy {
        guard case .coalesce(let lateness) = policy, let age = definition.target?.maximumAge else { return policy }
        return .coalesce(maximumLateness: min(lateness, Int64(age) * 1000))
    }

    private func invoke(_ definition: ScheduleDefinition, at time: Timestamp, in transaction: Transaction) throws {
        guard let target = definition.target else {
            return try rules.fire(definition.key, at: time, in: transaction)
        }
        let id = UUIDText.make(high: random.nextUInt64(), low: random.nextUInt64())
        let invocation = ScheduledInvocation(
            definition: definition, target: target, scheduledTime: time, executionID: id)
        try outbox.enqueue(invocation.delivery, in: transaction)
        meter.record(
            .scheduledInvocation(by: definition.key.arn, in: definition.key.scope, at: clock.now), in: transaction)
    }
}

extension ScheduleRunner {
    // MARK: For the command line

    /// Fires a schedule once now, whatever its state; its own firings stay as they are.
    public func fireNow(_ key: ScheduleKey) async throws {
        let now = clock.now
        try await database.write { transaction in
            try self.invoke(try self.store.get(key, in: transaction).definition, at: now, in: transaction)
        }
    }

    /// The next firings of a schedule, without the delays of a flexible window; none when it is disabled.
    ///
    /// - Parameter count: at most 1,000 are told.
    public func nextFirings(of key: ScheduleKey, count: Int) async throws -> [Timestamp] {
        let store = store
        let stored = try await database.read { try store.get(key, in: $0) }
        guard stored.definition.isEnabled else { return [] }
        var firings: [Timestamp] = []
        var cursor = stored.next
        while let firing = cursor, firings.count < min(count, 1000) {
            firings.append(firing)
            cursor = stored.definition.schedule.next(after: firing)
        }
        return firings
    }

    /// The schedules that fire next, of one scope, earliest first.
    public func upcoming(_ scope: Scope, limit: Int = 100) async throws -> [StoredSchedule] {
        let store = store
        return try await database.read { transaction in
            try transaction.query(
                ScheduleStore.select
                    + " WHERE account = $1 AND region = $2 AND due_at IS NOT NULL ORDER BY due_at LIMIT $3",
                .text(scope.account), .text(scope.region), .int(limit)
            ).map(store.decode)
        }
    }
}
