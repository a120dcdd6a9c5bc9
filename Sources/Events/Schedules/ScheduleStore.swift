public import Core
public import Schedules
public import Storage

/// All schedules of the host, those of EventBridge Scheduler and those of rules, in one table that is indexed by the
/// next due instant.
///
/// Every function works within the caller's transaction; after its commit the one alarm is set for what became due
/// earlier.
public final class ScheduleStore: Sendable {
    public let zones: TimeZoneDatabase
    let clock: any HostClock
    let alarm: Alarm
    private let identifiers: IdentifierSequence

    public init(
        clock: any HostClock, identifiers: IdentifierSequence, zones: TimeZoneDatabase = TimeZoneDatabase()
    ) {
        self.clock = clock
        self.identifiers = identifiers
        self.zones = zones
        alarm = Alarm(clock: clock)
    }

    // MARK: Changing

    /// Adds a schedule; its first firing is the first one from now on (a rate of the scheduler fires at once).
    @discardableResult
    public func create(_ definition: ScheduleDefinition, in transaction: Transaction) throws -> StoredSchedule {
        let key = definition.key
        guard try find(key, in: transaction) == nil else {
            throw ScheduleError(.alreadyExists, "Schedule \(key.name) already exists.")
        }
        var stored = StoredSchedule(id: identifiers.next(), definition: definition, handled: clock.now)
        stored.definition.createdAt = clock.now
        stored.definition.updatedAt = clock.now
        stored.schedule(after: clock.now.adding(milliseconds: -1))
        try insert(stored, in: transaction)
        announce(stored.due, in: transaction)
        return stored
    }

    /// Replaces everything about a schedule but its name and age. A firing that was pending is dropped, and a rate
    /// counts from now on when the expression or its start has changed.
    @discardableResult
    public func update(_ definition: ScheduleDefinition, in transaction: Transaction) throws -> StoredSchedule {
        guard var stored = try find(definition.key, in: transaction) else { throw Self.missing(definition.key) }
        let (old, createdAt) = (stored.definition.schedule, stored.definition.createdAt)
        stored.definition = definition
        stored.definition.createdAt = createdAt
        stored.definition.updatedAt = clock.now
        let isSame = old.expression == definition.schedule.expression && old.start == definition.schedule.start
        stored.definition.schedule.created = isSame ? old.created : clock.now
        stored.schedule(after: clock.now)
        try replace(stored, in: transaction)
        announce(stored.due, in: transaction)
        return stored
    }

    /// Adds the schedule or replaces the one of its name.
    @discardableResult
    public func put(_ definition: ScheduleDefinition, in transaction: Transaction) throws -> StoredSchedule {
        try find(definition.key, in: transaction) == nil
            ? create(definition, in: transaction) : update(definition, in: transaction)
    }

    /// Removes a schedule. What it has handed over already is still delivered.
    public func delete(_ key: ScheduleKey, in transaction: Transaction) throws {
        guard try remove(key, in: transaction) else { throw Self.missing(key) }
    }

    /// Removes a schedule if there is one.
    @discardableResult
    public func remove(_ key: ScheduleKey, in transaction: Transaction) throws -> Bool {
        try transaction.execute(
            """
            DELETE FROM schedules
            WHERE owner = $1 AND account = $2 AND region = $3 AND group_name = $4 AND name = $5
            """, Self.parameters(key)) > 0
    }

    // MARK: Reading

    public func find(_ key: ScheduleKey, in transaction: Transaction) throws -> StoredSchedule? {
        try transaction.first(
            Self.select + " WHERE owner = $1 AND account = $2 AND region = $3 AND group_name = $4 AND name = $5",
            Self.parameters(key)
        ).map(decode)
    }

    public func get(_ key: ScheduleKey, in transaction: Transaction) throws -> StoredSchedule {
        guard let found = try find(key, in: transaction) else { throw Self.missing(key) }
        return found
    }

    /// Schedules in the order of group and name, beginning after a place.
    public func list(
        _ owner: ScheduleOwner = .scheduler, _ scope: Scope, group: String? = nil, namePrefix: String = "",
        isEnabled: Bool? = nil, after: (group: String, name: String) = ("", ""), limit: Int,
        in transaction: Transaction
    ) throws -> [StoredSchedule] {
        try transaction.query(
            Self.select
                + """
                 WHERE owner = $1 AND account = $2 AND region = $3 AND (group_name, name) > ($4, $5)
                AND substr(name, 1, $6) = $7 AND ($8 IS NULL OR group_name = $8) AND ($9 IS NULL OR is_enabled = $9)
                ORDER BY group_name, name LIMIT $10
                """,
            .text(owner.rawValue), .text(scope.account), .text(scope.region), .text(after.group), .text(after.name),
            .int(namePrefix.unicodeScalars.count), .text(namePrefix), .optional(group),
            isEnabled.map { .bool($0) } ?? .null, .int(limit)
        ).map(decode)
    }

    /// The schedules that are due, first due first.
    func due(at now: Timestamp, limit: Int, in transaction: Transaction) throws -> [Row] {
        try transaction.query(
            Self.select + " WHERE due_at <= $1 ORDER BY due_at LIMIT $2", .time(now), .int(limit))
    }

    func nextDue(in transaction: Transaction) throws -> Timestamp? {
        try transaction.first("SELECT MIN(due_at) FROM schedules WHERE due_at IS NOT NULL")?.timeOrNil(0)
    }

    // MARK: Internal

    static func missing(_ key: ScheduleKey) -> ScheduleError {
        ScheduleError(.doesNotExist, "Schedule \(key.name) does not exist.")
    }

    func announce(_ due: Timestamp?, in transaction: Transaction) {
        guard let due else { return }
        let alarm = alarm
        transaction.afterCommit { alarm.set(for: due) }
    }

    private static func parameters(_ key: ScheduleKey) -> [SQLValue] {
        [
            .text(key.owner.rawValue), .text(key.scope.account), .text(key.scope.region), .text(key.group),
            .text(key.name),
        ]
    }
}
