import Core
public import Storage

/// Parameters in the database, every version a row.
public struct ParameterStore: Sendable {
    public static let schema = [
        Migration(
            "parameters", 1,
            [
                """
                CREATE TABLE parameters (
                    account TEXT NOT NULL, region TEXT NOT NULL, key TEXT NOT NULL, version BIGINT NOT NULL,
                    name TEXT NOT NULL, type TEXT NOT NULL, value TEXT NOT NULL, tier TEXT NOT NULL,
                    data_type TEXT NOT NULL, description TEXT, key_id TEXT, allowed_pattern TEXT, labels TEXT NOT NULL,
                    modified_at BIGINT NOT NULL, modified_by TEXT NOT NULL, is_latest BIGINT NOT NULL,
                    PRIMARY KEY (account, region, key, version)
                )
                """,
                "CREATE UNIQUE INDEX parameters_latest ON parameters (account, region, key) WHERE is_latest = 1",
            ])
    ]

    private static let columns = """
        name, version, type, value, tier, data_type, description, key_id, allowed_pattern, labels, modified_at, \
        modified_by, account, region
        """

    func latest(_ key: String, _ scope: Scope, in transaction: Transaction) throws -> StoredParameter? {
        try transaction.first(
            """
            SELECT \(Self.columns) FROM parameters
            WHERE account = $1 AND region = $2 AND key = $3 AND is_latest = 1
            """, .text(scope.account), .text(scope.region), .text(key)
        ).map(Self.parameter)
    }

    /// The oldest first.
    func versions(_ key: String, _ scope: Scope, in transaction: Transaction) throws -> [StoredParameter] {
        try transaction.query(
            """
            SELECT \(Self.columns) FROM parameters WHERE account = $1 AND region = $2 AND key = $3 ORDER BY version
            """, .text(scope.account), .text(scope.region), .text(key)
        ).map(Self.parameter)
    }

    /// The latest version of each, in the order of their names.
    func all(of scope: Scope, in transaction: Transaction) throws -> [StoredParameter] {
        try transaction.query(
            """
            SELECT \(Self.columns) FROM parameters WHERE account = $1 AND region = $2 AND is_latest = 1 ORDER BY name
            """, .text(scope.account), .text(scope.region)
        ).map(Self.parameter)
    }

    private static func parameter(_ row: Row) throws -> StoredParameter {
        let labels = try JSON(parsing: Array(row.text(9).utf8)).arrayValue ?? []
        return StoredParameter(
            scope: Scope(account: try row.text(12), region: try row.text(13)), name: try row.text(0),
            version: try row.int(1), type: try row.text(2), value: try row.text(3), tier: try row.text(4),
            dataType: try row.text(5), description: try row.textOrNil(6), keyID: try row.textOrNil(7),
            allowedPattern: try row.textOrNil(8), labels: labels.compactMap(\.stringValue),
            modifiedAt: try row.time(10), modifiedBy: try row.text(11))
    }

    /// Adds a version, which is the latest one from then on.
    func add(_ parameter: StoredParameter, in transaction: Transaction) throws {
        let key = ParameterReference.key(parameter.name)
        let (account, region) = (parameter.scope.account, parameter.scope.region)
        try transaction.execute(
            """
            UPDATE parameters SET is_latest = 0 WHERE account = $1 AND region = $2 AND key = $3 AND is_latest = 1
            """, .text(account), .text(region), .text(key))
        try transaction.execute(
            """
            INSERT INTO parameters (
                account, region, key, version, name, type, value, tier, data_type, description, key_id,
                allowed_pattern, labels, modified_at, modified_by, is_latest)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 1)
            """,
            .text(account), .text(region), .text(key), .int(parameter.version), .text(parameter.name),
            .text(parameter.type), .text(parameter.value), .text(parameter.tier), .text(parameter.dataType),
            .optional(parameter.description), .optional(parameter.keyID), .optional(parameter.allowedPattern),
            .text(Self.text(parameter.labels)), .time(parameter.modifiedAt), .text(parameter.modifiedBy))
    }

    func set(labels: [String], of parameter: StoredParameter, in transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE parameters SET labels = $5 WHERE account = $1 AND region = $2 AND key = $3 AND version = $4",
            .text(parameter.scope.account), .text(parameter.scope.region),
            .text(ParameterReference.key(parameter.name)), .int(parameter.version), .text(Self.text(labels)))
    }

    private static func text(_ labels: [String]) -> String { JSON.array(labels.map(JSON.string)).text() }

    func remove(_ parameter: StoredParameter, in transaction: Transaction) throws {
        try transaction.execute(
            "DELETE FROM parameters WHERE account = $1 AND region = $2 AND key = $3 AND version = $4",
            .text(parameter.scope.account), .text(parameter.scope.region),
            .text(ParameterReference.key(parameter.name)), .int(parameter.version))
    }

    /// Removes every version.
    func removeAll(_ key: String, _ scope: Scope, in transaction: Transaction) throws {
        try transaction.execute(
            "DELETE FROM parameters WHERE account = $1 AND region = $2 AND key = $3", .text(scope.account),
            .text(scope.region), .text(key))
    }
}
