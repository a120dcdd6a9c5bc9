import Core
import Storage

/// Queues and their messages in the database. Every function works within the caller's transaction.
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
                    UNIQUE (account, region, name)
                )
                """,
                """
                CREATE TABLE messaging_messages (
                    id BIGINT PRIMARY KEY,
                    queue BIGINT NOT NULL,
                    message_id TEXT NOT NULL,
                    body TEXT NOT NULL,
                    attributes TEXT,
                    sender TEXT NOT NULL,
                    trace_header TEXT,
                    source_queue TEXT,
                    group_id TEXT,
                    deduplication_id TEXT,
                    sent_at BIGINT NOT NULL,
                    expires_at BIGINT NOT NULL,
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
                "CREATE INDEX messaging_messages_by_expiry ON messaging_messages (expires_at)",
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
            ])
    ]

    public init() {}

    // MARK: Queues

    public func insert(_ queue: Queue, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO messaging_queues (id, account, region, name, attributes, tags, created_at, modified_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            .integer(queue.id), .text(queue.scope.account), .text(queue.scope.region), .text(queue.name),
            .text(Self.text(queue.attributes.values)), .text(Self.text(queue.tags)), .time(queue.createdAt),
            .time(queue.modifiedAt))
    }

    public func update(_ queue: Queue, in transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE messaging_queues SET attributes = $2, tags = $3, modified_at = $4 WHERE id = $1",
            .integer(queue.id), .text(Self.text(queue.attributes.values)), .text(Self.text(queue.tags)),
            .time(queue.modifiedAt))
    }

    public func delete(_ queue: Queue, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM messaging_queues WHERE id = $1", .integer(queue.id))
        try deleteMessages(of: queue, in: transaction)
    }

    public func deleteMessages(of queue: Queue, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM messaging_messages WHERE queue = $1", .integer(queue.id))
        try transaction.execute("DELETE FROM messaging_deduplication WHERE queue = $1", .integer(queue.id))
    }

    public func queues(in transaction: Transaction) throws -> [Queue] {
        try transaction.query(
            "SELECT id, account, region, name, attributes, tags, created_at, modified_at FROM messaging_queues"
        ).map { row in
            Queue(
                id: try row.int64(0), scope: Scope(account: try row.text(1), region: try row.text(2)),
                name: try row.text(3), attributes: QueueAttributes(Self.strings(try row.text(4))),
                tags: Self.strings(try row.text(5)), createdAt: try row.time(6), modifiedAt: try row.time(7))
        }
    }

    // MARK: Sending

    /// One message row.
    struct NewRow {
        var id: Int64
        var messageID: String
        var message: OutgoingMessage
        var deduplicationID: String?
        var sentAt: Timestamp
        var visibleAt: Timestamp
        var expiresAt: Timestamp
    }

    func insert(_ new: NewRow, into queue: Queue, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO messaging_messages (id, queue, message_id, body, attributes, sender, trace_header, group_id,
                deduplication_id, sent_at, expires_at, visible_at, receive_count)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0)
            """,
            .integer(new.id), .integer(queue.id), .text(new.messageID), .text(new.message.body),
            .optional(MessageAttribute.text(of: new.message.attributes)), .text(new.message.sender),
            .optional(new.message.traceHeader), .optional(new.message.groupID), .optional(new.deduplicationID),
            .time(new.sentAt), .time(new.expiresAt), .time(new.visibleAt))
    }

    /// The earlier message with that deduplication key, when there is one that still counts.
    func duplicate(
        of key: String, in queue: Queue, at now: Timestamp, _ transaction: Transaction
    ) throws -> (messageID: String, sequence: Int64)? {
        try transaction.first(
            """
            SELECT message_id, sequence FROM messaging_deduplication
            WHERE queue = $1 AND key = $2 AND expires_at > $3
            """,
            .integer(queue.id), .text(key), .time(now)
        ).map { (try $0.text(0), try $0.int64(1)) }
    }

    func remember(
        _ key: String, messageID: String, sequence: Int64, until: Timestamp, in queue: Queue,
        _ transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            INSERT INTO messaging_deduplication (queue, key, message_id, sequence, expires_at)
            VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (queue, key) DO UPDATE SET message_id = excluded.message_id, sequence = excluded.sequence,
                expires_at = excluded.expires_at
            """,
            .integer(queue.id), .text(key), .text(messageID), .integer(sequence), .time(until))
    }

    // MARK: Receiving

    static let messageColumns = """
        id, message_id, body, attributes, sender, trace_header, source_queue, group_id, deduplication_id, sent_at,
        received_at, receive_count
        """

    /// Identifiers and receive counts of the messages that may be received now, in order.
    func candidates(
        in queue: Queue, limit: Int, at now: Timestamp, _ transaction: Transaction
    ) throws -> [(id: Int64, receiveCount: Int)] {
        let available = """
            SELECT id, receive_count FROM messaging_messages
            WHERE queue = $1 AND visible_at <= $2 AND expires_at > $2
            """
        // A group of a FIFO queue is held back while an earlier message of it is in flight or delayed.
        let fifo = """
            SELECT id, receive_count FROM messaging_messages AS m
            WHERE queue = $1 AND visible_at <= $2 AND expires_at > $2 AND NOT EXISTS (
                SELECT 1 FROM messaging_messages AS earlier
                WHERE earlier.queue = m.queue AND earlier.group_id = m.group_id AND earlier.id < m.id
                    AND earlier.visible_at > $2 AND earlier.expires_at > $2)
            """
        let query = queue.attributes.isFIFO ? fifo + " ORDER BY id" : available + " ORDER BY visible_at, id"
        return try transaction.query(
            query + " LIMIT $3", .integer(queue.id), .time(now), .int(limit)
        ).map { (try $0.int64(0), try $0.int(1)) }
    }

    func take(
        _ id: Int64, until: Timestamp, at now: Timestamp, _ transaction: Transaction
    ) throws -> Row? {
        try transaction.first(
            """
            UPDATE messaging_messages SET visible_at = $2, received_at = COALESCE(received_at, $3),
                receive_count = receive_count + 1
            WHERE id = $1 RETURNING \(Self.messageColumns)
            """,
            .integer(id), .time(until), .time(now))
    }

    func move(_ id: Int64, from source: Queue, to target: Queue, at now: Timestamp, _ transaction: Transaction) throws {
        // The time of sending stays, and with it the end of retention, unless the target is a FIFO queue.
        try transaction.execute(
            """
            UPDATE messaging_messages SET queue = $2, visible_at = $3, source_queue = $4,
                expires_at = sent_at + $5 WHERE id = $1
            """,
            .integer(id), .integer(target.id), .time(now), .text(source.arn.description),
            .int(target.attributes.retentionPeriod * 1000))
    }

    /// When the next message that is invisible now becomes visible.
    func nextVisible(in queue: Queue, after now: Timestamp, _ transaction: Transaction) throws -> Timestamp? {
        try transaction.first(
            "SELECT MIN(visible_at) FROM messaging_messages WHERE queue = $1 AND visible_at > $2",
            .integer(queue.id), .time(now))?.timeOrNil(0)
    }

    func counts(in queue: Queue, at now: Timestamp, _ transaction: Transaction) throws -> QueueCounts {
        let row = try transaction.first(
            """
            SELECT COALESCE(SUM(CASE WHEN visible_at <= $2 THEN 1 ELSE 0 END), 0),
                COALESCE(SUM(CASE WHEN visible_at > $2 AND receive_count > 0 THEN 1 ELSE 0 END), 0),
                COALESCE(SUM(CASE WHEN visible_at > $2 AND receive_count = 0 THEN 1 ELSE 0 END), 0)
            FROM messaging_messages WHERE queue = $1 AND expires_at > $2
            """,
            .integer(queue.id), .time(now))
        guard let row else { return QueueCounts() }
        return QueueCounts(visible: try row.int(0), inFlight: try row.int(1), delayed: try row.int(2))
    }

    /// Removes what is past its retention; returns how many messages were removed.
    func expire(at now: Timestamp, limit: Int, _ transaction: Transaction) throws -> Int {
        try transaction.execute("DELETE FROM messaging_deduplication WHERE expires_at <= $1", .time(now))
        return try transaction.execute(
            """
            DELETE FROM messaging_messages WHERE id IN (
                SELECT id FROM messaging_messages WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)
            """,
            .time(now), .int(limit))
    }

    // MARK: Texts

    static func text(_ strings: [String: String]) -> String {
        JSON.object(JSONObject(strings.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })).text()
    }

    static func strings(_ text: String) -> [String: String] {
        guard let object = (try? JSON(parsing: text))?.objectValue else { return [:] }
        return Dictionary(object.map { ($0.key, $0.value.stringValue ?? "") }) { $1 }
    }
}

/// How many messages a queue holds.
public struct QueueCounts: Hashable, Sendable {
    public var visible = 0
    public var inFlight = 0
    public var delayed = 0
}

extension MessageAttribute {
    /// The attributes as stored text; nil for none.
    static func text(of attributes: [MessageAttribute]) -> String? {
        guard !attributes.isEmpty else { return nil }
        return JSON.array(
            attributes.map { attribute in
                switch attribute.value {
                case .string(let text): [.string(attribute.name), .string(attribute.type), .string(text)]
                case .binary(let bytes):
                    [.string(attribute.name), .string(attribute.type), .string(Base64.encode(bytes)), true]
                }
            }
        ).text()
    }

    static func list(_ text: String?) -> [MessageAttribute] {
        guard let text, let items = (try? JSON(parsing: text))?.arrayValue else { return [] }
        return items.compactMap { item in
            guard let name = item[0]?.stringValue, let type = item[1]?.stringValue, let value = item[2]?.stringValue
            else { return nil }
            let isBinary = item[3]?.boolValue == true
            return MessageAttribute(
                name: name, type: type, value: isBinary ? .binary(Base64.decode(value) ?? []) : .string(value))
        }
    }
}
