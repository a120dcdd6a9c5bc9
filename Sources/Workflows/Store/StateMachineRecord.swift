public import Core
public import StatesLanguage
import Storage

/// A state machine, or one version of it.
public struct StateMachineRecord: Sendable, Equatable {
    public var arn: String
    public var name: String
    public var type: StateMachineType
    /// The row of the definition's text.
    public var definition: Int64
    public var roleARN: String
    /// `loggingConfiguration`, `tracingConfiguration`, `encryptionConfiguration` as the API has them.
    public var settings: JSONObject
    /// Empty until the first update, which AWS calls `INITIAL`.
    public var revision: String
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    /// The number of the version published last; 0 before the first.
    public var lastVersion: Int64
    /// Of versions.
    public var version: Int64?
    public var description: String?

    public var versionARN: String? { version.map { "\(arn):\($0)" } }
}

extension StateMachineRecord {
    static let columns =
        "arn, name, type, definition, role, settings, revision, created_at, updated_at, last_version"

    init(_ row: Row) throws {
        self.init(
            arn: try row.text(0), name: try row.text(1),
            type: StateMachineType(rawValue: try row.text(2)) ?? .standard, definition: try row.int64(3),
            roleARN: try row.text(4), settings: try JSON(parsing: try row.text(5)).objectValue ?? [:],
            revision: try row.text(6), createdAt: try row.time(7), updatedAt: try row.time(8),
            lastVersion: try row.int64(9))
    }

    static func find(_ arn: String, in transaction: Transaction) throws -> StateMachineRecord? {
        try transaction.first("SELECT \(columns) FROM workflows_machines WHERE arn = $1", .text(arn)).map {
            try StateMachineRecord($0)
        }
    }

    func insert(scope: Scope, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO workflows_machines (\(Self.columns), scope)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            .text(arn), .text(name), .text(type.rawValue), .integer(definition), .text(roleARN),
            .text(JSON.object(settings).text()), .text(revision), .time(createdAt), .time(updatedAt),
            .integer(lastVersion), .text(scope.key))
    }

    func update(in transaction: Transaction) throws {
        try transaction.execute(
            """
            UPDATE workflows_machines SET definition = $2, role = $3, settings = $4, revision = $5, updated_at = $6,
                last_version = $7 WHERE arn = $1
            """,
            .text(arn), .integer(definition), .text(roleARN), .text(JSON.object(settings).text()), .text(revision),
            .time(updatedAt), .integer(lastVersion))
    }

    /// The version of that number, with the machine's own name and type.
    func version(_ number: Int64, in transaction: Transaction) throws -> StateMachineRecord? {
        let row = try transaction.first(
            """
            SELECT definition, role, settings, revision, description, created_at FROM workflows_versions
            WHERE machine = $1 AND version = $2
            """, .text(arn), .integer(number))
        guard let row else { return nil }
        var version = self
        version.version = number
        version.definition = try row.int64(0)
        version.roleARN = try row.text(1)
        version.settings = try JSON(parsing: try row.text(2)).objectValue ?? [:]
        version.revision = try row.text(3)
        version.description = try row.textOrNil(4)
        version.createdAt = try row.time(5)
        return version
    }

    static func definitionText(_ id: Int64, in transaction: Transaction) throws -> String {
        let row = try transaction.first("SELECT text FROM workflows_definitions WHERE id = $1", .integer(id))
        guard let text = try row?.text(0) else { throw JournalError("definition \(id) is missing") }
        return text
    }
}

extension Scope {
    var key: String { "\(account)/\(region)" }
}
