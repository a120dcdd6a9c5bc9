import Core
import Storage

/// Queues in the database; messages in the extension beside. Every function works within the caller's transaction.
public struct QueueStore: Sendable {
    public static let schema = [
        Migration(
            "messaging", 1,
            [
                """
                CREATE TABLE messaging_queues (
                    id BIGINT PRIMARY KEY,
                    account TEXT NOT NULL,
                    region TEXT NOT NULL,
                    name TEXT NOT NULL,
                    attributes TEXT NOT NULL,
                    tags TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    modified_at BIGINT NOT NULL,
                    purged_at BIGINT,
                    deduplicates_per_group BIGINT NOT NULL,
                    UNIQUE (account, region, name)
                )
                """,
                // Identifiers hold the time of sending in their upper bits, so retention needs no index of its own.
                """
                CREATE TABLE messaging_messages (
                    id BIGINT PRIMARY KEY,
                    queue BIGINT NOT NULL,
                    message_id TEXT NOT NULL,
                    body TEXT NOT NULL,
                    seal TEXT,
                    attributes TEXT,
                    sender TEXT NOT NULL,
                    trace_header TEXT,
                    source_queue TEXT,
                    group_id TEXT,
                    deduplication_id TEXT,
                    sent_at BIGINT NOT NULL,
                    visible_at BIGINT NOT NULL,
                    received_at BIGINT,
                    receive_count BIGINT NOT NULL
                )
                """,
                "CREATE INDEX messaging_messages_by_queue ON messaging_messages (queue, visible_at, id)",
                """
                CREATE INDEX messaging_messages_by_group ON messaging_messages (queue, group_id, id)
                WHERE group_id IS NOT NULL
                """,
                // The groups of FIFO queues: when the first message of each may be received.
                """
                CREATE TABLE messaging_groups (
                    queue BIGINT NOT NULL,
                    group_id TEXT NOT NULL,
                    ready_at BIGINT NOT NULL,
                    PRIMARY KEY (queue, group_id)
                )
                """,
                "CREATE INDEX messaging_groups_by_time ON messaging_groups (queue, ready_at, group_id)",
                """
                CREATE TABLE messaging_deduplication (
                    queue BIGINT NOT NULL,
                    key TEXT NOT NULL,
                    message_id TEXT NOT NULL,
                    sequence BIGINT NOT NULL,
                    expires_at BIGINT NOT NULL,
                    PRIMARY KEY (queue, key)
                )
                """,
                "CREATE INDEX messaging_deduplication_by_expiry ON messaging_deduplication (expires_at)",
                """
                CREATE TABLE messaging_move_tasks (
                    id TEXT PRIMARY KEY,
                    source TEXT NOT NULL,
                    destination TEXT,
                    rate BIGINT,
                    status TEXT NOT NULL,
                    moved BIGINT NOT NULL,
                    to_move BIGINT NOT NULL,
                    failure TEXT,
                    started_at BIGINT NOT NULL
                )
                """,
            ])
    ]

    public init() {}

    func insert(_ queue: Queue, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO messaging_queues (id, account, region, name, attributes, tags, created_at, modified_at,
                deduplicates_per_group)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            """,
            .integer(queue.id), .text(queue.scope.account), .text(queue.scope.region), .text(queue.name),
            .text(StoredStrings.text(queue.attributes.values)), .text(StoredStrings.text(queue.tags)),
            .time(queue.createdAt), .time(queue.modifiedAt), .bool(queue.deduplicatesPerGroup))
    }

    func update(_ queue: Queue, in transaction: Transaction) throws {
        try transaction.execute(
            """
            UPDATE messaging_queues SET attributes = $2, tags = $3, modified_at = $4, purged_at = $5 WHERE id = $1
            """,
            .integer(queue.id), .text(StoredStrings.text(queue.attributes.values)),
            .text(StoredStrings.text(queue.tags)), .time(queue.modifiedAt), .time(queue.purgedAt))
    }

    func delete(_ queue: Queue, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM messaging_queues WHERE id = $1", .integer(queue.id))
        try transaction.execute(
            "DELETE FROM messaging_move_tasks WHERE source = $1", .text(queue.arn.description))
        try deleteMessages(of: queue, in: transaction)
    }

    /// Whether the queue is there: another transaction of the same commit may have deleted it.
    func contains(_ queue: Queue, in transaction: Transaction) throws -> Bool {
        try transaction.first("SELECT 1 AS found FROM messaging_queues WHERE id = $1", .integer(queue.id)) != nil
    }

    func deleteMessages(of queue: Queue, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM messaging_messages WHERE queue = $1", .integer(queue.id))
        try transaction.execute("DELETE FROM messaging_groups WHERE queue = $1", .integer(queue.id))
        try transaction.execute("DELETE FROM messaging_deduplication WHERE queue = $1", .integer(queue.id))
    }

    func queue(_ name: String, in scope: Scope, _ transaction: Transaction) throws -> Queue? {
        try transaction.first(
            "SELECT \(Self.queueColumns) FROM messaging_queues WHERE account = $1 AND region = $2 AND name = $3",
            .text(scope.account), .text(scope.region), .text(name)
        ).map(Self.queue)
    }

    func queues(in transaction: Transaction) throws -> [Queue] {
        try transaction.query("SELECT \(Self.queueColumns) FROM messaging_queues").map(Self.queue)
    }

    private static let queueColumns = """
        id, account, region, name, attributes, tags, created_at, modified_at, purged_at, deduplicates_per_group
        """

    private static func queue(_ row: Row) throws -> Queue {
        Queue(
            id: try row.int64(0), scope: Scope(account: try row.text(1), region: try row.text(2)),
            name: try row.text(3), attributes: QueueAttributes(StoredStrings.map(try row.text(4))),
            tags: StoredStrings.map(try row.text(5)), createdAt: try row.time(6), modifiedAt: try row.time(7),
            purgedAt: try row.timeOrNil(8), deduplicatesPerGroup: try row.bool(9))
    }
}
