public import Storage

/// Tags of resources that have no table of tags of their own, by ARN.
public struct TagStore: Sendable {
    public static let schema = [
        Migration(
            "tags", 1,
            [
                """
                CREATE TABLE resource_tags (
                    resource TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (resource, name)
                )
                """
            ])
    ]

    public init() {}

    /// Sorted by name.
    func tags(of resource: String, in transaction: Transaction) throws -> [(name: String, value: String)] {
        try transaction.query(
            "SELECT name, value FROM resource_tags WHERE resource = $1 ORDER BY name", .text(resource)
        ).map { row in (try row.text(0), try row.text(1)) }
    }

    func add(_ tags: [(name: String, value: String)], to resource: String, in transaction: Transaction) throws {
        for tag in tags {
            try transaction.execute(
                """
                INSERT INTO resource_tags (resource, name, value) VALUES ($1, $2, $3)
                ON CONFLICT (resource, name) DO UPDATE SET value = $3
                """, .text(resource), .text(tag.name), .text(tag.value))
        }
    }

    func remove(_ names: [String], from resource: String, in transaction: Transaction) throws {
        for name in names {
            try transaction.execute(
                "DELETE FROM resource_tags WHERE resource = $1 AND name = $2", .text(resource), .text(name))
        }
    }

    /// Forgets the tags of a resource that is gone.
    func removeAll(of resource: String, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM resource_tags WHERE resource = $1", .text(resource))
    }
}
