import Core
import Events
public import Storage

extension DeliveryKind {
    /// An export of a log group that is to be carried out.
    public static let logExport = DeliveryKind(rawValue: "log-export")
}

/// Where an export stands.
public enum LogExportStatus: String, Sendable {
    case pending = "PENDING"
    case running = "RUNNING"
    case completed = "COMPLETED"
    case cancelled = "CANCELLED"
    case failed = "FAILED"

    public var hasEnded: Bool { self != .pending && self != .running }
}

extension LogDefinition {
    /// Where the export that this is stands.
    public var exportStatus: LogExportStatus {
        body["status"]?["code"]?.stringValue.flatMap(LogExportStatus.init) ?? .failed
    }

    mutating func set(_ status: LogExportStatus, _ message: String?, at time: Timestamp) {
        var shown: JSONObject = ["code": .string(status.rawValue)]
        shown["message"] = message.map(JSON.string)
        body["status"] = .object(shown)
        guard status.hasEnded else { return }
        var times = body["executionInfo"]?.objectValue ?? [:]
        times["completionTime"] = .int(time.milliseconds)
        body["executionInfo"] = .object(times)
    }
}

/// Exports: tasks that are kept as definitions and carried out as deliveries, so that one goes on after a restart.
extension LogService {
    /// The service in the ARNs of export tasks as targets of deliveries.
    public static let exportTarget = "logs-exports"

    /// Milliseconds before an export begins: it can be called off until then, and what was logged just before is in it.
    static let exportDelay: Int64 = 1_000

    /// How many exports an account can look back on.
    static let exportsKept = 1_000

    /// Keeps an export task and hands it over to be carried out. An account has one at a time.
    ///
    /// - Parameter task: a definition of the kind `exportTask`, whose name is its identifier.
    public func begin(_ task: LogDefinition) async throws {
        let (definitions, outbox) = (LogDefinitionStore(), outbox)
        var task = task
        task.body["executionInfo"] = ["creationTime": .int(task.createdAt.milliseconds)]
        task.set(.pending, nil, at: task.createdAt)
        let (new, scope) = (task, task.scope)
        try await database.write { transaction in
            let known = try Self.exports(of: scope, in: transaction)
            guard known.allSatisfy(\.exportStatus.hasEnded) else {
                throw LogError(.limitExceeded, "Resource limit exceeded.")
            }
            for old in known.dropLast(Self.exportsKept - 1) {
                _ = try definitions.delete(.exportTask, scope, group: "", name: old.name, in: transaction)
            }
            try definitions.put(new, in: transaction)
            let target = scope.arn(Self.exportTarget, new.name).description
            try outbox.enqueue(
                NewDelivery(target: target, kind: .logExport, payload: [], delay: Self.exportDelay), in: transaction)
        }
    }

    /// All exports, from the oldest on.
    public func exports(of scope: Scope) async throws -> [LogDefinition] {
        try await database.read { try Self.exports(of: scope, in: $0) }
    }

    private static func exports(of scope: Scope, in transaction: Transaction) throws -> [LogDefinition] {
        try LogDefinitionStore().list(
            .exportTask, scope, group: nil, prefix: "", after: ("", ""), limit: .max, in: transaction)
    }

    /// Calls an export off; what it has written stays.
    ///
    /// - Throws: `definitionDoesNotExist`, and `invalidOperation` when it has ended.
    public func cancelExport(_ id: String, _ scope: Scope) async throws {
        let now = clock.now
        try await database.write { transaction in
            guard var task = try Self.export(id, scope, in: transaction) else {
                throw LogError(.definitionDoesNotExist, "The specified export task does not exist.")
            }
            guard !task.exportStatus.hasEnded else {
                throw LogError(.invalidOperation, "The specified export task has already finished.")
            }
            task.set(.cancelled, "Cancelled by user", at: now)
            try LogDefinitionStore().put(task, in: transaction)
        }
    }

    /// The task, now running; nil when it has ended or was never there.
    public func startExport(_ id: String, _ scope: Scope) async throws -> LogDefinition? {
        let now = clock.now
        return try await database.write { transaction in
            guard var task = try Self.export(id, scope, in: transaction), !task.exportStatus.hasEnded else {
                return nil
            }
            task.set(.running, "Started successfully", at: now)
            try LogDefinitionStore().put(task, in: transaction)
            return task
        }
    }

    /// Whether the task has not ended, because somebody called it off, say.
    public func isExporting(_ id: String, _ scope: Scope) async throws -> Bool {
        try await database.read { try Self.export(id, scope, in: $0).map { !$0.exportStatus.hasEnded } ?? false }
    }

    /// Ends a task within the transaction, unless it has ended already.
    public func endExport(
        _ id: String, _ scope: Scope, _ status: LogExportStatus, _ message: String, in transaction: Transaction
    ) throws {
        guard var task = try Self.export(id, scope, in: transaction), !task.exportStatus.hasEnded else { return }
        task.set(status, message, at: clock.now)
        try LogDefinitionStore().put(task, in: transaction)
    }

    private static func export(_ id: String, _ scope: Scope, in transaction: Transaction) throws -> LogDefinition? {
        try LogDefinitionStore().find(.exportTask, scope, group: "", name: id, in: transaction)
    }
}
