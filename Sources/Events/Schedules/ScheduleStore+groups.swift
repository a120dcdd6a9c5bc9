public import Core
public import Storage

/// A named set of schedules, which are deleted with it.
public struct ScheduleGroup: Hashable, Sendable {
    public var scope: Scope
    public var name: String
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    public var arn: String { scope.arn("scheduler", "schedule-group/\(name)").description }
}

extension ScheduleStore {
    public static let defaultGroup = "default"

    /// The group of that name. The group `default` is always there.
    public func group(_ name: String, _ scope: Scope, in transaction: Transaction) throws -> ScheduleGroup? {
        let found = try transaction.first(
            "SELECT name, created_at, updated_at FROM schedule_groups WHERE account = $1 AND region = $2 AND name = $3",
            .text(scope.account), .text(scope.region), .text(name)
        ).map { try Self.group($0, scope) }
        return found ?? (name == Self.defaultGroup ? Self.implicitGroup(scope) : nil)
    }

    /// Groups in the order of their names, beginning after a name.
    public func groups(
        _ scope: Scope, namePrefix: String = "", after: String = "", limit: Int, in transaction: Transaction
    ) throws -> [ScheduleGroup] {
        let stored = try transaction.query(
            """
            SELECT name, created_at, updated_at FROM schedule_groups
            WHERE account = $1 AND region = $2 AND name > $3 AND substr(name, 1, $4) = $5 ORDER BY name LIMIT $6
            """,
            .text(scope.account), .text(scope.region), .text(after), .int(namePrefix.unicodeScalars.count),
            .text(namePrefix), .int(limit)
        ).map { try Self.group($0, scope) }
        guard Self.defaultGroup > after, Self.defaultGroup.hasPrefix(namePrefix) else { return stored }
        let all = (stored + [Self.implicitGroup(scope)]).sorted { $0.name < $1.name }
        return Array(all.prefix(limit))
    }

    @discardableResult
    public func createGroup(_ name: String, _ scope: Scope, in transaction: Transaction) throws -> ScheduleGroup {
        guard try group(name, scope, in: transaction) == nil else {
            throw ScheduleError(.alreadyExists, "Schedule group \(name) already exists.")
        }
        let now = clock.now
        try transaction.execute(
            """
            INSERT INTO schedule_groups (account, region, name, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)
            """, .text(scope.account), .text(scope.region), .text(name), .time(now))
        return ScheduleGroup(scope: scope, name: name, createdAt: now, updatedAt: now)
    }

    /// Removes the group and its schedules.
    public func deleteGroup(_ name: String, _ scope: Scope, in transaction: Transaction) throws {
        let removed = try transaction.execute(
            "DELETE FROM schedule_groups WHERE account = $1 AND region = $2 AND name = $3", .text(scope.account),
            .text(scope.region), .text(name))
        guard removed > 0 else {
            throw ScheduleError(.groupDoesNotExist, "Schedule group \(name) does not exist.")
        }
        try transaction.execute(
            "DELETE FROM schedules WHERE owner = $1 AND account = $2 AND region = $3 AND group_name = $4",
            .text(ScheduleOwner.scheduler.rawValue), .text(scope.account), .text(scope.region), .text(name))
    }

    /// The group that every account has from the start: it was made before everything else.
    private static func implicitGroup(_ scope: Scope) -> ScheduleGroup {
        let origin = Timestamp(milliseconds: 1_668_038_400_000)
        return ScheduleGroup(scope: scope, name: defaultGroup, createdAt: origin, updatedAt: origin)
    }

    private static func group(_ row: Row, _ scope: Scope) throws -> ScheduleGroup {
        ScheduleGroup(
            scope: scope, name: try row.text(0), createdAt: try row.time(1), updatedAt: try row.time(2))
    }
}
