public import Core
import Storage

/// A map run as the API shows it.
public struct MapRunRecord: Sendable {
    public enum Status: String, Sendable {
        case running = "RUNNING"
        case succeeded = "SUCCEEDED"
        case failed = "FAILED"
        case aborted = "ABORTED"
    }

    public var arn: String
    /// The execution that the run belongs to.
    public var execution: Int64
    public var executionARN: String
    /// The machine that its children are of: that of the parent, with the label.
    public var machineARN: String
    public var status: Status
    public var startedAt: Timestamp
    public var stoppedAt: Timestamp?
    public var maxConcurrency: Int64
    public var toleratedFailureCount: Int64
    public var toleratedFailurePercentage: Double
    public var redriveCount: Int64
    public var redrivenAt: Timestamp?
    public var itemCounts: MapRunCounts
    public var executionCounts: MapRunCounts
}

/// How many items, or executions, of a map run are where.
public struct MapRunCounts: Sendable, Equatable {
    public var pending: Int64 = 0
    public var running: Int64 = 0
    public var succeeded: Int64 = 0
    public var failed: Int64 = 0
    public var timedOut: Int64 = 0
    public var aborted: Int64 = 0
    public var resultsWritten: Int64 = 0

    public var total: Int64 { pending + running + succeeded + failed + timedOut + aborted }

    public init() {}

    var json: JSON {
        .array([pending, running, succeeded, failed, timedOut, aborted, resultsWritten].map(JSON.int))
    }

    init(_ json: JSON?) {
        func count(_ index: Int) -> Int64 { json?[index]?.intValue ?? 0 }
        pending = count(0)
        running = count(1)
        succeeded = count(2)
        failed = count(3)
        timedOut = count(4)
        aborted = count(5)
        resultsWritten = count(6)
    }

    mutating func move(_ items: Int64, to status: ExecutionStatus) {
        running -= items
        switch status {
        case .succeeded: succeeded += items
        case .timedOut: timedOut += items
        case .aborted: aborted += items
        case .failed, .running, .pendingRedrive: failed += items
        }
    }
}

extension MapRunRecord {
    static let columns =
        "arn, execution, execution_arn, machine, status, started_at, stopped_at, max_concurrency, tolerated_count, "
        + "tolerated_percentage, redrive_count, redriven_at, counts"

    init(_ row: Row) throws {
        let counts = try JSON(parsing: try row.text(12))
        self.init(
            arn: try row.text(0), execution: try row.int64(1), executionARN: try row.text(2),
            machineARN: try row.text(3), status: Status(rawValue: try row.text(4)) ?? .running,
            startedAt: try row.time(5), stoppedAt: try row.timeOrNil(6), maxConcurrency: try row.int64(7),
            toleratedFailureCount: try row.int64(8), toleratedFailurePercentage: try row.real(9),
            redriveCount: try row.int64(10), redrivenAt: try row.timeOrNil(11),
            itemCounts: MapRunCounts(counts["items"]), executionCounts: MapRunCounts(counts["executions"]))
    }

    private var counts: String { (["items": itemCounts.json, "executions": executionCounts.json] as JSON).text() }

    /// Writes the run, or what has changed of it.
    func save(in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO workflows_map_runs (\(Self.columns))
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
            ON CONFLICT (arn) DO UPDATE SET status = $5, stopped_at = $7, max_concurrency = $8, tolerated_count = $9,
                tolerated_percentage = $10, redrive_count = $11, redriven_at = $12, counts = $13
            """,
            .text(arn), .integer(execution), .text(executionARN), .text(machineARN), .text(status.rawValue),
            .time(startedAt), .time(stoppedAt), .integer(maxConcurrency), .integer(toleratedFailureCount),
            .real(toleratedFailurePercentage), .integer(redriveCount), .time(redrivenAt), .text(counts))
    }

    static func find(_ arn: String, in transaction: Transaction) throws -> MapRunRecord? {
        try transaction.first("SELECT \(columns) FROM workflows_map_runs WHERE arn = $1", .text(arn)).map {
            try MapRunRecord($0)
        }
    }
}
