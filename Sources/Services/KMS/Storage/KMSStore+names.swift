import AWSModels
import Core
import Storage

extension KMSStore {
    // MARK: Aliases

    func alias(_ name: String, _ scope: Scope, in transaction: Transaction) throws -> KMSAlias? {
        try transaction.first(
            "SELECT * FROM kms_aliases WHERE account = $1 AND region = $2 AND name = $3", .text(scope.account),
            .text(scope.region), .text(name)
        ).map(Self.alias)
    }

    /// By their names, after one of them.
    ///
    /// - Parameter keyID: only those of this key.
    func aliases(
        _ scope: Scope, of keyID: String?, after: String, limit: Int, in transaction: Transaction
    ) throws -> [KMSAlias] {
        try transaction.query(
            """
            SELECT * FROM kms_aliases
            WHERE account = $1 AND region = $2 AND name > $3 AND ($4 = '' OR key_id = $4) ORDER BY name LIMIT $5
            """, .text(scope.account), .text(scope.region), .text(after), .text(keyID ?? ""), .int(limit)
        ).map(Self.alias)
    }

    /// Returns false when the name is taken.
    func insert(_ alias: KMSAlias, in transaction: Transaction) throws -> Bool {
        try transaction.execute(
            """
            INSERT INTO kms_aliases (account, region, name, key_id, created, updated) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (account, region, name) DO NOTHING
            """,
            .text(alias.scope.account), .text(alias.scope.region), .text(alias.name), .text(alias.keyID),
            .time(alias.createdAt), .time(alias.updatedAt)) > 0
    }

    func update(_ alias: KMSAlias, in transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE kms_aliases SET key_id = $4, updated = $5 WHERE account = $1 AND region = $2 AND name = $3",
            .text(alias.scope.account), .text(alias.scope.region), .text(alias.name), .text(alias.keyID),
            .time(alias.updatedAt))
    }

    /// Returns false when there is none.
    func removeAlias(_ name: String, _ scope: Scope, in transaction: Transaction) throws -> Bool {
        try transaction.execute(
            "DELETE FROM kms_aliases WHERE account = $1 AND region = $2 AND name = $3", .text(scope.account),
            .text(scope.region), .text(name)) > 0
    }

    private static func alias(_ row: Row) throws -> KMSAlias {
        KMSAlias(
            scope: Scope(account: try row.text("account"), region: try row.text("region")),
            name: try row.text("name"), keyID: try row.text("key_id"), createdAt: try row.time("created"),
            updatedAt: try row.time("updated"))
    }

    // MARK: Grants

    func insert(_ grant: KMSGrant, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO kms_grants (account, region, key_id, id, token, created, name, grantee, retiring, operations,
                constraints)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            .text(grant.scope.account), .text(grant.scope.region), .text(grant.keyID), .text(grant.id),
            .text(grant.token), .time(grant.createdAt), .optional(grant.name), .text(grant.grantee),
            .optional(grant.retiring), .text(grant.operations.map(\.rawValue).joined(separator: " ")),
            .optional(grant.constraints.map { JSON.object($0.json).text() }))
    }

    /// Of a key, by their identifiers, after one of them.
    func grants(
        of key: KMSKey, after: String, limit: Int, id: String? = nil, grantee: String? = nil,
        in transaction: Transaction
    ) throws -> [KMSGrant] {
        try transaction.query(
            """
            SELECT * FROM kms_grants WHERE account = $1 AND region = $2 AND key_id = $3 AND id > $4
                AND ($5 = '' OR id = $5) AND ($6 = '' OR grantee = $6) ORDER BY id LIMIT $7
            """, .text(key.scope.account), .text(key.scope.region), .text(key.id), .text(after), .text(id ?? ""),
            .text(grantee ?? ""), .int(limit)
        ).map(Self.grant)
    }

    /// Those that somebody may retire.
    func grants(
        _ scope: Scope, retiring: String, after: String, limit: Int, in transaction: Transaction
    ) throws -> [KMSGrant] {
        try transaction.query(
            """
            SELECT * FROM kms_grants WHERE account = $1 AND region = $2 AND retiring = $3 AND id > $4
            ORDER BY id LIMIT $5
            """, .text(scope.account), .text(scope.region), .text(retiring), .text(after), .int(limit)
        ).map(Self.grant)
    }

    func grant(named name: String, of key: KMSKey, in transaction: Transaction) throws -> [KMSGrant] {
        try transaction.query(
            "SELECT * FROM kms_grants WHERE account = $1 AND region = $2 AND key_id = $3 AND name = $4",
            .text(key.scope.account), .text(key.scope.region), .text(key.id), .text(name)
        ).map(Self.grant)
    }

    /// Returns false when there is none.
    func removeGrant(_ id: String, of key: KMSKey, in transaction: Transaction) throws -> Bool {
        try transaction.execute(
            "DELETE FROM kms_grants WHERE account = $1 AND region = $2 AND key_id = $3 AND id = $4",
            .text(key.scope.account), .text(key.scope.region), .text(key.id), .text(id)) > 0
    }

    /// Returns false when there is none.
    func removeGrant(token: String, in transaction: Transaction) throws -> Bool {
        try transaction.execute("DELETE FROM kms_grants WHERE token = $1", .text(token)) > 0
    }

    private static func grant(_ row: Row) throws -> KMSGrant {
        KMSGrant(
            scope: Scope(account: try row.text("account"), region: try row.text("region")),
            keyID: try row.text("key_id"), id: try row.text("id"), token: try row.text("token"),
            createdAt: try row.time("created"), name: try row.textOrNil("name"), grantee: try row.text("grantee"),
            retiring: try row.textOrNil("retiring"),
            operations: try row.text("operations").split(separator: " ").map {
                KMS.GrantOperation(rawValue: String($0))
            },
            constraints: try row.textOrNil("constraints").flatMap { KMS.GrantConstraints(json: try? JSON(parsing: $0)) }
        )
    }
}
