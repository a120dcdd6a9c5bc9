import AWSModels
import Core
public import Storage

/// The keys of KMS with their material, aliases and grants.
public struct KMSStore: Sendable {
    public static let schema = [
        Migration(
            "kms", 1,
            [
                """
                CREATE TABLE kms_keys (
                    account TEXT NOT NULL,
                    region TEXT NOT NULL,
                    id TEXT NOT NULL,
                    created BIGINT NOT NULL,
                    managed INTEGER NOT NULL,
                    spec TEXT NOT NULL,
                    usage TEXT NOT NULL,
                    origin TEXT NOT NULL,
                    state TEXT NOT NULL,
                    role TEXT,
                    description TEXT NOT NULL,
                    policy TEXT NOT NULL,
                    deletion_date BIGINT,
                    deletion_window INTEGER,
                    rotation_days INTEGER,
                    next_rotation BIGINT,
                    expiration TEXT,
                    valid_to BIGINT,
                    due BIGINT,
                    PRIMARY KEY (account, region, id)
                )
                """,
                "CREATE INDEX kms_keys_by_due ON kms_keys (due) WHERE due IS NOT NULL",
                "CREATE INDEX kms_keys_by_id ON kms_keys (account, id)",
                """
                CREATE TABLE kms_materials (
                    account TEXT NOT NULL,
                    key_id TEXT NOT NULL,
                    id TEXT NOT NULL,
                    number INTEGER NOT NULL,
                    state TEXT NOT NULL,
                    bytes BLOB,
                    created BIGINT NOT NULL,
                    rotated BIGINT,
                    rotation TEXT,
                    description TEXT,
                    PRIMARY KEY (account, key_id, id)
                )
                """,
                "CREATE INDEX kms_materials_by_id ON kms_materials (id)",
                """
                CREATE TABLE kms_aliases (
                    account TEXT NOT NULL,
                    region TEXT NOT NULL,
                    name TEXT NOT NULL,
                    key_id TEXT NOT NULL,
                    created BIGINT NOT NULL,
                    updated BIGINT NOT NULL,
                    PRIMARY KEY (account, region, name)
                )
                """,
                """
                CREATE TABLE kms_grants (
                    account TEXT NOT NULL,
                    region TEXT NOT NULL,
                    key_id TEXT NOT NULL,
                    id TEXT NOT NULL,
                    token TEXT NOT NULL UNIQUE,
                    created BIGINT NOT NULL,
                    name TEXT,
                    grantee TEXT NOT NULL,
                    retiring TEXT,
                    operations TEXT NOT NULL,
                    constraints TEXT,
                    PRIMARY KEY (account, region, key_id, id)
                )
                """,
                "CREATE INDEX kms_grants_by_retiring ON kms_grants (account, region, retiring)",
                """
                CREATE TABLE kms_import_tokens (
                    token TEXT PRIMARY KEY,
                    account TEXT NOT NULL,
                    region TEXT NOT NULL,
                    key_id TEXT NOT NULL,
                    algorithm TEXT NOT NULL,
                    wrapping_key BLOB NOT NULL,
                    expires BIGINT NOT NULL
                )
                """,
            ])
    ]

    public init() {}

    // MARK: Keys

    func key(_ id: String, _ scope: Scope, in transaction: Transaction) throws -> KMSKey? {
        try transaction.first(
            "SELECT * FROM kms_keys WHERE account = $1 AND region = $2 AND id = $3", .text(scope.account),
            .text(scope.region), .text(id)
        ).map(Self.key)
    }

    /// By their identifiers, after one of them.
    func keys(_ scope: Scope, after: String, limit: Int, in transaction: Transaction) throws -> [KMSKey] {
        try transaction.query(
            "SELECT * FROM kms_keys WHERE account = $1 AND region = $2 AND id > $3 ORDER BY id LIMIT $4",
            .text(scope.account), .text(scope.region), .text(after), .int(limit)
        ).map(Self.key)
    }

