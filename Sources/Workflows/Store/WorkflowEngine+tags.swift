import Core
import Storage

extension WorkflowEngine {
    private static let maximumTags = 50

    func tag(_ arn: String, _ tags: [Tag], in transaction: Transaction) throws {
        for tag in tags {
            try transaction.execute(
                """
                INSERT INTO workflows_tags (arn, name, value) VALUES ($1, $2, $3)
                ON CONFLICT (arn, name) DO UPDATE SET value = excluded.value
                """, .text(arn), .text(tag.key), .text(tag.value))
        }
        guard try stored(of: arn, in: transaction).count <= Self.maximumTags else {
            throw WorkflowError(.tooManyTags, "A resource may have \(Self.maximumTags) tags: '\(arn)'")
        }
    }

    private func stored(of arn: String, in transaction: Transaction) throws -> [Tag] {
        try transaction.query("SELECT name, value FROM workflows_tags WHERE arn = $1 ORDER BY name", .text(arn)).map {
            Tag(key: try $0.text(0), value: try $0.text(1))
        }
    }

    private func checkExists(_ arn: String, in transaction: Transaction) throws {
        let found = try transaction.first(
            """
            SELECT 1 FROM workflows_machines WHERE arn = $1 UNION ALL
            SELECT 1 FROM workflows_activities WHERE arn = $1
            """, .text(arn))
        guard found != nil else { throw WorkflowError(.resourceNotFound, "Resource not found: '\(arn)'") }
    }

    /// `TagResource`.
    public func tag(_ arn: String, _ tags: [Tag]) async throws(WorkflowError) {
        _ = try await change { transaction in
            try self.checkExists(arn, in: transaction)
            try self.tag(arn, tags, in: transaction)
        }
    }

    /// `UntagResource`.
    public func untag(_ arn: String, keys: [String]) async throws(WorkflowError) {
        _ = try await change { transaction in
            try self.checkExists(arn, in: transaction)
            for key in keys {
                try transaction.execute(
                    "DELETE FROM workflows_tags WHERE arn = $1 AND name = $2", .text(arn), .text(key))
            }
        }
    }

    /// `ListTagsForResource`.
    public func tags(of arn: String) async throws(WorkflowError) -> [Tag] {
        try await look { transaction in
            try self.checkExists(arn, in: transaction)
            return try self.stored(of: arn, in: transaction)
        }
    }
}
