public import AWSModels
import Core
import Logs
public import Wire

/// What Logs Insights finds in lines.
extension CloudWatchLogsProvider {
    /// Fields are looked for so long before and after the time that is named, or twice as long before now.
    private static let window: Int64 = 8 * 60_000

    public func getLogGroupFields(
        _ input: CloudWatchLogs.GetLogGroupFieldsRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.GetLogGroupFieldsResponse {
        let name = try Self.group(input.logGroupName, input.logGroupIdentifier)
        let middle =
            input.time.map { Timestamp(milliseconds: min(max(Int64($0), 0), 1 << 40) * 1000) }
            ?? clock.now.adding(milliseconds: 1 - Self.window)
        let fields = try await answer {
            try await logs.fields(
                of: name, context.scope, from: middle.adding(milliseconds: -Self.window),
                to: middle.adding(milliseconds: Self.window))
        }
        return CloudWatchLogs.GetLogGroupFieldsResponse {
            $0.logGroupFields = fields.map { field in
                CloudWatchLogs.LogGroupField {
                    $0.name = field.name
                    $0.percent = field.percent
                }
            }
        }
    }

    public func getLogRecord(
        _ input: CloudWatchLogs.GetLogRecordRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.GetLogRecordResponse {
        guard let pointer = LogRecordPointer(input.logRecordPointer) else {
            throw Self.invalid("The specified log record pointer is invalid.")
        }
        guard let fields = try await answer({ try await logs.line(pointer, context.scope) }) else {
            throw Self.missing("The specified log record does not exist.")
        }
        return CloudWatchLogs.GetLogRecordResponse {
            $0.logRecord = Dictionary(fields.map { ($0.name, $0.value) }) { $1 }
        }
    }
}
