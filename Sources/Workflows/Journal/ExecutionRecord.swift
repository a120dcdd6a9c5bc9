public import Core
import StatesLanguage
import Storage

/// An execution as the executions table has it.
public struct ExecutionRecord: Sendable {
    public var id: Int64
    public var arn: String
    public var machineARN: String
    public var name: String
    public var versionARN: String?
    public var aliasARN: String?
    /// Of children of a distributed Map.
    public var mapRunARN: String?
    public var definition: Int64
    public var roleARN: String
    /// Settings of the machine at the start: logging and the like, and what the caller sent along.
    public var settings: JSONObject
    public var status: ExecutionStatus
    /// The text that the caller gave.
    public var input: String
    public var output: String?
    public var failure: ErrorOutput
    public var startedAt: Timestamp
    public var stoppedAt: Timestamp?
    public var redriveCount: Int64
    public var redrivenAt: Timestamp?
    public var eventCount: Int64
    var mapItem: ItemContext?
    var isParked = false
    var dueAt: Timestamp?
}

extension ExecutionRecord {
    static let columns =
        "id, arn, machine, name, version, alias, map_run, map_item, definition, role, settings, status, input, output, "
        + "error, cause, started_at, stopped_at, redrive_count, redriven_at, events, parked, due_at"

    init(_ row: Row) throws {
        id = try row.int64(0)
        arn = try row.text(1)
        machineARN = try row.text(2)
        name = try row.text(3)
        versionARN = try row.textOrNil(4)
        aliasARN = try row.textOrNil(5)
        mapRunARN = try row.textOrNil(6)
        mapItem = try row.textOrNil(7).flatMap { ItemContext(stored: $0) }
        definition = try row.int64(8)
        roleARN = try row.text(9)
        settings = try JSON(parsing: try row.text(10)).objectValue ?? [:]
        let word = try row.text(11)
        guard let status = ExecutionStatus(rawValue: word) else {
            throw JournalError("an execution cannot be '\(word)'")
        }
        self.status = status
        input = try row.text(12)
        output = try row.textOrNil(13)
        failure = ErrorOutput(error: try row.textOrNil(14), cause: try row.textOrNil(15))
        startedAt = try row.time(16)
        stoppedAt = try row.timeOrNil(17)
        redriveCount = try row.int64(18)
        redrivenAt = try row.timeOrNil(19)
        eventCount = try row.int64(20)
        isParked = try row.bool(21)
        dueAt = try row.timeOrNil(22)
    }

    func insert(in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO workflows_executions (\(Self.columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,
                $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)
            """,
            [
                .integer(id), .text(arn), .text(machineARN), .text(name), .optional(versionARN), .optional(aliasARN),
                .optional(mapRunARN), .optional(mapItem?.stored), .integer(definition), .text(roleARN),
                .text(JSON.object(settings).text()), .text(status.rawValue), .text(input), .optional(output),
                .optional(failure.error), .optional(failure.cause), .time(startedAt), .time(stoppedAt),
                .integer(redriveCount), .time(redrivenAt), .integer(eventCount), .bool(isParked), .time(dueAt),
            ])
    }

    /// What a commit may change of it.
    func update(in transaction: Transaction) throws {
        try transaction.execute(
            """
            UPDATE workflows_executions SET status = $2, output = $3, error = $4, cause = $5, stopped_at = $6,
                redrive_count = $7, redriven_at = $8, events = $9, parked = $10, due_at = $11 WHERE id = $1
            """,
            [
                .integer(id), .text(status.rawValue), .optional(output), .optional(failure.error),
                .optional(failure.cause), .time(stoppedAt), .integer(redriveCount), .time(redrivenAt),
                .integer(eventCount), .bool(isParked), .time(dueAt),
            ])
    }

    static func find(_ id: Int64, in transaction: Transaction) throws -> ExecutionRecord? {
        try transaction.first("SELECT \(columns) FROM workflows_executions WHERE id = $1", .integer(id)).map {
            try ExecutionRecord($0)
        }
    }

    static func find(arn: String, in transaction: Transaction) throws -> ExecutionRecord? {
        try transaction.first("SELECT \(columns) FROM workflows_executions WHERE arn = $1", .text(arn)).map {
            try ExecutionRecord($0)
        }
    }
}

extension ItemContext {
    var stored: String {
        var object: JSONObject = ["index": .int(index), "value": value]
        if let key { object["key"] = .string(key) }
        if let source { object["source"] = .string(source) }
        return JSON.object(object).text()
    }

    init?(stored: String) {
        guard let object = try? JSON(parsing: stored), let index = object["index"]?.intValue else { return nil }
        self.init(
            index: index, value: object["value"] ?? .null, key: object["key"]?.stringValue,
            source: object["source"]?.stringValue)
    }
}

extension ExecutionRecord {
    /// Who the execution is, for the machine. Redrives count up again as their signals are replayed.
    ///
    /// - Parameter parsed: The input, when it is parsed already.
    func identity(
        type: StateMachineType, input parsed: JSON? = nil, isSynchronous: Bool = false
    ) -> ExecutionIdentity {
        let scope = ARN(arn)
        return ExecutionIdentity(
            key: id, arn: arn, name: name, input: parsed ?? (try? JSON(parsing: input)) ?? .null, inputText: input,
            roleARN: roleARN, stateMachineARN: machineARN, stateMachineName: ARN.lastPart(of: machineARN),
            versionARN: versionARN, aliasARN: aliasARN, startedAt: startedAt, type: type,
            isSynchronous: isSynchronous, account: scope?.account ?? "", region: scope?.region ?? "", mapItem: mapItem,
            redriveCount: 0)
    }
}

extension ARN {
    static func lastPart(of arn: String) -> String {
        String(arn.split(separator: ":", omittingEmptySubsequences: false).last ?? "")
    }
}
