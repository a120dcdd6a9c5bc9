import Core
import Storage

extension QueueStore {
    // MARK: Sending

    /// One message row.
    struct NewRow {
        var id: Int64
        var messageID: String
        var message: OutgoingMessage
        var deduplicationID: String?
        var sentAt: Timestamp
        var visibleAt: Timestamp
    }

    /// - Returns: whether the queue is there: another transaction of the same commit may have deleted it. The statement
    ///   asks itself, because a question of its own costs a tenth of what sending does.
    func insert(_ new: NewRow, into queue: Queue, in transaction: Transaction) throws -> Bool {
        let rows = try transaction.execute(
            """
            INSERT INTO messaging_messages (id, queue, message_id, body, seal, attributes, sender, trace_header,
                group_id, deduplication_id, sent_at, visible_at, receive_count)
            SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0
            WHERE EXISTS (SELECT 1 FROM messaging_queues WHERE id = $2)
            """,
            .integer(new.id), .integer(queue.id), .text(new.messageID), .text(new.message.body),
            .optional(new.message.seal), .optional(MessageAttribute.text(of: new.message.attributes)),
            .text(new.message.sender), .optional(new.message.traceHeader), .optional(new.message.groupID),
            .optional(new.deduplicationID), .time(new.sentAt), .time(new.visibleAt))
        guard rows > 0 else { return false }
        guard queue.attributes.isFIFO, let group = new.message.groupID else { return true }
        try transaction.execute(
            """
            INSERT INTO messaging_groups (queue, group_id, ready_at) VALUES ($1, $2, $3)
            ON CONFLICT (queue, group_id) DO NOTHING
            """, .integer(queue.id), .text(group), .time(new.visibleAt))
        return true
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

    private static let messageColumns = """
        id, message_id, body, attributes, sender, trace_header, source_queue, group_id, deduplication_id, sent_at,
        received_at, receive_count, seal
        """

    private static let available = """
        SELECT id, receive_count FROM messaging_messages WHERE queue = $1 AND visible_at <= $2 AND sent_at > $3
        ORDER BY visible_at, id LIMIT $4
        """

    private static let takeAvailable = """
        UPDATE messaging_messages SET visible_at = $5, received_at = COALESCE(received_at, $2),
            receive_count = receive_count + 1
        WHERE id IN (SELECT id FROM (\(available)) AS available) RETURNING \(messageColumns)
        """

    private static let takeOne = """
        UPDATE messaging_messages SET visible_at = $3, received_at = COALESCE(received_at, $2),
            receive_count = receive_count + 1
        WHERE id = $1 RETURNING \(messageColumns)
        """

    /// Keeps a message that was received invisible until another time.
    func hide(_ id: Int64, until: Timestamp, _ transaction: Transaction) throws -> Row? {
        try transaction.first(
            "UPDATE messaging_messages SET visible_at = $2 WHERE id = $1 RETURNING \(Self.messageColumns)",
            .integer(id),
            .time(until))
    }

    static func oldest(in queue: Queue, at now: Timestamp) -> Timestamp {
        now.adding(milliseconds: -Int64(queue.attributes.retentionPeriod) * 1000)
    }

    /// Identifiers, receive counts and groups of the messages that may be received now, in order.
    func candidates(
        in queue: Queue, limit: Int, at now: Timestamp, _ transaction: Transaction
    ) throws -> [(id: Int64, receiveCount: Int, group: String?)] {
        if queue.attributes.isFIFO { return try groupedCandidates(in: queue, limit: limit, at: now, transaction) }
        return try transaction.query(
            Self.available, .integer(queue.id), .time(now), .time(Self.oldest(in: queue, at: now)), .int(limit)
        ).map { (try $0.int64(0), try $0.int(1), nil) }
    }

    /// Takes messages that may be received, in the order of sending.
    func take(
        _ limit: Int, from queue: Queue, until: Timestamp, at now: Timestamp, _ transaction: Transaction
    ) throws -> [Row] {
        guard !queue.attributes.isFIFO else {
            let candidates = try groupedCandidates(in: queue, limit: limit, at: now, transaction)
            let rows = try candidates.compactMap { candidate in
                try transaction.first(Self.takeOne, .integer(candidate.id), .time(now), .time(until))
            }
            for group in Set(candidates.compactMap(\.group)) { try refresh(group, of: queue, transaction) }
            return rows
        }
        let rows = try transaction.query(
            Self.takeAvailable, .integer(queue.id), .time(now), .time(Self.oldest(in: queue, at: now)), .int(limit),
            .time(until))
        guard rows.count > 1 else { return rows }
        return try rows.map { (try $0.int64(0), $0) }.sorted { $0.0 < $1.0 }.map(\.1)
    }

    /// Moves a message that was received too often to the dead-letter queue. It keeps its time of sending, and with it the end of its retention; in a FIFO
    /// queue it takes its place behind the others and its time anew (Developer Guide, "Understanding message retention
    /// periods for dead-letter queues").
    ///
    /// - Parameter number: the message's new place in a FIFO queue.
    func move(
        _ id: Int64, of group: String?, from source: Queue, to target: Queue, number: Int64, at now: Timestamp,
        _ transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            UPDATE messaging_messages SET queue = $2, visible_at = $3, source_queue = $4, id = $5,
                sent_at = COALESCE($6, sent_at)
            WHERE id = $1
            """,
            .integer(id), .integer(target.id), .time(now), .text(source.arn.description),
            .integer(target.attributes.isFIFO ? number : id), .time(target.attributes.isFIFO ? now : nil))
        guard let group else { return }
        try refresh(group, of: source, transaction)
        if target.attributes.isFIFO { try refresh(group, of: target, transaction) }
    }

    /// Puts a message of a dead-letter queue back into use, as a new message.
    func redrive(
        _ id: Int64, of group: String?, from source: Queue, to target: Queue,
        as new: (number: Int64, messageID: String), at now: Timestamp,
        _ transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            UPDATE messaging_messages SET id = $2, queue = $3, message_id = $4, sent_at = $5, visible_at = $5,
                received_at = NULL, receive_count = 0, source_queue = NULL
            WHERE id = $1
            """,
            .integer(id), .integer(new.number), .integer(target.id), .text(new.messageID), .time(now))
        guard let group else { return }
        if source.attributes.isFIFO { try refresh(group, of: source, transaction) }
        if target.attributes.isFIFO { try refresh(group, of: target, transaction) }
    }

