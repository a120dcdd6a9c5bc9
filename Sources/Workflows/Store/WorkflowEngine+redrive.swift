public import Core
import StatesLanguage
import Storage

extension WorkflowEngine {
    /// Whether the execution can be redriven now.
    public func redriveStatus(of record: ExecutionRecord) -> RedriveStatus {
        record.redriveStatus(at: clock.now, historyEvents: options.limits.historyEvents)
    }

    /// `RedriveExecution`: goes on from where the execution failed.
    ///
    /// - Parameter clientToken: what the caller knows the request by. One that comes again with it is answered as the
    ///   first was.
    /// - Returns: when the execution was redriven.
    @discardableResult
    public func redriveExecution(
        _ arn: String, clientToken: String? = nil
    ) async throws(WorkflowError) -> Timestamp {
        let record = try await execution(arn)
        if let before = try await redriven(record, by: clientToken) { return before }
        try checkRedrivable(record)
        do throws(WorkflowError) {
            let redriven = try await send(.redrive(clientToken: clientToken), to: record.id)
            return redriven.redrivenAt ?? clock.now
        } catch {
            // The same request may have come twice at once.
            guard error.code == .executionNotRedrivable,
                let before = try await redriven(try await execution(arn), by: clientToken)
            else { throw error }
            return before
        }
    }

    private func checkRedrivable(_ record: ExecutionRecord) throws(WorkflowError) {
        switch redriveStatus(of: record) {
        case .redrivable: break
        case .redrivableByMapRun:
            throw WorkflowError(
                .executionNotRedrivable,
                "Execution was started by a Map Run and can only be redriven by redriving its parent execution")
        case .notRedrivable(let reason): throw WorkflowError(.executionNotRedrivable, reason)
        }
    }

    /// So many tokens are remembered, for so long.
    private static let tokenLimit = 10
    private static let tokenLifetime: Int64 = 15 * 60_000

    /// When a request with the token redrove the execution, if one did lately. The journal knows.
    private func redriven(
        _ record: ExecutionRecord, by clientToken: String?
    ) async throws(WorkflowError) -> Timestamp? {
        guard let clientToken, record.redriveCount > 0 else { return nil }
        let rows = try await look { try Journal.signals(of: record.id, in: $0) }
        let redrives = rows.flatMap(\.signals).compactMap { signal -> (token: String, time: Timestamp)? in
            guard case .redrive(let token?) = signal.kind else { return nil }
            return (token, signal.time)
        }
        return redrives.suffix(Self.tokenLimit).last {
            $0.token == clientToken && clock.now.milliseconds(since: $0.time) <= Self.tokenLifetime
        }?.time
    }
}