    /// The same key in every region where it is.
    func related(_ key: KMSKey, in transaction: Transaction) throws -> [KMSKey] {
        try transaction.query(
            "SELECT * FROM kms_keys WHERE account = $1 AND id = $2 ORDER BY region", .text(key.scope.account),
            .text(key.id)
        ).map(Self.key)
    }

    /// Keeps the key as it is now.
    func put(_ key: KMSKey, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO kms_keys (account, region, id, created, managed, spec, usage, origin, state, role, description,
                policy, deletion_date, deletion_window, rotation_days, next_rotation, expiration, valid_to, due)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
            ON CONFLICT (account, region, id) DO UPDATE SET state = $9, role = $10, description = $11, policy = $12,
                deletion_date = $13, deletion_window = $14, rotation_days = $15, next_rotation = $16, expiration = $17,
                valid_to = $18, due = $19
            """,
            .text(key.scope.account), .text(key.scope.region), .text(key.id), .time(key.createdAt),
            .bool(key.isManaged), .text(key.spec.rawValue), .text(key.usage.rawValue), .text(key.origin.rawValue),
            .text(key.state.rawValue), .optional(key.role?.rawValue), .text(key.description), .text(key.policy),
            .time(key.deletionDate), .int(key.deletionWindow), .int(key.rotationDays), .time(key.nextRotation),
            .optional(key.expiration?.rawValue), .time(key.validTo), .time(key.due))
    }

    /// Forgets the key and all that hangs on it; its material when it was the last one of its regions.
    func remove(_ key: KMSKey, in transaction: Transaction) throws {
        let place: [SQLValue] = [.text(key.scope.account), .text(key.scope.region), .text(key.id)]
        for statement in [
            "DELETE FROM kms_keys WHERE account = $1 AND region = $2 AND id = $3",
            "DELETE FROM kms_aliases WHERE account = $1 AND region = $2 AND key_id = $3",
            "DELETE FROM kms_grants WHERE account = $1 AND region = $2 AND key_id = $3",
            "DELETE FROM kms_import_tokens WHERE account = $1 AND region = $2 AND key_id = $3",
        ] {
            try transaction.execute(statement, place)
        }
        guard try related(key, in: transaction).isEmpty else { return }
        try transaction.execute(
            "DELETE FROM kms_materials WHERE account = $1 AND key_id = $2", .text(key.scope.account), .text(key.id))
    }

    /// Keys to which something happens until then, and when the next of the others is due.
    func due(
        at now: Timestamp, limit: Int, in transaction: Transaction
    ) throws -> (keys: [KMSKey], next: Timestamp?) {
        let keys = try transaction.query(
            "SELECT * FROM kms_keys WHERE due <= $1 ORDER BY due LIMIT $2", .time(now), .int(limit)
        ).map(Self.key)
        let next = try transaction.first("SELECT MIN(due) FROM kms_keys WHERE due > $1", .time(now))?.timeOrNil(0)
        return (keys, next)
    }

    private static func key(_ row: Row) throws -> KMSKey {
        guard let spec = KMSKeySpec(rawValue: try row.text("spec")),
            let state = KMSKey.State(rawValue: try row.text("state"))
        else { throw StorageError(.corrupt, "an unknown kind of key: \(try row.text("id"))") }
        return KMSKey(
            scope: Scope(account: try row.text("account"), region: try row.text("region")), id: try row.text("id"),
            createdAt: try row.time("created"), isManaged: try row.bool("managed"), spec: spec,
            usage: KMS.KeyUsageType(rawValue: try row.text("usage")),
            origin: KMS.OriginType(rawValue: try row.text("origin")), state: state,
            role: try row.textOrNil("role").map { KMS.MultiRegionKeyType(rawValue: $0) },
            description: try row.text("description"), policy: try row.text("policy"),
            deletionDate: try row.timeOrNil("deletion_date"), deletionWindow: try row.intOrNil("deletion_window"),
            rotationDays: try row.intOrNil("rotation_days"), nextRotation: try row.timeOrNil("next_rotation"),
            expiration: try row.textOrNil("expiration").map { KMS.ExpirationModelType(rawValue: $0) },
            validTo: try row.timeOrNil("valid_to"))
    }
}
