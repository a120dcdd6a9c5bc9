import Storage

extension IAMStore {
    enum Relation: String, Sendable {
        /// From an identity to a managed policy's ARN.
        case attachment, boundary
        /// From a user to a group.
        case member
        /// From an instance profile to a role.
        case profileRole = "profile-role"
    }

    // MARK: Links

    func link(
        _ relation: Relation, _ subject: IAMEntity, to object: String, in transaction: Transaction
    ) throws {
        try transaction.execute(
            "INSERT INTO iam_links (account, relation, subject, object) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
            .text(subject.account), .text(relation.rawValue), .text(subject.id), .text(object))
    }

    /// Returns whether there was such a link.
    @discardableResult
    func unlink(
        _ relation: Relation, _ subject: IAMEntity, from object: String, in transaction: Transaction
    ) throws -> Bool {
        try transaction.execute(
            "DELETE FROM iam_links WHERE account = $1 AND relation = $2 AND subject = $3 AND object = $4",
            .text(subject.account), .text(relation.rawValue), .text(subject.id), .text(object)) > 0
    }

    func objects(_ relation: Relation, of subject: IAMEntity, in transaction: Transaction) throws -> [String] {
        try transaction.query(
            "SELECT object FROM iam_links WHERE account = $1 AND relation = $2 AND subject = $3 ORDER BY object",
            .text(subject.account), .text(relation.rawValue), .text(subject.id)
        ).map { try $0.text(0) }
    }

    /// The entities that are linked to the object, by name.
    func subjects(
        _ relation: Relation, of object: String, _ account: String, in transaction: Transaction
    ) throws -> [IAMEntity] {
        try transaction.query(
            "SELECT subject FROM iam_links WHERE account = $1 AND relation = $2 AND object = $3", .text(account),
            .text(relation.rawValue), .text(object)
        ).compactMap { try find(id: $0.text(0), in: transaction) }.sorted { $0.name < $1.name }
    }

    func count(_ relation: Relation, of object: String, _ account: String, in transaction: Transaction) throws -> Int {
        try transaction.first(
            "SELECT COUNT(*) FROM iam_links WHERE account = $1 AND relation = $2 AND object = $3", .text(account),
            .text(relation.rawValue), .text(object)
        )?.int(0) ?? 0
    }

    /// What anything in the account is linked to, each once.
    func linked(_ relation: Relation, _ account: String, in transaction: Transaction) throws -> [String] {
        try transaction.query(
            "SELECT DISTINCT object FROM iam_links WHERE account = $1 AND relation = $2 ORDER BY object",
            .text(account), .text(relation.rawValue)
        ).map { try $0.text(0) }
    }

    // MARK: Inline policies

    /// Sorted by name.
    func inlinePolicies(
        of entity: IAMEntity, in transaction: Transaction
    ) throws -> [(name: String, document: String)] {
        try transaction.query(
            "SELECT name, document FROM iam_inline_policies WHERE entity = $1 ORDER BY name", .text(entity.id)
        ).map { (try $0.text(0), try $0.text(1)) }
    }

    func putInlinePolicy(
        _ name: String, _ document: String, of entity: IAMEntity, in transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO iam_inline_policies (entity, name, document) VALUES ($1, $2, $3)
            ON CONFLICT (entity, name) DO UPDATE SET document = excluded.document
            """, .text(entity.id), .text(name), .text(document))
    }

    /// Returns whether there was such a policy.
    func removeInlinePolicy(_ name: String, of entity: IAMEntity, in transaction: Transaction) throws -> Bool {
        try transaction.execute(
            "DELETE FROM iam_inline_policies WHERE entity = $1 AND name = $2", .text(entity.id), .text(name)) > 0
    }
}
