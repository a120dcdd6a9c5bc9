import Core
public import Storage

/// The identities of every account, their links and their inline policies.
public struct IAMStore: Sendable {
    public static let schema = [
        Migration(
            "iam", 1,
            [
                """
                CREATE TABLE iam_entities (
                    id TEXT PRIMARY KEY,
                    account TEXT NOT NULL,
                    kind TEXT NOT NULL,
                    sort_name TEXT NOT NULL,
                    name TEXT NOT NULL,
                    path TEXT NOT NULL,
                    owner TEXT NOT NULL,
                    created BIGINT NOT NULL,
                    body TEXT NOT NULL,
                    UNIQUE (account, kind, sort_name)
                )
                """,
                "CREATE INDEX iam_entities_by_owner ON iam_entities (owner, kind)",
                """
                CREATE TABLE iam_links (
                    account TEXT NOT NULL,
                    relation TEXT NOT NULL,
                    subject TEXT NOT NULL,
                    object TEXT NOT NULL,
                    PRIMARY KEY (account, relation, subject, object)
                )
                """,
                "CREATE INDEX iam_links_by_object ON iam_links (account, relation, object)",
                """
                CREATE TABLE iam_inline_policies (
                    entity TEXT NOT NULL,
                    name TEXT NOT NULL,
                    document TEXT NOT NULL,
                    PRIMARY KEY (entity, name)
                )
                """,
            ])
    ]

    public init() {}

    // MARK: Entities

    /// Returns false when the name is taken. Names that differ only in case are the same name.
    func insert(_ entity: IAMEntity, in transaction: Transaction) throws -> Bool {
        let changed = try transaction.execute(
            """
            INSERT INTO iam_entities (id, account, kind, sort_name, name, path, owner, created, body)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (account, kind, sort_name) DO NOTHING
            """,
            .text(entity.id), .text(entity.account), .text(entity.kind.rawValue), .text(entity.name.lowercased()),
            .text(entity.name), .text(entity.path), .text(entity.owner), .integer(entity.createdAt.milliseconds),
            .text(JSON.object(entity.body).text()))
        return changed > 0
    }

    /// Keeps the changed entity of the same id.
    func update(_ entity: IAMEntity, in transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE iam_entities SET sort_name = $2, name = $3, path = $4, body = $5 WHERE id = $1",
            .text(entity.id), .text(entity.name.lowercased()), .text(entity.name), .text(entity.path),
            .text(JSON.object(entity.body).text()))
    }

    func find(
        _ kind: IAMEntity.Kind, _ name: String, _ account: String, in transaction: Transaction
    ) throws -> IAMEntity? {
        try transaction.first(
            "SELECT * FROM iam_entities WHERE account = $1 AND kind = $2 AND sort_name = $3", .text(account),
            .text(kind.rawValue), .text(name.lowercased())
        ).map(Self.entity)
    }

    func find(id: String, in transaction: Transaction) throws -> IAMEntity? {
        try transaction.first("SELECT * FROM iam_entities WHERE id = $1", .text(id)).map(Self.entity)
    }

    /// Those whose path begins so, by name.
    func list(
        _ kind: IAMEntity.Kind, _ account: String, pathPrefix: String = "/", after: String = "", limit: Int = .max,
        in transaction: Transaction
    ) throws -> [IAMEntity] {
        try transaction.query(
            """
            SELECT * FROM iam_entities
            WHERE account = $1 AND kind = $2 AND sort_name > $3 AND SUBSTR(path, 1, $4) = $5
            ORDER BY sort_name LIMIT $6
            """, .text(account), .text(kind.rawValue), .text(after.lowercased()),
            .integer(Int64(pathPrefix.unicodeScalars.count)), .text(pathPrefix), .integer(Int64(limit))
        ).map(Self.entity)
    }

    func owned(_ kind: IAMEntity.Kind, by owner: String, in transaction: Transaction) throws -> [IAMEntity] {
        try transaction.query(
            "SELECT * FROM iam_entities WHERE owner = $1 AND kind = $2 ORDER BY created, id", .text(owner),
            .text(kind.rawValue)
        ).map(Self.entity)
    }

    func count(_ kind: IAMEntity.Kind, _ account: String, in transaction: Transaction) throws -> Int {
        try transaction.first(
            "SELECT COUNT(*) FROM iam_entities WHERE account = $1 AND kind = $2", .text(account), .text(kind.rawValue)
        )?.int(0) ?? 0
    }

    /// Forgets it and what it is linked to.
    func remove(_ entity: IAMEntity, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM iam_entities WHERE id = $1", .text(entity.id))
        try transaction.execute("DELETE FROM iam_inline_policies WHERE entity = $1", .text(entity.id))
        try transaction.execute(
            "DELETE FROM iam_links WHERE account = $1 AND subject = $2", .text(entity.account), .text(entity.id))
    }

    private static func entity(_ row: Row) throws -> IAMEntity {
        guard let kind = IAMEntity.Kind(rawValue: try row.text("kind")) else {
            throw StorageError(.corrupt, "an unknown kind of identity: \(try row.text("kind"))")
        }
        return IAMEntity(
            kind: kind, account: try row.text("account"), id: try row.text("id"), name: try row.text("name"),
            path: try row.text("path"), owner: try row.text("owner"),
            createdAt: Timestamp(milliseconds: try row.int64("created")),
            body: try JSON(parsing: row.text("body")).objectValue ?? [:])
    }
}
