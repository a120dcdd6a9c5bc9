import AWSModels
import Core
public import Storage

/// Secrets in the database: their values lie there as they were given.
public struct SecretStore: Sendable {
    public static let schema = [
        Migration(
            "secrets", 1,
            [
                """
                CREATE TABLE secrets (
                    arn TEXT PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL,
                    description TEXT, kms_key TEXT, policy TEXT, owner TEXT,
                    created_at BIGINT NOT NULL, changed_at BIGINT NOT NULL, deletion_at BIGINT, deletion_ends BIGINT,
                    rotation TEXT, was_tagged BIGINT NOT NULL
                )
                """,
                "CREATE UNIQUE INDEX secrets_by_name ON secrets (account, region, name)",
                "CREATE INDEX secrets_by_end ON secrets (deletion_ends) WHERE deletion_ends IS NOT NULL",
                """
                CREATE TABLE secret_versions (
                    secret TEXT NOT NULL, id TEXT NOT NULL, created_at BIGINT NOT NULL, accessed_on BIGINT,
                    stages TEXT NOT NULL, text TEXT, bytes BYTEA, PRIMARY KEY (secret, id)
                )
                """,
            ])
    ]

    private static let columns = """
        arn, account, region, name, description, kms_key, policy, owner, created_at, changed_at, deletion_at, \
        deletion_ends, rotation, was_tagged
        """

    // MARK: Finding

    /// - Parameter now: a secret whose deletion has ended by then is gone.
    func secret(named name: String, _ scope: Scope, at now: Timestamp, in transaction: Transaction) throws -> Secret? {
        try transaction.first(
            """
            SELECT \(Self.columns) FROM secrets WHERE account = $1 AND region = $2 AND name = $3
            AND (deletion_ends IS NULL OR deletion_ends > $4)
            """, .text(scope.account), .text(scope.region), .text(name), .time(now)
        ).map { try whole($0, in: transaction) }
    }

    func secret(arn: String, at now: Timestamp, in transaction: Transaction) throws -> Secret? {
        try transaction.first(
            "SELECT \(Self.columns) FROM secrets WHERE arn = $1 AND (deletion_ends IS NULL OR deletion_ends > $2)",
            .text(arn), .time(now)
        ).map { try whole($0, in: transaction) }
    }

    /// In the order of their names, without versions.
    func secrets(of scope: Scope, at now: Timestamp, in transaction: Transaction) throws -> [Secret] {
        try transaction.query(
            """
            SELECT \(Self.columns) FROM secrets WHERE account = $1 AND region = $2
            AND (deletion_ends IS NULL OR deletion_ends > $3) ORDER BY name
            """, .text(scope.account), .text(scope.region), .time(now)
        ).map(secret)
    }

    func versions(of arn: String, in transaction: Transaction) throws -> [SecretVersion] {
        try transaction.query(
            "SELECT id, created_at, accessed_on, stages FROM secret_versions WHERE secret = $1 ORDER BY created_at, id",
            .text(arn)
        ).map { row in
            let stages = try JSON(parsing: Array(row.text(3).utf8)).arrayValue ?? []
            return SecretVersion(
                id: try row.text(0), createdAt: try row.time(1), accessedOn: try row.timeOrNil(2),
                stages: stages.compactMap(\.stringValue))
        }
    }

    /// Nil also for a version that is there and has none yet.
    func value(of version: String, _ arn: String, in transaction: Transaction) throws -> SecretValue? {
        try transaction.first(
            "SELECT text, bytes FROM secret_versions WHERE secret = $1 AND id = $2", .text(arn), .text(version)
        ).flatMap { row in
            try row.textOrNil(0).map(SecretValue.text) ?? row.blobOrNil(1).map(SecretValue.binary)
        }
    }

    private func whole(_ row: Row, in transaction: Transaction) throws -> Secret {
        var secret = try secret(row)
        secret.versions = try versions(of: secret.arn, in: transaction)
        return secret
    }

