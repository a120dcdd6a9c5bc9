import Core
import StatesLanguage
import Storage

extension WorkflowEngine {
    /// `DescribeExecution`.
    public func execution(_ arn: String) async throws(WorkflowError) -> ExecutionRecord {
        try Self.checkStandard(arn)
        return try await look { transaction in
            guard let record = try ExecutionRecord.find(arn: arn, in: transaction) else {
                throw WorkflowError.noExecution(arn)
            }
            return record
        }
    }

    private static func checkStandard(_ arn: String) throws(WorkflowError) {
        guard let parsed = ARN(arn), parsed.service == "states" else { throw .invalidARN(arn) }
        if parsed.resource.hasPrefix("express:") {
            throw WorkflowError(.invalidARN, "Invalid Arn: 'Resource type not valid in this context: express'")
        }
        guard parsed.resource.hasPrefix("execution:") else { throw .invalidARN(arn) }
    }

    /// `StopExecution`. Stopping one that has ended changes nothing.
    public func stopExecution(
        _ arn: String, error: String? = nil, cause: String? = nil
    ) async throws(WorkflowError) -> ExecutionRecord {
        let record = try await execution(arn)
        guard record.status == .running else { return record }
        return try await send(.stop(ErrorOutput(error: error, cause: cause)), to: record.id)
    }

    /// `ListExecutions` of a machine, newest first.
    public func executions(
        of arn: String, status: ExecutionStatus? = nil, maxResults: Int? = nil, nextToken: String? = nil
    ) async throws(WorkflowError) -> Page<ExecutionRecord> {
        let machine = try await stateMachine(arn)
        guard machine.type == .standard else {
            throw WorkflowError(
                .stateMachineTypeNotSupported, "This operation is not supported by this type of state machine")
        }
        let qualifier = try qualified(arn).qualifier == nil ? nil : arn
        return try await executions(
            where: "machine = $1 AND ($4 = '' OR version = $4 OR alias = $4) AND map_run IS NULL",
            machine.arn, qualifier ?? "", status, maxResults, nextToken)
    }

    /// `ListExecutions` of a map run's children, newest first.
    ///
    /// - Parameter isRedriven: nil for those that were redriven and those that were not.
    public func executions(
        ofMapRun arn: String, status: ExecutionStatus? = nil, isRedriven: Bool? = nil, maxResults: Int? = nil,
        nextToken: String? = nil
    ) async throws(WorkflowError) -> Page<ExecutionRecord> {
        _ = try await mapRun(arn)
        let redrives = isRedriven.map { $0 ? "redrive_count > 0" : "redrive_count = 0" } ?? "1 = 1"
        return try await executions(
            where: "map_run = $1 AND $4 = '' AND \(redrives)", arn, "", status, maxResults, nextToken)
    }

    private func executions(
        where condition: String, _ value: String, _ qualifier: String, _ status: ExecutionStatus?,
        _ maxResults: Int?, _ nextToken: String?
    ) async throws(WorkflowError) -> Page<ExecutionRecord> {
        let before = try PageToken.decode(nextToken).flatMap { Int64($0) } ?? .max
        let limit = Page<ExecutionRecord>.limit(maxResults)
        let rows = try await look { transaction in
            try transaction.query(
                """
                SELECT \(ExecutionRecord.columns) FROM workflows_executions
                WHERE \(condition) AND id < $2 AND ($3 = '' OR status = $3) ORDER BY id DESC LIMIT $5
                """,
                .text(value), .integer(before), .text(status?.rawValue ?? ""), .text(qualifier), .int(limit + 1)
            ).map { try ExecutionRecord($0) }
        }
        return Page(rows, limit: limit) { String($0.id) }
    }

    /// `GetExecutionHistory`.
    public func history(
        of arn: String, reverse: Bool = false, maxResults: Int? = nil, nextToken: String? = nil
    ) async throws(WorkflowError) -> Page<HistoryEvent> {
        let record = try await execution(arn)
        let limit = Page<HistoryEvent>.limit(maxResults)
        let from = try PageToken.decode(nextToken).flatMap { Int64($0) } ?? (reverse ? .max : 1)
        let events = try await look { transaction in
            try Journal.events(of: record.id, from: from, limit: limit + 1, reverse: reverse, in: transaction)
        }
        return Page(events, limit: limit) { String(reverse ? $0.id - 1 : $0.id + 1) }
    }

    /// Waits until the execution has ended.
    public func ended(_ arn: String) async throws(WorkflowError) -> ExecutionRecord {
        let place = waiters.register(arn)
        defer { waiters.leave(arn, place) }
        let current = try await execution(arn)
        if current.status.isFinal { return current }
        guard let record = await place.wait() else {
            throw WorkflowError(.unavailable, "The host is shutting down.")
        }
        return record
    }
}
