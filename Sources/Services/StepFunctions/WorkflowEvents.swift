import Core
public import Events
public import Logs
public import Storage
public import Workflows

/// Tells the rest of the host what becomes of executions: status changes to the event bus, histories to the log groups
/// that state machines name.
public struct WorkflowEvents: WorkflowObserver {
    private let logs: LogService
    private let buses: BusService

    public init(logs: LogService, buses: BusService) {
        self.logs = logs
        self.buses = buses
    }

    public func statusChanged(_ execution: ExecutionRecord, in transaction: Transaction) throws {
        guard let arn = ARN(execution.arn) else { return }
        let bus = BusKey(Scope(account: arn.account, region: arn.region))
        // Most hosts have no rule for these, and executions begin by the thousand.
        guard buses.hasListeners(bus) else { return }
        try buses.put([BusEvent(bus, Self.event(execution))], in: transaction)
    }

    /// "Step Functions Execution Status Change", with everything that AWS puts in it.
    static func event(_ execution: ExecutionRecord) -> EventEntry {
        func text(_ value: String?) -> JSON { value.map { .string($0) } ?? .null }
        func instant(_ value: Timestamp?) -> JSON { value.map { .int($0.milliseconds) } ?? .null }
        let included: JSON = ["included": true]
        let time = execution.stoppedAt ?? execution.redrivenAt ?? execution.startedAt
        let redrive = execution.redriveStatus(at: time)
        let detail: JSON = [
            "executionArn": .string(execution.arn), "stateMachineArn": .string(execution.machineARN),
            "stateMachineVersionArn": text(execution.versionARN), "stateMachineAliasArn": text(execution.aliasARN),
            "name": .string(execution.name), "status": .string(execution.status.rawValue),
            "startDate": .int(execution.startedAt.milliseconds), "stopDate": instant(execution.stoppedAt),
            "input": .string(execution.input), "output": text(execution.output), "inputDetails": included,
            "outputDetails": execution.output == nil ? .null : included, "error": text(execution.failure.error),
            "cause": text(execution.failure.cause), "redriveCount": .int(execution.redriveCount),
            "redriveDate": instant(execution.redrivenAt),
            "redriveStatus": .string(redrive.name), "redriveStatusReason": text(redrive.reason),
        ]
        return EventEntry(
            source: "aws.states", detailType: "Step Functions Execution Status Change", detail: detail.text(),
            resources: [execution.arn], time: time)
    }

    /// A group that is deleted stays so: what machines would have logged there is let go.
    ///
    /// - Parameter destination: the ARN of a log group, with `:*` behind it.
    public func log(_ records: [WorkflowLogRecord], of execution: ExecutionRecord, to destination: String) {
        guard let arn = ARN(destination), arn.service == "logs", !records.isEmpty else { return }
        let parts = arn.resource.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count >= 2, parts[0] == "log-group" else { return }
        logs.append(
            records.map { LogRecord(time: $0.timestamp, message: $0.message.text()) }, to: String(parts[1]),
            stream: Self.stream(of: execution), scope: Scope(account: arn.account, region: arn.region),
            createsGroup: false)
    }

    /// `states/<machine>/<year-month-day-hour-minute>/<eight digits>`: one stream for all executions of a machine that
    /// began in the same minute, so that none is torn apart.
    static func stream(of execution: ExecutionRecord) -> String {
        let machine = ARN(execution.arn).map { $0.resource.split(separator: ":") }.flatMap {
            $0.count > 1 ? $0[1] : nil
        }
        let time = CivilTime(execution.startedAt)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : String(number) }
        let minute = [two(time.month), two(time.day), two(time.hour), two(time.minute)].joined(separator: "-")
        return "states/\(machine ?? "unknown")/\(time.year)-\(minute)/00000000"
    }
}