    private func secret(_ row: Row) throws -> Secret {
        let scope = Scope(account: try row.text(1), region: try row.text(2))
        var secret = Secret(try row.text(3), scope, suffix: "", at: try row.time(8))
        secret.arn = try row.text(0)
        secret.description = try row.textOrNil(4)
        secret.kmsKey = try row.textOrNil(5)
        secret.policy = try row.textOrNil(6)
        secret.owner = try row.textOrNil(7)
        secret.changedAt = try row.time(9)
        if let requested = try row.timeOrNil(10), let ends = try row.timeOrNil(11) {
            secret.deletion = Secret.Deletion(requestedAt: requested, endsAt: ends)
        }
        secret.rotation = try row.textOrNil(12).flatMap { SecretRotation(json: try JSON(parsing: Array($0.utf8))) }
        secret.wasTagged = try row.bool(13)
        return secret
    }

    // MARK: Changing

    /// Writes all of the secret but its values.
    func put(_ secret: Secret, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO secrets (\(Self.columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            ON CONFLICT (arn) DO UPDATE SET description = $5, kms_key = $6, policy = $7, owner = $8, changed_at = $10,
            deletion_at = $11, deletion_ends = $12, rotation = $13, was_tagged = $14
            """,
            .text(secret.arn), .text(secret.scope.account), .text(secret.scope.region), .text(secret.name),
            .optional(secret.description), .optional(secret.kmsKey), .optional(secret.policy), .optional(secret.owner),
            .time(secret.createdAt), .time(secret.changedAt), .time(secret.deletion?.requestedAt),
            .time(secret.deletion?.endsAt), .optional(secret.rotation?.json.text()), .bool(secret.wasTagged))
        for version in secret.versions {
            try transaction.execute(
                """
                INSERT INTO secret_versions (secret, id, created_at, accessed_on, stages) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (secret, id) DO UPDATE SET accessed_on = $4, stages = $5
                """,
                .text(secret.arn), .text(version.id), .time(version.createdAt), .time(version.accessedOn),
                .text(JSON.array(version.stages.map(JSON.string)).text()))
        }
        for id in secret.versions.superfluous {
            try transaction.execute(
                "DELETE FROM secret_versions WHERE secret = $1 AND id = $2", .text(secret.arn), .text(id))
        }
    }

    func set(_ value: SecretValue, of version: String, _ arn: String, in transaction: Transaction) throws {
        let (text, bytes): (String?, [UInt8]?) =
            switch value {
            case .text(let text): (text, nil)
            case .binary(let bytes): (nil, bytes)
            }
        try transaction.execute(
            "UPDATE secret_versions SET text = $3, bytes = $4 WHERE secret = $1 AND id = $2", .text(arn),
            .text(version), .optional(text), .optional(bytes))
    }

    /// Adds a version. The same value under the same token is the same version, another value is refused.
    func add(
        _ value: SecretValue, as token: String, stages: [String], to secret: inout Secret, at now: Timestamp,
        in transaction: Transaction
    ) throws {
        let isKnown = secret.version(token) != nil
        if isKnown, let held = try self.value(of: token, secret.arn, in: transaction) {
            guard held == value else {
                throw SecretsManager.Errors.resourceExistsException(
                    "You can't use ClientRequestToken \(token) because that value is already in use for a version of "
                        + "secret \(secret.arn).")
            }
            return try put(secret, in: transaction)
        }
        if !isKnown { secret.versions.append(SecretVersion(id: token, createdAt: now)) }
        // The first value is the current one, whatever else it is.
        let isFirst = secret.holder(of: SecretVersion.current) == nil
        secret.versions.attach(isFirst ? Array(Set(stages + [SecretVersion.current])) : stages, to: token)
        secret.changedAt = now
        try put(secret, in: transaction)
        try set(value, of: token, secret.arn, in: transaction)
    }

    func noteAccess(to version: String, of arn: String, on day: Timestamp, in transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE secret_versions SET accessed_on = $3 WHERE secret = $1 AND id = $2", .text(arn), .text(version),
            .time(day))
    }

    func remove(_ arn: String, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM secret_versions WHERE secret = $1", .text(arn))
        try transaction.execute("DELETE FROM secrets WHERE arn = $1", .text(arn))
        try TagStore().removeAll(of: arn, in: transaction)
    }

    /// Removes what nothing can bring back any more.
    func removeEnded(at now: Timestamp, in transaction: Transaction) throws {
        let ended = try transaction.query(
            "SELECT arn FROM secrets WHERE deletion_ends IS NOT NULL AND deletion_ends <= $1 LIMIT 100", .time(now))
        for row in ended { try remove(try row.text(0), in: transaction) }
    }
}
