import Core
import Storage

/// The deliveries that have not ended, in the database.
public struct DeliveryStore: Sendable {
    public init() {}

    public static let schema = [
        Migration(
            "events", 1,
            [
                """
                CREATE TABLE deliveries (
                    id BIGINT PRIMARY KEY,
                    target TEXT NOT NULL,
                    kind TEXT NOT NULL,
                    payload BYTEA NOT NULL,
                    envelope TEXT NOT NULL,
                    dead_letter TEXT,
                    attempts BIGINT NOT NULL,
                    created_at BIGINT NOT NULL,
                    due_at BIGINT NOT NULL
                )
                """,
                "CREATE INDEX deliveries_by_target ON deliveries (target, due_at, id)",
            ]),
        Migration("events", 2, ["ALTER TABLE deliveries ADD COLUMN throttles BIGINT NOT NULL DEFAULT 0"]),
    ]

    func insert(_ delivery: Delivery, in transaction: Transaction) throws {
        let envelope: JSON = ["context": .object(delivery.context), "retry": delivery.retry.stored]
        try transaction.execute(
            """
            INSERT INTO deliveries (id, target, kind, payload, envelope, dead_letter, attempts, created_at, due_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            .integer(delivery.id), .text(delivery.target), .text(delivery.kind.rawValue), .blob(delivery.payload),
            .text(envelope.text()), .optional(delivery.deadLetter),
            .integer(Int64(delivery.attempts)), .integer(delivery.createdAt.milliseconds),
            .integer(delivery.dueAt.milliseconds))
    }

    func delete(_ id: Int64, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM deliveries WHERE id = $1", .integer(id))
    }

    func postpone(_ delivery: Delivery, in transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE deliveries SET attempts = $2, throttles = $3, due_at = $4 WHERE id = $1", .integer(delivery.id),
            .integer(Int64(delivery.attempts)), .integer(Int64(delivery.throttles)),
            .integer(delivery.dueAt.milliseconds))
    }

    /// The next deliveries of a target that are due, first due first.
    func due(target: String, at now: Timestamp, limit: Int, in transaction: Transaction) throws -> [Delivery] {
        try transaction.query(
            """
            SELECT id, target, kind, payload, envelope, dead_letter, attempts, throttles, created_at, due_at
            FROM deliveries
            WHERE target = $1 AND due_at <= $2 ORDER BY due_at, id LIMIT $3
            """,
            .text(target), .integer(now.milliseconds), .integer(Int64(limit))
        ).map(Self.delivery)
    }

    /// When the target's first delivery after that instant becomes due.
    func nextDue(target: String, after now: Timestamp, in transaction: Transaction) throws -> Timestamp? {
        let row = try transaction.first(
            "SELECT MIN(due_at) AS due FROM deliveries WHERE target = $1 AND due_at > $2", .text(target),
            .integer(now.milliseconds))
        return try row?.int64OrNil("due").map(Timestamp.init(milliseconds:))
    }

    /// Every target that has deliveries, with the instant at which the first becomes due.
    func backlog(in transaction: Transaction) throws -> [(target: String, due: Timestamp)] {
        try transaction.query("SELECT target, MIN(due_at) AS due FROM deliveries GROUP BY target").map { row in
            (try row.text("target"), Timestamp(milliseconds: try row.int64("due")))
        }
    }

    func highestID(in transaction: Transaction) throws -> Int64 {
        try transaction.first("SELECT MAX(id) AS id FROM deliveries")?.int64OrNil("id") ?? 0
    }

    private static func delivery(_ row: Row) throws -> Delivery {
        let envelope = (try? JSON(parsing: try row.text("envelope"))) ?? .object([:])
        return Delivery(
            id: try row.int64("id"), target: try row.text("target"),
            kind: DeliveryKind(rawValue: try row.text("kind")), payload: try row.blob("payload"),
            context: envelope["context"]?.objectValue ?? [:], retry: RetryPolicy(stored: envelope["retry"] ?? .null),
            deadLetter: try row.textOrNil("dead_letter"), attempts: Int(try row.int64("attempts")),
            throttles: Int(try row.int64("throttles")),
            createdAt: Timestamp(milliseconds: try row.int64("created_at")),
            dueAt: Timestamp(milliseconds: try row.int64("due_at")))
    }
}
