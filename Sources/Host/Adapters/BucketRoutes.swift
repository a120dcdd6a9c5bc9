import Core
import Events
import Objects
import Storage
import Synchronization

/// From changes of objects to deliveries: the notification configurations of buckets, and the project's own routes,
/// which may also lead to workflows.
final class BucketRoutes: Sendable {
    static let schema = [
        Migration(
            "routes", 1,
            [
                """
                CREATE TABLE routes_buckets (
                    name TEXT PRIMARY KEY,
                    bucket TEXT NOT NULL,
                    events TEXT NOT NULL,
                    prefix TEXT NOT NULL,
                    suffix TEXT NOT NULL,
                    target TEXT NOT NULL
                )
                """
            ])
    ]

    /// One trigger of the project.
    struct Route: Sendable, Hashable {
        var name: String
        var bucket: String
        /// Names with `s3:`, some ending in `*`.
        var events: [String]
        var prefix: String
        var suffix: String
        var target: String

        func matches(_ change: ObjectChange) -> Bool {
            bucket == change.bucket
                && KeyFilter(
                    prefix: prefix.isEmpty ? nil : prefix, suffix: suffix.isEmpty ? nil : suffix
                ).matches(change.key) && events.contains { S3EventName.matches($0, change.eventName) }
        }
    }

    private let outbox: Outbox
    private let routes = Mutex<[String: Route]>([:])

    init(outbox: Outbox) { self.outbox = outbox }

    func load(from database: Database) async throws {
        let stored = try await database.read { transaction in
            try transaction.query("SELECT name, bucket, events, prefix, suffix, target FROM routes_buckets").map {
                row in
                Route(
                    name: try row.text(0), bucket: try row.text(1),
                    events: try row.text(2).split(separator: " ").map(String.init), prefix: try row.text(3),
                    suffix: try row.text(4), target: try row.text(5))
            }
        }
        routes.withLock { $0 = Dictionary(uniqueKeysWithValues: stored.map { ($0.name, $0) }) }
    }

    func save(_ route: Route, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO routes_buckets (name, bucket, events, prefix, suffix, target) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (name) DO UPDATE SET bucket = excluded.bucket, events = excluded.events,
                prefix = excluded.prefix, suffix = excluded.suffix, target = excluded.target
            """,
            .text(route.name), .text(route.bucket), .text(route.events.joined(separator: " ")), .text(route.prefix),
            .text(route.suffix), .text(route.target))
        transaction.afterCommit { self.routes.withLock { $0[route.name] = route } }
    }

    func delete(_ name: String, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM routes_buckets WHERE name = $1", .text(name))
        transaction.afterCommit { self.routes.withLock { $0[name] = nil } }
    }

    /// Hands a change to everyone who is to be told of it, in the transaction that makes the change true.
    func route(_ change: ObjectChange, in transaction: Transaction) throws {
        let requestID = change.requester?.requestID ?? UUIDText.random(using: SystemRandomSource())
        let record = S3EventRecord(
            change, ownerPrincipalID: S3EventRecord.principalID(of: change.scope.account, prefix: "A"),
            requestID: requestID)
        for route in routes.withLock({ $0.values.filter { $0.matches(change) } }) {
            try outbox.enqueue(delivery(record, id: route.name, to: route.target), in: transaction)
        }
        guard let configuration = try configuration(of: change, in: transaction) else { return }
        for destination in configuration.destinations where destination.matches(change) {
            try outbox.enqueue(
                delivery(record, id: destination.id, to: destination.arn.description), in: transaction)
        }
        if configuration.sendsToEventBridge {
            let event = record.busEvent(id: requestID)
            try outbox.enqueue(
                NewDelivery(
                    target: change.scope.arn("events", "event-bus/default").description, kind: .bucketNotification,
                    payload: (event["detail"] ?? [:]).bytes(),
                    context: [
                        "source": "aws.s3", "detailType": event["detail-type"] ?? "",
                        "resources": event["resources"] ?? [],
                    ]), in: transaction)
        }
    }

    private func configuration(
        of change: ObjectChange, in transaction: Transaction
    ) throws -> NotificationConfiguration? {
        let row = try transaction.first(
            """
            SELECT d.document FROM objects_documents AS d JOIN objects_buckets AS b ON b.id = d.bucket
            WHERE b.name = $1 AND d.kind = $2
            """, .text(change.bucket), .text(BucketDocument.notification.rawValue))
        guard let text = try row?.text(0), let json = try? JSON(parsing: text) else { return nil }
        return try? NotificationConfiguration(json, makeID: { "" })
    }

    private func delivery(_ record: S3EventRecord, id: String, to target: String) -> NewDelivery {
        var context: JSONObject = target.contains(":sns:") ? ["subject": "Amazon S3 Notification"] : [:]
        if let trace = record.change.requester?.traceHeader { context["traceHeader"] = .string(trace) }
        return NewDelivery(
            target: target, kind: target.contains(":lambda:") ? .asyncInvocation : .bucketNotification,
            payload: record.notification(configurationID: id).bytes(), context: context,
            retry: target.contains(":lambda:") ? .asyncInvocation : .standard)
    }
}
