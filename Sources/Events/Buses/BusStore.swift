import Core
import Storage

/// Buses, rules and targets in the database. Every function works within the caller's transaction.
struct BusStore: Sendable {
    // MARK: Buses

    func insert(_ bus: EventBus, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO event_buses (account, region, name, summary, policy, created_at, updated_at, settings)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (account, region, name) DO UPDATE SET summary = $4, policy = $5, updated_at = $7, settings = $8
            """,
            .text(bus.key.scope.account), .text(bus.key.scope.region), .text(bus.key.name), .optional(bus.summary),
            .optional(bus.policy?.text()), .time(bus.createdAt), .time(bus.updatedAt),
            .text(JSON.object(bus.settings).text()))
    }

    func delete(_ key: BusKey, in transaction: Transaction) throws {
        try transaction.execute(
            """
            DELETE FROM event_targets WHERE rule_id IN
            (SELECT id FROM event_rules WHERE account = $1 AND region = $2 AND bus = $3)
            """, Self.parameters(key))
        try transaction.execute(
            "DELETE FROM event_rules WHERE account = $1 AND region = $2 AND bus = $3", Self.parameters(key))
        try transaction.execute(
            "DELETE FROM event_buses WHERE account = $1 AND region = $2 AND name = $3", Self.parameters(key))
    }

    func bus(_ key: BusKey, in transaction: Transaction) throws -> EventBus? {
        try transaction.first(
            Self.selectBuses + " WHERE account = $1 AND region = $2 AND name = $3", Self.parameters(key)
        ).map(Self.bus)
    }

    func buses(
        _ scope: Scope, namePrefix: String, after: String, limit: Int, in transaction: Transaction
    ) throws -> [EventBus] {
        try transaction.query(
            Self.selectBuses
                + """
                 WHERE account = $1 AND region = $2 AND name > $3 AND substr(name, 1, $4) = $5
                ORDER BY name LIMIT $6
                """,
            .text(scope.account), .text(scope.region), .text(after), .int(namePrefix.unicodeScalars.count),
            .text(namePrefix), .int(limit)
        ).map(Self.bus)
    }

    func allBuses(in transaction: Transaction) throws -> [EventBus] {
        try transaction.query(Self.selectBuses).map(Self.bus)
    }

    private static func parameters(_ key: BusKey) -> [SQLValue] {
        [.text(key.scope.account), .text(key.scope.region), .text(key.name)]
    }

    private static let selectBuses = """
        SELECT account, region, name, summary, policy, created_at, updated_at, settings FROM event_buses
        """

    private static func bus(_ row: Row) throws -> EventBus {
        let key = BusKey(Scope(account: try row.text(0), region: try row.text(1)), try row.text(2))
        var bus = EventBus(
            key, summary: try row.textOrNil(3), policy: try row.textOrNil(4).flatMap { try? JSON(parsing: $0) },
            at: try row.time(5), settings: (try? JSON(parsing: try row.text(7)))?.objectValue ?? [:])
        bus.updatedAt = try row.time(6)
        return bus
    }

    // MARK: Rules

    func put(_ rule: EventRule, id: Int64, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO event_rules (id, account, region, bus, name, pattern, schedule, state, summary, role)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (account, region, bus, name) DO UPDATE SET
                pattern = $6, schedule = $7, state = $8, summary = $9, role = $10
            """,
            [.integer(id)] + Self.parameters(rule.key) + [
                .optional(rule.pattern), .optional(rule.schedule), .text(rule.state), .optional(rule.summary),
                .optional(rule.roleARN),
            ])
    }

    func delete(_ key: RuleKey, in transaction: Transaction) throws {
        guard let id = try identifier(of: key, in: transaction) else { return }
        try transaction.execute("DELETE FROM event_targets WHERE rule_id = $1", .integer(id))
        try transaction.execute("DELETE FROM event_rules WHERE id = $1", .integer(id))
    }

    func rule(_ key: RuleKey, in transaction: Transaction) throws -> EventRule? {
        try transaction.first(
            Self.selectRules + " WHERE account = $1 AND region = $2 AND bus = $3 AND name = $4", Self.parameters(key)
        ).map(Self.rule)
    }

    func identifier(of key: RuleKey, in transaction: Transaction) throws -> Int64? {
        try transaction.first(
            "SELECT id FROM event_rules WHERE account = $1 AND region = $2 AND bus = $3 AND name = $4",
            Self.parameters(key))?.int64(0)
    }

    func rules(
        of bus: BusKey, namePrefix: String, after: String, limit: Int, in transaction: Transaction
    ) throws -> [EventRule] {
        try transaction.query(
            Self.selectRules
                + """
                 WHERE account = $1 AND region = $2 AND bus = $3 AND name > $4 AND substr(name, 1, $5) = $6
                ORDER BY name LIMIT $7
                """,
            Self.parameters(bus) + [
                .text(after), .int(namePrefix.unicodeScalars.count), .text(namePrefix), .int(limit),
            ]
        ).map(Self.rule)
    }

    func ruleNames(
        of bus: BusKey, target arn: String, after: String, limit: Int, in transaction: Transaction
    ) throws -> [String] {
        try transaction.query(
            """
            SELECT DISTINCT r.name FROM event_rules AS r JOIN event_targets AS t ON t.rule_id = r.id
            WHERE r.account = $1 AND r.region = $2 AND r.bus = $3 AND t.arn = $4 AND r.name > $5
            ORDER BY r.name LIMIT $6
            """, Self.parameters(bus) + [.text(arn), .text(after), .int(limit)]
        ).map { row in try row.text(0) }
    }

    func allRules(in transaction: Transaction) throws -> [EventRule] {
        try transaction.query(Self.selectRules).map(Self.rule)
    }

    private static func parameters(_ key: RuleKey) -> [SQLValue] { parameters(key.bus) + [.text(key.name)] }

    private static let selectRules = """
        SELECT account, region, bus, name, pattern, schedule, state, summary, role FROM event_rules
        """

    private static func rule(_ row: Row) throws -> EventRule {
        let bus = BusKey(Scope(account: try row.text(0), region: try row.text(1)), try row.text(2))
        return EventRule(
            RuleKey(bus, try row.text(3)), pattern: try row.textOrNil(4), schedule: try row.textOrNil(5),
            state: try row.text(6), summary: try row.textOrNil(7), roleARN: try row.textOrNil(8))
    }

    // MARK: Targets

    func put(_ target: RuleTarget, of rule: Int64, position: Int64, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO event_targets (rule_id, target_id, position, arn, definition) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (rule_id, target_id) DO UPDATE SET arn = $4, definition = $5
            """,
            .integer(rule), .text(target.id), .integer(position), .text(target.arn),
            .text(JSON.object(target.definition).text()))
    }

    /// Whether there was such a target.
    func deleteTarget(_ id: String, of rule: Int64, in transaction: Transaction) throws -> Bool {
        try transaction.execute(
            "DELETE FROM event_targets WHERE rule_id = $1 AND target_id = $2", .integer(rule), .text(id)) > 0
    }

    func targets(of rule: RuleKey, in transaction: Transaction) throws -> [RuleTarget] {
        guard let id = try identifier(of: rule, in: transaction) else { return [] }
        return try transaction.query(
            "SELECT definition FROM event_targets WHERE rule_id = $1 ORDER BY position, target_id", .integer(id)
        ).map { row in
            RuleTarget(definition: (try? JSON(parsing: try row.text(0)))?.objectValue ?? [:])
        }
    }
}
