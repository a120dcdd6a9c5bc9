import Core
import Metering
import Storage

/// Log groups, streams and events in the database. Every function works within the caller's transaction.
struct LogStore: Sendable {
    static let schema = [
        Migration(
            "logs", 1,
            [
                """
                CREATE TABLE logs_groups (
                    id BIGINT PRIMARY KEY,
                    account TEXT NOT NULL,
                    region TEXT NOT NULL,
                    name TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    retention_days BIGINT,
                    tags TEXT NOT NULL,
                    settings TEXT NOT NULL,
                    UNIQUE (account, region, name)
                )
                """,
                """
                CREATE TABLE logs_streams (
                    id BIGINT PRIMARY KEY,
                    group_id BIGINT NOT NULL,
                    name TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    first_event BIGINT,
                    last_event BIGINT,
                    last_ingestion BIGINT,
                    UNIQUE (group_id, name)
                )
                """,
                """
                CREATE TABLE logs_events (
                    id BIGINT PRIMARY KEY,
                    group_id BIGINT NOT NULL,
                    stream_id BIGINT NOT NULL,
                    time BIGINT NOT NULL,
                    ingested_at BIGINT NOT NULL,
                    message TEXT NOT NULL
                )
                """,
                "CREATE INDEX logs_events_by_stream ON logs_events (stream_id, time, id)",
                "CREATE INDEX logs_events_by_group ON logs_events (group_id, time, id)",
            ]),
        Migration(
            "logs", 2,
            [
                "ALTER TABLE logs_groups ADD COLUMN stored_bytes BIGINT NOT NULL DEFAULT 0",
                "ALTER TABLE logs_events ADD COLUMN size BIGINT NOT NULL DEFAULT 0",
            ]),
    ]

    // MARK: Groups

