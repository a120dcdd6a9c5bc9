import Core
import Storage

/// Definitions in the database. Every function works within the caller's transaction.
struct LogDefinitionStore: Sendable {
    static let schema = [
        Migration(
            "logs-definitions", 1,
            [
                """
                CREATE TABLE logs_definitions (
                    account TEXT NOT NULL, region TEXT NOT NULL, kind TEXT NOT NULL, group_name TEXT NOT NULL,
                    name TEXT NOT NULL, body TEXT NOT NULL, created_at BIGINT NOT NULL,
                    PRIMARY KEY (account, region, kind, group_name, name)
                )
                """
            ])
    ]

    func put(_ definition: LogDefinition, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO logs_definitions (account, region, kind, group_name, name, body, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (account, region, kind, group_name, name) DO UPDATE SET body = $6
            """,
            .text(definition.scope.account), .text(definition.scope.region), .text(definition.kind.rawValue),
            .text(definition.group), .text(definition.name), .text(JSON.object(definition.body).text()),
            .time(definition.createdAt))
    }

    /// Whether there was one.
    func delete(
        _ kind: LogDefinition.Kind, _ scope: Scope, group: String, name: String, in transaction: Transaction
    ) throws -> Bool {
        try transaction.execute(
            """
            DELETE FROM logs_definitions
            WHERE account = $1 AND region = $2 AND kind = $3 AND group_name = $4 AND name = $5
            """,
            .text(scope.account), .text(scope.region), .text(kind.rawValue), .text(group), .text(name)) > 0
    }

    func deleteAll(ofGroup group: String, _ scope: Scope, in transaction: Transaction) throws {
        try transaction.execute(
            "DELETE FROM logs_definitions WHERE account = $1 AND region = $2 AND group_name = $3",
            .text(scope.account), .text(scope.region), .text(group))
    }

    /// Definitions in the order of their kind, beginning after a place.
    func list(
        _ kind: LogDefinition.Kind, _ scope: Scope, group: String?, prefix: String, after: (String, String),
        limit: Int, in transaction: Transaction
    ) throws -> [LogDefinition] {
        let (order, place) =
            kind.isListedByAge
            ? ("created_at, name", "$4, $5") : ("name, group_name", "$5, $4")
        let first: SQLValue = kind.isListedByAge ? .int(Int(after.0) ?? 0) : .text(after.0)
        return try transaction.query(
            """
            SELECT group_name, name, body, created_at FROM logs_definitions
            WHERE account = $1 AND region = $2 AND kind = $3 AND (\(order)) > (\(place))
                AND substr(name, 1, $6) = $7 AND ($8 IS NULL OR group_name = $8)
            ORDER BY \(order) LIMIT $9
            """,
            .text(scope.account), .text(scope.region), .text(kind.rawValue), first, .text(after.1),
            .int(prefix.unicodeScalars.count), .text(prefix), .optional(group), .int(limit)
        ).map { row in
            LogDefinition(
                kind, scope, group: try row.text(0), name: try row.text(1),
                body: (try? JSON(parsing: try row.text(2)))?.objectValue ?? [:], at: try row.time(3))
        }
    }

    func find(
        _ kind: LogDefinition.Kind, _ scope: Scope, group: String, name: String, in transaction: Transaction
    ) throws -> LogDefinition? {
        try transaction.first(
            """
            SELECT body, created_at FROM logs_definitions
            WHERE account = $1 AND region = $2 AND kind = $3 AND group_name = $4 AND name = $5
            """,
            .text(scope.account), .text(scope.region), .text(kind.rawValue), .text(group), .text(name)
        ).map { row in
            LogDefinition(
                kind, scope, group: group, name: name,
                body: (try? JSON(parsing: try row.text(0)))?.objectValue ?? [:], at: try row.time(1))
        }
    }
}
