import Core
import Schedules
public import Storage

extension ScheduleStore {
    public static let schema = [
        Migration(
            "schedules", 1,
            [
                """
                CREATE TABLE schedules (
                    id BIGINT PRIMARY KEY,
                    owner TEXT NOT NULL,
                    account TEXT NOT NULL,
                    region TEXT NOT NULL,
                    group_name TEXT NOT NULL,
                    name TEXT NOT NULL,
                    is_enabled BIGINT NOT NULL,
                    expression TEXT NOT NULL,
                    zone TEXT NOT NULL,
                    start_at BIGINT,
                    end_at BIGINT,
                    window_minutes BIGINT NOT NULL,
                    anchor_at BIGINT NOT NULL,
                    created_at BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL,
                    details TEXT NOT NULL,
                    handled_at BIGINT NOT NULL,
                    next_at BIGINT,
                    due_at BIGINT,
                    UNIQUE (owner, account, region, group_name, name)
                )
                """,
                "CREATE INDEX schedules_by_due ON schedules (due_at) WHERE due_at IS NOT NULL",
                """
                CREATE TABLE schedule_groups (
                    account TEXT NOT NULL,
                    region TEXT NOT NULL,
                    name TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    updated_at BIGINT NOT NULL,
                    PRIMARY KEY (account, region, name)
                )
                """,
            ])
    ]

    static let select = """
        SELECT id, owner, account, region, group_name, name, is_enabled, expression, zone, start_at, end_at,
            window_minutes, anchor_at, created_at, updated_at, details, handled_at, next_at, due_at
        FROM schedules
        """

    func insert(_ stored: StoredSchedule, in transaction: Transaction) throws {
        let key = stored.definition.key
        try transaction.execute(
            """
            INSERT INTO schedules (id, is_enabled, expression, zone, start_at, end_at, window_minutes, anchor_at,
                created_at, updated_at, details, handled_at, next_at, due_at, owner, account, region, group_name, name)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
            """,
            Self.values(stored) + [
                .text(key.owner.rawValue), .text(key.scope.account), .text(key.scope.region), .text(key.group),
                .text(key.name),
            ])
    }

    func replace(_ stored: StoredSchedule, in transaction: Transaction) throws {
        try transaction.execute(
            """
            UPDATE schedules SET is_enabled = $2, expression = $3, zone = $4, start_at = $5, end_at = $6,
                window_minutes = $7, anchor_at = $8, created_at = $9, updated_at = $10, details = $11,
                handled_at = $12, next_at = $13, due_at = $14
            WHERE id = $1
            """, Self.values(stored))
    }

    func setFirings(of stored: StoredSchedule, in transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE schedules SET handled_at = $2, next_at = $3, due_at = $4 WHERE id = $1", .integer(stored.id),
            .time(stored.handled), .time(stored.next), .time(stored.due))
    }

    private static func values(_ stored: StoredSchedule) -> [SQLValue] {
        let definition = stored.definition
        let schedule = definition.schedule
        var details: JSONObject = [:]
        details["target"] = definition.target?.stored
        if definition.completion == .delete { details["completion"] = .string(definition.completion.rawValue) }
        details["summary"] = definition.summary.map(JSON.string)
        details["kmsKey"] = definition.kmsKeyARN.map(JSON.string)
        return [
            .integer(stored.id), .bool(definition.isEnabled), .text(schedule.expression.source),
            .text(schedule.zone.name), .time(schedule.start), .time(schedule.end),
            .int(schedule.window.maximumMinutes), .time(schedule.created), .time(definition.createdAt),
            .time(definition.updatedAt), .text(JSON.object(details).text()), .time(stored.handled),
            .time(stored.next), .time(stored.due),
        ]
    }

    /// Fails when the zone's file has gone away since the schedule was made.
    func decode(_ row: Row) throws -> StoredSchedule {
        let owner = ScheduleOwner(rawValue: try row.text(1)) ?? .scheduler
        let key = ScheduleKey(
            owner, Scope(account: try row.text(2), region: try row.text(3)), group: try row.text(4),
            name: try row.text(5))
        let expression = try ScheduleExpression(try row.text(7), dialect: owner == .rule ? .rule : .scheduler)
        let schedule = Schedule(
            expression, zone: try zones.zone(named: try row.text(8)), created: try row.time(12),
            start: try row.timeOrNil(9), end: try row.timeOrNil(10),
            window: FlexibleTimeWindow(maximumMinutes: try row.int(11)) ?? .off)
        let details = try JSON(parsing: try row.text(15))
        var definition = ScheduleDefinition(
            key, schedule, isEnabled: try row.bool(6), target: details["target"].map(ScheduleTarget.init(stored:)),
            completion: details["completion"]?.stringValue.flatMap(ScheduleDefinition.Completion.init) ?? .keep,
            summary: details["summary"]?.stringValue, kmsKeyARN: details["kmsKey"]?.stringValue)
        definition.createdAt = try row.time(13)
        definition.updatedAt = try row.time(14)
        return StoredSchedule(
            id: try row.int64(0), definition: definition, handled: try row.time(16), next: try row.timeOrNil(17),
            due: try row.timeOrNil(18))
    }
}
