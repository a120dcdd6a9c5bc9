public import Core

/// Whether an execution can go on from where it failed.
public enum RedriveStatus: Sendable, Equatable {
    case redrivable
    /// A child of a map run goes on when the run's execution is redriven.
    case redrivableByMapRun
    /// With the reason in AWS's words.
    case notRedrivable(String)

    static let runningReason = "Execution is RUNNING and cannot be redriven"

    /// The value of `redriveStatus`.
    public var name: String {
        switch self {
        case .redrivable: "REDRIVABLE"
        case .redrivableByMapRun: "REDRIVABLE_BY_MAP_RUN"
        case .notRedrivable: "NOT_REDRIVABLE"
        }
    }

    /// The value of `redriveStatusReason`.
    public var reason: String? { if case .notRedrivable(let reason) = self { reason } else { nil } }
}

extension ExecutionRecord {
    /// Days in which an execution that failed may be redriven.
    private static let redriveWindow: Int64 = 14 * 86_400_000

    /// - Parameter historyEvents: the quota of events in a history.
    public func redriveStatus(
        at now: Timestamp, historyEvents: Int64 = WorkflowLimits.standard.historyEvents
    ) -> RedriveStatus {
        switch status {
        case .running, .pendingRedrive: return .notRedrivable(RedriveStatus.runningReason)
        case .succeeded: return .notRedrivable("Execution is SUCCEEDED and cannot be redriven")
        case .failed, .timedOut, .aborted: break
        }
        if eventCount >= historyEvents - 1 { return .notRedrivable("Execution history event limit exceeded") }
        if let stoppedAt, now.milliseconds(since: stoppedAt) > Self.redriveWindow {
            return .notRedrivable("Execution redrivable period exceeded")
        }
        return mapRunARN == nil ? .redrivable : .redrivableByMapRun
    }
}