    /// The first messages of a queue, wherever they came from.
    func movable(
        from queue: Queue, limit: Int, at now: Timestamp, _ transaction: Transaction
    ) throws -> [(id: Int64, source: String?, group: String?)] {
        try transaction.query(
            """
            SELECT id, source_queue, group_id FROM messaging_messages WHERE queue = $1 AND visible_at <= $2
            ORDER BY visible_at, id LIMIT $3
            """,
            .integer(queue.id), .time(now), .int(limit)
        ).map { (try $0.int64(0), try $0.textOrNil(1), try $0.textOrNil(2)) }
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
            FROM messaging_messages WHERE queue = $1 AND sent_at > $3
            """,
            .integer(queue.id), .time(now), .time(Self.oldest(in: queue, at: now)))
        guard let row else { return QueueCounts() }
        return QueueCounts(visible: try row.int(0), inFlight: try row.int(1), delayed: try row.int(2))
    }

    // MARK: One message

    struct MessageState {
        var visibleAt: Timestamp
        var receiveCount: Int
        var group: String?
    }

    /// The state of the message; nil when it is not there.
    func state(of id: Int64, in queue: Queue, _ transaction: Transaction) throws -> MessageState? {
        try transaction.first(
            "SELECT visible_at, receive_count, group_id FROM messaging_messages WHERE id = $1 AND queue = $2",
            .integer(id), .integer(queue.id)
        ).map {
            MessageState(visibleAt: try $0.time(0), receiveCount: try $0.int(1), group: try $0.textOrNil(2))
        }
    }

    func delete(_ id: Int64, of group: String?, from queue: Queue, _ transaction: Transaction) throws {
        try transaction.execute(
            "DELETE FROM messaging_messages WHERE id = $1 AND queue = $2", .integer(id), .integer(queue.id))
        if queue.attributes.isFIFO, let group { try refresh(group, of: queue, transaction) }
    }

    func setVisible(
        _ id: Int64, of group: String?, in queue: Queue, at instant: Timestamp, _ transaction: Transaction
    ) throws {
        try transaction.execute(
            "UPDATE messaging_messages SET visible_at = $2 WHERE id = $1", .integer(id), .time(instant))
        if queue.attributes.isFIFO, let group { try refresh(group, of: queue, transaction) }
    }

    // MARK: Removal of many

    /// Removes messages of the queue that are not newer than the boundary; returns how many, at most the limit.
    func remove(of queue: Queue, upTo boundary: Int64, limit: Int, _ transaction: Transaction) throws -> Int {
        try transaction.execute(
            """
            DELETE FROM messaging_messages WHERE id IN (
                SELECT id FROM messaging_messages WHERE queue = $1 AND id <= $2 LIMIT $3)
            """, .integer(queue.id), .integer(boundary), .int(limit))
    }

    // MARK: Expiry

    /// Removes messages of the queue that are past its retention; returns how many, at most the limit.
    func expire(in queue: Queue, at now: Timestamp, limit: Int, _ transaction: Transaction) throws -> Int {
        let oldest = Self.oldest(in: queue, at: now)
        let removed = try transaction.execute(
            """
            DELETE FROM messaging_messages WHERE id IN (
                SELECT id FROM messaging_messages
                WHERE id <= $2 AND +queue = $1 AND sent_at <= $3 ORDER BY id LIMIT $4)
            """,
            .integer(queue.id), .integer(oldest.milliseconds << 20), .time(oldest), .int(limit))
        if removed > 0, queue.attributes.isFIFO { try refreshGroups(of: queue, transaction) }
        return removed
    }

    func expireDeduplication(at now: Timestamp, _ transaction: Transaction) throws {
        try transaction.execute("DELETE FROM messaging_deduplication WHERE expires_at <= $1", .time(now))
    }

    // MARK: Rows

    func message(_ row: Row, of queue: Queue) throws -> ReceivedMessage {
        let id = try row.int64(0)
        let count = try row.int(11)
        return ReceivedMessage(
            messageID: try row.text(1),
            receiptHandle: ReceiptHandle(id: id, receiveCount: count, queue: queue.id).text, body: try row.text(2),
            attributes: MessageAttribute.list(try row.textOrNil(3)), sentAt: try row.time(9),
            firstReceivedAt: try row.time(10), receiveCount: count, sender: try row.text(4),
            groupID: try row.textOrNil(7), deduplicationID: try row.textOrNil(8),
            sequenceNumber: queue.attributes.isFIFO ? SequenceNumber.text(id) : nil, traceHeader: try row.textOrNil(5),
            deadLetterSource: try row.textOrNil(6), seal: try row.textOrNil(12))
    }
}

/// Numbers of messages in FIFO queues and topics: twenty digits.
enum SequenceNumber {
    static func text(_ id: Int64) -> String {
        let digits = String(id)
        return "1" + String(repeating: "0", count: max(0, 19 - digits.count)) + digits
    }
}

/// What proves that a message was received: which, how often, and from which queue.
struct ReceiptHandle: Hashable {
    var id: Int64
    var receiveCount: Int
    var queue: Int64

    init(id: Int64, receiveCount: Int, queue: Int64) {
        self.id = id
        self.receiveCount = receiveCount
        self.queue = queue
    }

    init?(text: String) {
        guard text.utf8.count < 256, let bytes = Base64.decode(text) else { return nil }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        guard parts.count == 3, let queue = Int64(parts[0]), let id = Int64(parts[1]), let count = Int(parts[2]) else {
            return nil
        }
        self.id = id
        self.queue = queue
        receiveCount = count
    }

    var text: String { Base64.encode(Array("\(queue) \(id) \(receiveCount)".utf8)) }
}
