import Core
import Storage

/// Topics and subscriptions in the database.
public struct TopicStore: Sendable {
    public static let schema = [
        Migration(
            "topics", 1,
            [
                """
                CREATE TABLE topics_topics (
                    id BIGINT PRIMARY KEY,
                    account TEXT NOT NULL,
                    region TEXT NOT NULL,
                    name TEXT NOT NULL,
                    attributes TEXT NOT NULL,
                    tags TEXT NOT NULL,
                    data_protection TEXT,
                    created_at BIGINT NOT NULL,
                    UNIQUE (account, region, name)
                )
                """,
                """
                CREATE TABLE topics_subscriptions (
                    id BIGINT PRIMARY KEY,
                    arn TEXT NOT NULL,
                    topic TEXT NOT NULL,
                    protocol TEXT NOT NULL,
                    endpoint TEXT NOT NULL,
                    owner TEXT NOT NULL,
                    attributes TEXT NOT NULL,
                    is_confirmed BIGINT NOT NULL,
                    was_authenticated BIGINT NOT NULL,
                    authenticates_unsubscribe BIGINT NOT NULL,
                    token TEXT NOT NULL UNIQUE,
                    created_at BIGINT NOT NULL,
                    ended_until BIGINT
                )
                """,
                """
                CREATE UNIQUE INDEX topics_subscriptions_by_arn ON topics_subscriptions (arn) WHERE ended_until IS NULL
                """,
                "CREATE INDEX topics_subscriptions_by_topic ON topics_subscriptions (topic)",
                """
                CREATE TABLE topics_deduplication (
                    topic BIGINT NOT NULL,
                    key TEXT NOT NULL,
                    message_id TEXT NOT NULL,
                    sequence BIGINT NOT NULL,
                    expires_at BIGINT NOT NULL,
                    PRIMARY KEY (topic, key)
                )
                """,
                """
                CREATE TABLE topics_settings (
                    account TEXT NOT NULL,
                    region TEXT NOT NULL,
                    kind TEXT NOT NULL,
                    name TEXT NOT NULL,
                    attributes TEXT NOT NULL,
                    id BIGINT NOT NULL,
                    PRIMARY KEY (account, region, kind, name)
                )
                """,
            ])
    ]

    func save(_ topic: Topic, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO topics_topics (\(Self.topicColumns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (id) DO UPDATE SET attributes = excluded.attributes, tags = excluded.tags,
                data_protection = excluded.data_protection
            """,
            .integer(topic.id), .text(topic.scope.account), .text(topic.scope.region), .text(topic.name),
            .text(StoredStrings.text(topic.attributes)), .text(StoredStrings.text(topic.tags)),
            .optional(topic.dataProtectionPolicy), .time(topic.createdAt))
    }

    func delete(_ topic: Topic, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM topics_topics WHERE id = $1", .integer(topic.id))
        try transaction.execute("DELETE FROM topics_deduplication WHERE topic = $1", .integer(topic.id))
        try transaction.execute(
            "DELETE FROM topics_subscriptions WHERE topic = $1", .text(topic.arn.description))
    }

    func topic(_ name: String, in scope: Scope, _ transaction: Transaction) throws -> Topic? {
        try transaction.first(
            "SELECT \(Self.topicColumns) FROM topics_topics WHERE account = $1 AND region = $2 AND name = $3",
            .text(scope.account), .text(scope.region), .text(name)
        ).map(Self.topic)
    }

    func topics(in transaction: Transaction) throws -> [Topic] {
        try transaction.query("SELECT \(Self.topicColumns) FROM topics_topics").map(Self.topic)
    }

    private static let topicColumns = "id, account, region, name, attributes, tags, data_protection, created_at"

    private static func topic(_ row: Row) throws -> Topic {
        Topic(
            id: try row.int64(0), scope: Scope(account: try row.text(1), region: try row.text(2)),
            name: try row.text(3), attributes: StoredStrings.map(try row.text(4)),
            tags: StoredStrings.map(try row.text(5)), dataProtectionPolicy: try row.textOrNil(6),
            createdAt: try row.time(7))
    }

    // MARK: Deduplication in FIFO topics

    func duplicate(
        of key: String, in topic: Topic, at now: Timestamp, _ transaction: Transaction
    ) throws -> (messageID: String, sequence: Int64)? {
        try transaction.first(
            "SELECT message_id, sequence FROM topics_deduplication WHERE topic = $1 AND key = $2 AND expires_at > $3",
            .integer(topic.id), .text(key), .time(now)
        ).map { (try $0.text(0), try $0.int64(1)) }
    }

    func remember(
        _ key: String, messageID: String, sequence: Int64, until: Timestamp, in topic: Topic,
        _ transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO topics_deduplication (topic, key, message_id, sequence, expires_at)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (topic, key) DO UPDATE SET message_id = excluded.message_id, sequence = excluded.sequence,
                expires_at = excluded.expires_at
            """,
            .integer(topic.id), .text(key), .text(messageID), .integer(sequence), .time(until))
    }

    /// Forgets deduplication keys and ended subscriptions whose time has come.
    func expire(at now: Timestamp, _ transaction: Transaction) throws {
        try transaction.execute("DELETE FROM topics_deduplication WHERE expires_at <= $1", .time(now))
        try transaction.execute("DELETE FROM topics_subscriptions WHERE ended_until <= $1", .time(now))
    }
}
