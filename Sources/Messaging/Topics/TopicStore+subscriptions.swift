import Core
import Storage

extension TopicStore {
    private static let subscriptionColumns = """
        id, arn, topic, protocol, endpoint, owner, attributes, is_confirmed, was_authenticated,
        authenticates_unsubscribe, token, created_at
        """

    func save(_ subscription: Subscription, in transaction: Transaction) throws {
        try write(subscription, endedUntil: nil, in: transaction)
    }

    /// Keeps a subscription that has ended, so that its receiver can have it back.
    func keepEnded(_ subscription: Subscription, until: Timestamp, in transaction: Transaction) throws {
        try write(subscription, endedUntil: until, in: transaction)
    }

    private func write(_ subscription: Subscription, endedUntil: Timestamp?, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO topics_subscriptions (\(Self.subscriptionColumns), ended_until)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            ON CONFLICT (id) DO UPDATE SET attributes = excluded.attributes, is_confirmed = excluded.is_confirmed,
                was_authenticated = excluded.was_authenticated,
                authenticates_unsubscribe = excluded.authenticates_unsubscribe, token = excluded.token,
                ended_until = excluded.ended_until
            """,
            .integer(subscription.id), .text(subscription.arn), .text(subscription.topic),
            .text(subscription.proto.rawValue), .text(subscription.endpoint), .text(subscription.owner),
            .text(StoredStrings.text(subscription.attributes)), .bool(subscription.isConfirmed),
            .bool(subscription.wasAuthenticated), .bool(subscription.authenticatesUnsubscribe),
            .text(subscription.token), .time(subscription.createdAt), .time(endedUntil))
    }

    /// Deletes the subscription unless it is kept as an ended one.
    func delete(_ subscription: Subscription, in transaction: Transaction) throws {
        try transaction.execute(
            "DELETE FROM topics_subscriptions WHERE id = $1 AND ended_until IS NULL", .integer(subscription.id))
    }

    func subscriptions(in transaction: Transaction) throws -> [Subscription] {
        try transaction.query(
            "SELECT \(Self.subscriptionColumns) FROM topics_subscriptions WHERE ended_until IS NULL ORDER BY id"
        ).map(Self.subscription)
    }

    /// The subscription that the token stands for, also one that has ended not long ago.
    func subscription(token: String, at now: Timestamp, in transaction: Transaction) throws -> Subscription? {
        try transaction.first(
            """
            SELECT \(Self.subscriptionColumns) FROM topics_subscriptions
            WHERE token = $1 AND (ended_until IS NULL OR ended_until > $2)
            """, .text(token), .time(now)
        ).map(Self.subscription)
    }

    func subscription(
        to topic: Topic, _ proto: SubscriptionProtocol, _ endpoint: String, in transaction: Transaction
    ) throws -> Subscription? {
        try transaction.first(
            """
            SELECT \(Self.subscriptionColumns) FROM topics_subscriptions
            WHERE topic = $1 AND protocol = $2 AND endpoint = $3 AND ended_until IS NULL
            """, .text(topic.arn.description), .text(proto.rawValue), .text(endpoint)
        ).map(Self.subscription)
    }

    private static func subscription(_ row: Row) throws -> Subscription {
        Subscription(
            id: try row.int64(0), arn: try row.text(1), topic: try row.text(2),
            proto: SubscriptionProtocol(rawValue: try row.text(3)), endpoint: try row.text(4), owner: try row.text(5),
            attributes: StoredStrings.map(try row.text(6)), isConfirmed: try row.bool(7),
            wasAuthenticated: try row.bool(8), authenticatesUnsubscribe: try row.bool(9), token: try row.text(10),
            createdAt: try row.time(11))
    }
}
