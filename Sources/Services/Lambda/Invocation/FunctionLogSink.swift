public import Core
public import Functions
public import Logs
public import Metering
import Storage

/// Takes functions' log lines to the host's logs, and every REPORT line to the ledger in the same transaction: the
/// ledger is the sum of the reports that are in the logs.
public struct FunctionLogSink: LogSink {
    private let logs: LogService
    private let meter: Meter
    private let directory: FunctionDirectory

    public init(logs: LogService, meter: Meter, directory: FunctionDirectory) {
        self.logs = logs
        self.meter = meter
        self.directory = directory
    }

    public func append(scope: Scope, group: String, stream: String, records: [FunctionLogRecord]) {
        let usages = records.compactMap(\.report).map(usage)
        let lines = records.map { LogRecord(time: $0.timestamp, message: $0.message) }
        guard !usages.isEmpty else { return logs.append(lines, to: group, stream: stream, scope: scope) }
        logs.append(lines, to: group, stream: stream, scope: scope) { [meter] transaction in
            for usage in usages { meter.record(usage, in: transaction) }
        }
    }

    private func usage(_ invocation: ReportedInvocation) -> Usage {
        let function = invocation.function
        let version = directory.function(function.functionName, function.scope)?.versions[function.version]
        return .invocation(
            of: "\(function.functionARN)", in: function.scope, memoryMB: invocation.report.memorySizeMB,
            billedMilliseconds: invocation.report.billedMilliseconds,
            architecture: version?.architectures.first == Usage.Architecture.arm.rawValue ? .arm : .x86,
            ephemeralMB: invocation.ephemeralStorageMB, execution: invocation.context.execution,
            at: invocation.report.startedAt)
    }
}
