public import Core

extension ExecutionRecord {
    /// Days in which an execution that failed may be redriven.
    private static let redriveWindow: Int64 = 14 * 86_400_000

    /// Why the execution cannot be redriven, in AWS's words; nil when it can.
    ///
    /// - Parameter historyEvents: the quota of events in a history.
    public func redriveRefusal(
        at now: Timestamp, historyEvents: Int64 = WorkflowLimits.standard.historyEvents
    ) -> String? {
        switch status {
        case .running, .pendingRedrive: return "Execution is RUNNING and cannot be redriven"
        case .succeeded: return "Execution is SUCCEEDED and cannot be redriven"
        case .failed, .timedOut, .aborted: break
        }
        if mapRunARN != nil {
            return "Execution was started by a Map Run and can only be redriven by redriving its parent execution"
        }
        if eventCount >= historyEvents - 1 { return "Execution history event limit exceeded" }
        if let stoppedAt, now.milliseconds(since: stoppedAt) > Self.redriveWindow {
            return "Execution is not redrivable: the redrivable period of 14 days is over"
        }
        return nil
    }
}
