import Core
import Storage

/// A task that moves the messages of a dead-letter queue back to where they came from, or to another queue.
public struct MessageMoveTask: Sendable {
    public enum Status: String, Sendable {
        case running = "RUNNING"
        case completed = "COMPLETED"
        case cancelled = "CANCELLED"
        case failed = "FAILED"
    }

    public var id: String
    public var source: String
    /// Nil moves every message to the queue that it came from.
    public var destination: String?
    /// Messages a second.
    public var rate: Int?
    public var status: Status
    public var moved: Int
    public var toMove: Int
    public var failure: String?
    public var startedAt: Timestamp

    /// What the caller names the task by: Base64 of a JSON object, as the service's own handles are.
    public var handle: String {
        Base64.encode(Array(#"{"taskId":"\#(id)","sourceArn":"\#(source)"}"#.utf8))
    }

    /// The task and source of a handle.
    public static func parse(handle: String) -> (id: String, source: String)? {
        guard handle.utf8.count < 2048, let bytes = Base64.decode(handle), let json = try? JSON(parsing: bytes),
            let id = json["taskId"]?.stringValue, let source = json["sourceArn"]?.stringValue
        else { return nil }
        return (id, source)
    }
}

extension QueueStore {
    private static let taskColumns = "id, source, destination, rate, status, moved, to_move, failure, started_at"

    func save(_ task: MessageMoveTask, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO messaging_move_tasks (\(Self.taskColumns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (id) DO UPDATE SET status = excluded.status, moved = excluded.moved, failure = excluded.failure
            """,
            .text(task.id), .text(task.source), .optional(task.destination), .int(task.rate),
            .text(task.status.rawValue),
            .int(task.moved), .int(task.toMove), .optional(task.failure), .time(task.startedAt))
    }

    /// The tasks of a source, the last one first.
    func moveTasks(of source: String, limit: Int, in transaction: Transaction) throws -> [MessageMoveTask] {
        try transaction.query(
            """
            SELECT \(Self.taskColumns) FROM messaging_move_tasks WHERE source = $1
            ORDER BY started_at DESC, id LIMIT $2
            """, .text(source), .int(limit)
        ).map(Self.task)
    }

    func moveTask(_ id: String, in transaction: Transaction) throws -> MessageMoveTask? {
        try transaction.first(
            "SELECT \(Self.taskColumns) FROM messaging_move_tasks WHERE id = $1", .text(id)
        ).map(Self.task)
    }

    func runningMoveTasks(in transaction: Transaction) throws -> [MessageMoveTask] {
        try transaction.query(
            "SELECT \(Self.taskColumns) FROM messaging_move_tasks WHERE status = 'RUNNING' ORDER BY started_at"
        ).map(Self.task)
    }

    private static func task(_ row: Row) throws -> MessageMoveTask {
        MessageMoveTask(
            id: try row.text(0), source: try row.text(1), destination: try row.textOrNil(2), rate: try row.intOrNil(3),
            status: MessageMoveTask.Status(rawValue: try row.text(4)) ?? .failed, moved: try row.int(5),
            toMove: try row.int(6), failure: try row.textOrNil(7), startedAt: try row.time(8))
    }
}
