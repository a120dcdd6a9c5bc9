public import Core
import Storage
import Synchronization

/// An activity: work that is done by workers outside, which ask for it.
public struct ActivityRecord: Sendable, Equatable {
    public var arn: String
    public var name: String
    public var settings: JSONObject
    public var createdAt: Timestamp
}

extension WorkflowEngine {
    /// `CreateActivity`. Giving the same request again changes nothing.
    public func createActivity(
        name: String, settings: JSONObject = [:], tags: [Tag] = [], scope: Scope
    ) async throws(WorkflowError) -> ActivityRecord {
        try Self.checkName(name)
        let activity = ActivityRecord(
            arn: scope.arn("states", "activity:\(name)").description, name: name, settings: settings,
            createdAt: clock.now)
        let created = try await change { transaction in
            if let existing = try self.findActivity(activity.arn, in: transaction) {
                guard existing.settings == settings else {
                    throw WorkflowError(.activityAlreadyExists, "Activity Already Exists: '\(existing.arn)'")
                }
                return existing
            }
            try transaction.execute(
                """
                INSERT INTO workflows_activities (arn, scope, name, settings, created_at)
                VALUES ($1, $2, $3, $4, $5)
                """,
                .text(activity.arn), .text(scope.key), .text(name), .text(JSON.object(settings).text()),
                .time(activity.createdAt))
            try self.tag(activity.arn, tags, in: transaction)
            return activity
        }
        knownActivities.withLock { _ = $0?.insert(created.arn) }
        return created
    }

    /// Reads which activities there are.
    func loadActivities(in transaction: Transaction) throws {
        let known = try transaction.query("SELECT arn FROM workflows_activities").map { try $0.text(0) }
        knownActivities.withLock { $0 = Set(known) }
    }

    private func findActivity(_ arn: String, in transaction: Transaction) throws -> ActivityRecord? {
        try transaction.first(
            "SELECT arn, name, settings, created_at FROM workflows_activities WHERE arn = $1", .text(arn)
        ).map { try Self.activity($0) }
    }

    private static func activity(_ row: Row) throws -> ActivityRecord {
        ActivityRecord(
            arn: try row.text(0), name: try row.text(1),
            settings: try JSON(parsing: try row.text(2)).objectValue ?? [:], createdAt: try row.time(3))
    }

    private static func checkActivity(_ arn: String) throws(WorkflowError) {
        guard let parsed = ARN(arn), parsed.service == "states", parsed.resource.hasPrefix("activity:") else {
            throw .invalidARN(arn)
        }
    }

    /// `DescribeActivity`.
    public func describeActivity(_ arn: String) async throws(WorkflowError) -> ActivityRecord {
        try Self.checkActivity(arn)
        return try await look { transaction in
            guard let activity = try self.findActivity(arn, in: transaction) else {
                throw WorkflowError.noActivity(arn)
            }
            return activity
        }
    }

    /// `DeleteActivity`: what is not there is deleted already.
    public func deleteActivity(_ arn: String) async throws(WorkflowError) {
        try Self.checkActivity(arn)
        _ = try await change { transaction in
            try transaction.execute("DELETE FROM workflows_activities WHERE arn = $1", .text(arn))
            try transaction.execute("DELETE FROM workflows_tags WHERE arn = $1", .text(arn))
        }
        knownActivities.withLock { _ = $0?.remove(arn) }
    }

    /// `ListActivities`, by name.
    public func activities(
        scope: Scope, maxResults: Int? = nil, nextToken: String? = nil
    ) async throws(WorkflowError) -> Page<ActivityRecord> {
        let after = try PageToken.decode(nextToken) ?? ""
        let limit = Page<ActivityRecord>.limit(maxResults)
        let rows = try await look { transaction in
            try transaction.query(
                """
                SELECT arn, name, settings, created_at FROM workflows_activities WHERE scope = $1 AND name > $2
                ORDER BY name LIMIT $3
                """, .text(scope.key), .text(after), .int(limit + 1)
            ).map { try Self.activity($0) }
        }
        return Page(rows, limit: limit) { $0.name }
    }
}
