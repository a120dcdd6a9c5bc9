import Core
import Storage

extension BusStore {
    // MARK: Archives

    func put(_ archive: EventArchive, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO event_archives (id, account, region, name, bus, summary, pattern, retention_days, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (account, region, name) DO UPDATE SET summary = $6, pattern = $7, retention_days = $8
            """,
            .integer(archive.id), .text(archive.scope.account), .text(archive.scope.region), .text(archive.name),
            .text(archive.bus.name), .optional(archive.summary), .optional(archive.pattern),
            .int(archive.retentionDays), .time(archive.createdAt))
    }

    /// Removes some of an archive's events; returns how many.
    func removeEvents(of archive: EventArchive, limit: Int, in transaction: Transaction) throws -> Int {
        try transaction.execute(
            """
            DELETE FROM event_archived WHERE id IN (SELECT id FROM event_archived WHERE archive_id = $1 LIMIT $2)
            """, .integer(archive.id), .int(limit))
    }

    func delete(_ archive: EventArchive, in transaction: Transaction) throws {
        try transaction.execute("DELETE FROM event_archived WHERE archive_id = $1", .integer(archive.id))
        try transaction.execute("DELETE FROM event_archives WHERE id = $1", .integer(archive.id))
    }

    func archive(_ name: String, _ scope: Scope, in transaction: Transaction) throws -> EventArchive? {
        try transaction.first(
            Self.selectArchives + " WHERE account = $1 AND region = $2 AND name = $3", .text(scope.account),
            .text(scope.region), .text(name)
        ).map(Self.archive)
    }

    func archives(
        _ scope: Scope, namePrefix: String, bus: String?, after: String, limit: Int, in transaction: Transaction
    ) throws -> [EventArchive] {
        try transaction.query(
            Self.selectArchives
                + """
                 WHERE account = $1 AND region = $2 AND name > $3 AND substr(name, 1, $4) = $5
                AND ($6 IS NULL OR bus = $6) ORDER BY name LIMIT $7
                """,
            .text(scope.account), .text(scope.region), .text(after), .int(namePrefix.unicodeScalars.count),
            .text(namePrefix), .optional(bus), .int(limit)
        ).map(Self.archive)
    }

    func allArchives(in transaction: Transaction) throws -> [EventArchive] {
        try transaction.query(Self.selectArchives).map(Self.archive)
    }

    private static let selectArchives = """
        SELECT id, account, region, name, bus, summary, pattern, retention_days, created_at FROM event_archives
        """

    private static func archive(_ row: Row) throws -> EventArchive {
        let scope = Scope(account: try row.text(1), region: try row.text(2))
        return EventArchive(
            id: try row.int64(0), scope: scope, name: try row.text(3), bus: BusKey(scope, try row.text(4)),
            summary: try row.textOrNil(5), pattern: try row.textOrNil(6), retentionDays: try row.int(7),
            createdAt: try row.time(8))
    }

    // MARK: Events

    func insert(_ event: ArchivedEvent, in transaction: Transaction) throws {
        try transaction.execute(
            "INSERT INTO event_archived (id, archive_id, time, size, event) VALUES ($1, $2, $3, $4, $5)",
            .integer(event.id), .integer(event.archive), .time(event.time), .int(event.size), .blob(event.event))
    }

    func contents(of archive: Int64, in transaction: Transaction) throws -> ArchiveContents {
        let row = try transaction.first(
            "SELECT COUNT(*), COALESCE(SUM(size), 0) FROM event_archived WHERE archive_id = $1", .integer(archive))
        return ArchiveContents(count: try row?.int(0) ?? 0, size: try row?.int(1) ?? 0)
    }

    func archived(_ replay: EventReplay, of archive: Int64, limit: Int, in transaction: Transaction) throws
        -> [ArchivedEvent]
    {
        try transaction.query(
            """
            SELECT id, time, size, event FROM event_archived
            WHERE archive_id = $1 AND time >= $2 AND time < $3 AND (time, id) > ($4, $5) ORDER BY time, id LIMIT $6
            """,
            .integer(archive), .time(replay.start), .time(replay.end),
            .time(replay.lastReplayed ?? Timestamp(milliseconds: 0)), .integer(replay.cursor), .int(limit)
        ).map { row in
            ArchivedEvent(
                id: try row.int64(0), archive: archive, time: try row.time(1), size: try row.int(2),
                event: try row.blob(3))
        }
    }

    /// Removes some of the events that are past their archive's retention; returns how many.
    func expireArchived(before now: Timestamp, limit: Int, in transaction: Transaction) throws -> Int {
        try transaction.execute(
            """
            DELETE FROM event_archived WHERE id IN (
                SELECT e.id FROM event_archived AS e JOIN event_archives AS a ON a.id = e.archive_id
                WHERE a.retention_days > 0 AND e.time < $1 - a.retention_days * 86400000 LIMIT $2)
            """, .time(now), .int(limit))
    }

    // MARK: Replays

    func put(_ replay: EventReplay, in transaction: Transaction) throws {
        let details: JSON = [
            "destination": .string(replay.destination.arn), "rules": .array(replay.rules.map(JSON.string)),
            "summary": replay.summary.map(JSON.string) ?? .null,
        ]
        try transaction.execute(
            """
            INSERT INTO event_replays (account, region, name, state, archive, details, start_at, end_at, begun_at,
                ended_at, cursor_time, cursor_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            ON CONFLICT (account, region, name) DO UPDATE SET
                state = $4, ended_at = $10, cursor_time = $11, cursor_id = $12
            """,
            .text(replay.scope.account), .text(replay.scope.region), .text(replay.name),
            .text(replay.state.rawValue), .text(replay.archive), .text(details.text()), .time(replay.start),
            .time(replay.end), .time(replay.begunAt), .time(replay.endedAt), .time(replay.lastReplayed),
            .integer(replay.cursor))
    }

    func replay(_ name: String, _ scope: Scope, in transaction: Transaction) throws -> EventReplay? {
        try transaction.first(
            Self.selectReplays + " WHERE account = $1 AND region = $2 AND name = $3", .text(scope.account),
            .text(scope.region), .text(name)
        ).map(Self.replay)
    }

    func replays(
        _ scope: Scope, namePrefix: String, archive: String?, state: String?, after: String, limit: Int,
        in transaction: Transaction
    ) throws -> [EventReplay] {
        try transaction.query(
            Self.selectReplays
                + """
                 WHERE account = $1 AND region = $2 AND name > $3 AND substr(name, 1, $4) = $5
                AND ($6 IS NULL OR archive = $6) AND ($7 IS NULL OR state = $7) ORDER BY name LIMIT $8
                """,
            .text(scope.account), .text(scope.region), .text(after), .int(namePrefix.unicodeScalars.count),
            .text(namePrefix), .optional(archive), .optional(state), .int(limit)
        ).map(Self.replay)
    }

    func activeReplays(in transaction: Transaction) throws -> [EventReplay] {
        try transaction.query(
            Self.selectReplays + " WHERE state IN ('STARTING', 'RUNNING', 'CANCELLING') ORDER BY begun_at, name"
        ).map(Self.replay)
    }

    private static let selectReplays = """
        SELECT account, region, name, state, archive, details, start_at, end_at, begun_at, ended_at, cursor_time,
            cursor_id
        FROM event_replays
        """

    private static func replay(_ row: Row) throws -> EventReplay {
        let scope = Scope(account: try row.text(0), region: try row.text(1))
        let details = (try? JSON(parsing: try row.text(5))) ?? .null
        var replay = EventReplay(
            scope, name: try row.text(2), archive: try row.text(4),
            destination: BusKey(arn: details["destination"]?.stringValue ?? "") ?? BusKey(scope),
            rules: (details["rules"]?.arrayValue ?? []).compactMap(\.stringValue),
            summary: details["summary"]?.stringValue, start: try row.time(6), end: try row.time(7),
            at: try row.time(8))
        replay.state = EventReplay.State(rawValue: try row.text(3)) ?? .cancelled
        replay.endedAt = try row.timeOrNil(9)
        replay.lastReplayed = try row.timeOrNil(10)
        replay.cursor = try row.int64OrNil(11) ?? 0
        return replay
    }
}
