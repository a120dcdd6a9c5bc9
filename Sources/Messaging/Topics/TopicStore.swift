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
                    created_at BIGINT NOT NULL,
                    UNIQUE (account, region, name)
                )
                """,
                """
                CREATE TABLE topics_subscriptions (
                    id BIGINT PRIMARY KEY,
                    arn TEXT NOT NULL UNIQUE,
                    topic TEXT NOT NULL,
                    protocol TEXT NOT NULL,
                    endpoint TEXT NOT NULL,
                    owner TEXT NOT NULL,
                    attributes TEXT NOT NULL,
                    is_confirmed BIGINT NOT NULL,
                    token TEXT NOT NULL,
                    created_at BIGINT NOT NULL
                )
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
            ])
    ]

    func save(_ topic: Topic, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO topics_topics (id, account, region, name, attributes, tags, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (id) DO UPDATE SET attributes = excluded.attributes, tags = excluded.tags
            """,
            .integer(topic.id), .text(topic.scope.account), .text(topic.scope.region), .text(topic.name),
            .text(QueueStore.text(topic.attributes)), .text(QueueStore.text(topic.tags)), .time(topic.createdAt))
    }

    func delete(_ topic: Topic, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM topics_topics WHERE id = $1", .integer(topic.id))
        try transaction.execute("DELETE FROM topics_deduplication WHERE topic = $1", .integer(topic.id))
        try transaction.execute(
            "DELETE FROM topics_subscriptions WHERE topic = $1", .text(topic.arn.description))
    }

    func save(_ subscription: Subscription, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO topics_subscriptions (id, arn, topic, protocol, endpoint, owner, attributes, is_confirmed,
                token, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (id) DO UPDATE SET attributes = excluded.attributes, is_confirmed = excluded.is_confirmed
            """,
            .integer(subscription.id), .text(subscription.arn), .text(subscription.topic),
            .text(subscription.proto.rawValue), .text(subscription.endpoint), .text(subscription.owner),
            .text(QueueStore.text(subscription.attributes)), .bool(subscription.isConfirmed),
            .text(subscription.token), .time(subscription.createdAt))
    }

    func delete(_ subscription: Subscription, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM topics_subscriptions WHERE id = $1", .integer(subscription.id))
    }

    func topics(in transaction: Transaction) throws -> [Topic] {
        try transaction.query(
            "SELECT id, account, region, name, attributes, tags, created_at FROM topics_topics"
        ).map { row in
            Topic(
                id: try row.int64(0), scope: Scope(account: try row.text(1), region: try row.text(2)),
                name: try row.text(3), attributes: QueueStore.strings(try row.text(4)),
                tags: QueueStore.strings(try row.text(5)), createdAt: try row.time(6))
        }
    }

    func subscriptions(in transaction: Transaction) throws -> [Subscription] {
        try transaction.query(
            """
            SELECT id, arn, topic, protocol, endpoint, owner, attributes, is_confirmed, token, created_at
            FROM topics_subscriptions ORDER BY id
            """
        ).map { row in
            Subscription(
                id: try row.int64(0), arn: try row.text(1), topic: try row.text(2),
                proto: SubscriptionProtocol(rawValue: try row.text(3)), endpoint: try row.text(4),
                owner: try row.text(5), attributes: QueueStore.strings(try row.text(6)),
                isConfirmed: try row.bool(7), token: try row.text(8), createdAt: try row.time(9))
        }
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
}
