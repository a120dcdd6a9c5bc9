import Core
import Storage

/// The items of the project that is served, in the database.
struct ProjectStore: Sendable {
    static let schema = [
        Migration(
            "project", 1,
            [
                """
                CREATE TABLE project_items (
                    position BIGINT NOT NULL,
                    kind TEXT NOT NULL,
                    name TEXT NOT NULL,
                    fingerprint TEXT NOT NULL,
                    detail TEXT NOT NULL,
                    document TEXT NOT NULL,
                    PRIMARY KEY (kind, name)
                )
                """
            ])
    ]

    func items(in transaction: Transaction) throws -> [ProjectItem] {
        try transaction.query("SELECT kind, name, fingerprint, detail FROM project_items ORDER BY position").compactMap
        {
            row in
            guard let kind = ProjectItem.Kind(rawValue: try row.text(0)) else { return nil }
            return ProjectItem(
                kind: kind, name: try row.text(1), fingerprint: try row.text(2), detail: try row.text(3))
        }
    }

    /// What is known of an item besides, such as the ARN of a subscription.
    func document(_ kind: ProjectItem.Kind, _ name: String, in transaction: Transaction) throws -> JSON? {
        try transaction.first(
            "SELECT document FROM project_items WHERE kind = $1 AND name = $2", .text(kind.rawValue), .text(name)
        ).flatMap { try? JSON(parsing: try $0.text(0)) }
    }

    /// The documents of a kind of item, by name.
    func documents(_ kind: ProjectItem.Kind, in transaction: Transaction) throws -> [(name: String, document: JSON)] {
        try transaction.query(
            "SELECT name, document FROM project_items WHERE kind = $1 ORDER BY position", .text(kind.rawValue)
        ).compactMap { row in
            guard let document = try? JSON(parsing: try row.text(1)) else { return nil }
            return (try row.text(0), document)
        }
    }

    func save(_ item: ProjectItem, at position: Int, _ document: JSON, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO project_items (position, kind, name, fingerprint, detail, document)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (kind, name) DO UPDATE SET position = excluded.position, fingerprint = excluded.fingerprint,
                detail = excluded.detail, document = excluded.document
            """,
            .int(position), .text(item.kind.rawValue), .text(item.name), .text(item.fingerprint), .text(item.detail),
            .text(document.text()))
    }

    func delete(_ item: ProjectItem, in transaction: Transaction) throws {
        try transaction.execute(
            "DELETE FROM project_items WHERE kind = $1 AND name = $2", .text(item.kind.rawValue), .text(item.name))
    }
}