    func insert(_ group: LogGroup, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO logs_groups (id, account, region, name, created_at, retention_days, tags, settings)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            .integer(group.id), .text(group.scope.account), .text(group.scope.region), .text(group.name),
            .time(group.createdAt), .int(group.retentionDays), .text(Self.text(group.tags)),
            .text(JSON.object(group.settings).text()))
    }

    func update(_ group: LogGroup, in transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE logs_groups SET retention_days = $2, tags = $3, settings = $4 WHERE id = $1",
            .integer(group.id), .int(group.retentionDays), .text(Self.text(group.tags)),
            .text(JSON.object(group.settings).text()))
    }

    func delete(_ group: LogGroup, in transaction: Transaction) throws {
        for table in ["logs_events", "logs_streams"] {
            try transaction.execute("DELETE FROM \(table) WHERE group_id = $1", .integer(group.id))
        }
        try transaction.execute("DELETE FROM logs_groups WHERE id = $1", .integer(group.id))
    }

    func group(_ name: String, _ scope: Scope, in transaction: Transaction) throws -> LogGroup? {
        try transaction.first(
            Self.selectGroups + " WHERE account = $1 AND region = $2 AND name = $3", .text(scope.account),
            .text(scope.region), .text(name)
        ).map(Self.group)
    }

    func groups(
        _ scope: Scope, prefix: String, after: String, limit: Int, in transaction: Transaction
    ) throws -> [LogGroup] {
        try transaction.query(
            Self.selectGroups
                + """
                 WHERE account = $1 AND region = $2 AND substr(name, 1, $3) = $4 AND name > $5
                ORDER BY name LIMIT $6
                """,
            .text(scope.account), .text(scope.region), .int(prefix.unicodeScalars.count), .text(prefix), .text(after),
            .int(limit)
        ).map(Self.group)
    }

    func allGroups(in transaction: Transaction) throws -> [LogGroup] {
        try transaction.query(Self.selectGroups).map(Self.group)
    }

    private static let selectGroups = """
        SELECT id, account, region, name, created_at, retention_days, tags, settings, stored_bytes FROM logs_groups
        """

    private static func group(_ row: Row) throws -> LogGroup {
        let tags = (try? JSON(parsing: try row.text(6)))?.objectValue ?? [:]
        var group = LogGroup(
            id: try row.int64(0), scope: Scope(account: try row.text(1), region: try row.text(2)),
            name: try row.text(3), createdAt: try row.time(4), retentionDays: try row.intOrNil(5),
            tags: Dictionary(tags.map { ($0.key, $0.value.stringValue ?? "") }) { $1 },
            settings: (try? JSON(parsing: try row.text(7)))?.objectValue ?? [:])
        group.storedBytes = try row.int64(8)
        return group
    }

    func addBytes(_ bytes: Int64, to group: Int64, in transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE logs_groups SET stored_bytes = stored_bytes + $2 WHERE id = $1", .integer(group), .integer(bytes))
    }

    private static func text(_ tags: [String: String]) -> String {
        JSON.object(JSONObject(tags.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })).text()
    }

    // MARK: Streams

    func insert(_ stream: LogStream, in transaction: Transaction) throws {
        try transaction.execute(
            "INSERT INTO logs_streams (id, group_id, name, created_at) VALUES ($1, $2, $3, $4)",
            .integer(stream.id), .integer(stream.group), .text(stream.name), .time(stream.createdAt))
    }

    func stream(_ name: String, of group: Int64, in transaction: Transaction) throws -> LogStream? {
        try transaction.first(
            Self.selectStreams + " WHERE group_id = $1 AND name = $2", .integer(group), .text(name)
        ).map(Self.stream)
    }

    func streams(of group: Int64, in transaction: Transaction) throws -> [LogStream] {
        try transaction.query(Self.selectStreams + " WHERE group_id = $1 ORDER BY name", .integer(group))
            .map(Self.stream)
    }

    /// Removes some of a stream's events.
    func removeEvents(
        of stream: LogStream, limit: Int, in transaction: Transaction
    ) throws -> (count: Int, bytes: Int64) {
        let rows = try transaction.query(
            """
            DELETE FROM logs_events WHERE id IN (SELECT id FROM logs_events WHERE stream_id = $1 LIMIT $2)
            RETURNING size
            """, .integer(stream.id), .int(limit))
        return (rows.count, try rows.reduce(Int64(0)) { try $0 + $1.int64(0) })
    }

    func delete(_ stream: LogStream, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM logs_events WHERE stream_id = $1", .integer(stream.id))
        try transaction.execute("DELETE FROM logs_streams WHERE id = $1", .integer(stream.id))
    }

    private static let selectStreams = """
        SELECT id, group_id, name, created_at, first_event, last_event, last_ingestion FROM logs_streams
        """

    private static func stream(_ row: Row) throws -> LogStream {
        LogStream(
            id: try row.int64(0), group: try row.int64(1), name: try row.text(2), createdAt: try row.time(3),
            firstEvent: try row.timeOrNil(4), lastEvent: try row.timeOrNil(5), lastIngestion: try row.timeOrNil(6))
    }

    // MARK: Events

    func insert(_ event: LogEvent, group: Int64, stream: Int64, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO logs_events (id, group_id, stream_id, time, ingested_at, message, size)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            """,
            .integer(event.id), .integer(group), .integer(stream), .time(event.time), .time(event.ingestedAt),
            .text(event.message), .int(event.message.utf8.count + BillingRule.logEventOverhead))
    }

    func touch(
        _ stream: Int64, first: Timestamp, last: Timestamp, ingestion: Timestamp, in transaction: Transaction
    ) throws {
        try transaction.execute(
            """
            UPDATE logs_streams SET
                first_event = CASE WHEN first_event <= $2 THEN first_event ELSE $2 END,
                last_event = CASE WHEN last_event >= $3 THEN last_event ELSE $3 END, last_ingestion = $4
            WHERE id = $1
            """,
            .integer(stream), .time(first), .time(last), .time(ingestion))
    }

    func events(_ query: LogQuery, group: Int64, streams: [Int64]?, in transaction: Transaction) throws -> [LogEvent] {
        var parameters: [SQLValue] = [.integer(group), .time(query.start), .time(query.end)]
        var condition = "e.group_id = $1 AND e.time >= $2 AND e.time < $3"
        if let streams {
            guard !streams.isEmpty else { return [] }
            let names = streams.map { stream -> String in
                parameters.append(.integer(stream))
                return "$\(parameters.count)"
            }
            condition += " AND e.stream_id IN (\(names.joined(separator: ", ")))"
        }
        if let cursor = query.cursor {
            parameters += [.time(cursor.time), .integer(cursor.id)]
            let comparison = query.isBackward ? "<" : ">"
            condition += " AND (e.time, e.id) \(comparison) ($\(parameters.count - 1), $\(parameters.count))"
        }
        parameters.append(.int(query.limit))
        let order = query.isBackward ? "e.time DESC, e.id DESC" : "e.time, e.id"
        return try transaction.query(
            """
            SELECT e.id, s.name, e.time, e.ingested_at, e.message
            FROM logs_events AS e JOIN logs_streams AS s ON s.id = e.stream_id
            WHERE \(condition) ORDER BY \(order) LIMIT $\(parameters.count)
            """, parameters
        ).map { row in
            LogEvent(
                id: try row.int64(0), stream: try row.text(1), time: try row.time(2), ingestedAt: try row.time(3),
                message: try row.text(4))
        }
    }

    func bytes(of stream: Int64, in transaction: Transaction) throws -> Int64 {
        try transaction.first(
            "SELECT COALESCE(SUM(size), 0) FROM logs_events WHERE stream_id = $1", .integer(stream))?.int64(0) ?? 0
    }

    func expire(
        _ group: LogGroup, before: Timestamp, limit: Int, in transaction: Transaction
    ) throws -> (count: Int, bytes: Int64) {
        let rows = try transaction.query(
            """
            DELETE FROM logs_events WHERE id IN (
                SELECT id FROM logs_events WHERE group_id = $1 AND time < $2 ORDER BY time LIMIT $3)
            RETURNING size
            """,
            .integer(group.id), .time(before), .int(limit))
        let bytes = try rows.reduce(Int64(0)) { try $0 + $1.int64(0) }
        return (rows.count, bytes)
    }
}

/// Which events are asked for.
public struct LogQuery: Sendable {
    /// A place between two events.
    public struct Cursor: Hashable, Sendable {
        public var time: Timestamp
        public var id: Int64

        public init(time: Timestamp, id: Int64) {
            self.time = time
            self.id = id
        }
    }

    /// Inclusive.
    public var start = Timestamp(milliseconds: 0)
    /// Exclusive.
    public var end = Timestamp.distantFuture
    /// Names of streams; nil for all of the group.
    public var streams: [String]?
    public var cursor: Cursor?
    /// Newest first.
    public var isBackward = false
    public var limit = 10_000

    public init() {}
}
