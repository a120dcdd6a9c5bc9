public import AWSModels
import Core
import Logs
public import Wire

/// Exports of log groups to buckets.
extension CloudWatchLogsProvider {
    public func createExportTask(
        _ input: CloudWatchLogs.CreateExportTaskRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.CreateExportTaskResponse {
        guard input.from <= input.to else {
            throw Self.invalid("'from' (\(input.from)) must not be later than 'to' (\(input.to)).")
        }
        guard try await answer({ try await logs.group(input.logGroupName, context.scope) }) != nil else {
            throw Self.missing("The specified log group does not exist.")
        }
        let id = UUIDText.make(high: random.nextUInt64(), low: random.nextUInt64())
        var body = input.json
        body["taskId"] = .string(id)
        body["destinationPrefix"] = .string(input.destinationPrefix ?? "exportedlogs")
        let task = LogDefinition(.exportTask, context.scope, name: id, body: body, at: clock.now)
        try await tryOut(LogExport(task), context)
        try await answer { try await logs.begin(task) }
        return CloudWatchLogs.CreateExportTaskResponse { $0.taskId = id }
    }

    /// Writes the object by which the service finds out whether it may write to the bucket.
    private func tryOut(_ export: LogExport, _ context: RequestContext) async throws(AWSError) {
        do {
            try await export.write(
                Array("Permission Check Successful".utf8), to: "aws-logs-write-test", buckets, context.requestID)
        } catch  where error.code == "NoSuchBucket" {
            throw Self.invalid("The given bucket does not exist. Please make sure the bucket is valid.")
        } catch {
            throw Self.invalid(
                "PutObject call on the given bucket failed. Please check if CloudWatch Logs has been granted permission "
                    + "to perform this operation. (\(error.message ?? error.code))")
        }
    }

    /// From the oldest on.
    public func describeExportTasks(
        _ input: CloudWatchLogs.DescribeExportTasksRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.DescribeExportTasksResponse {
        let token = try Self.token(input.nextToken, parts: 2)
        let after = (Int64(token[0]) ?? 0, token[1])
        let wanted = try await answer { try await logs.exports(of: context.scope) }.filter { task in
            guard (task.createdAt.milliseconds, task.name) > after else { return false }
            return (input.taskId.map { $0 == task.name } ?? true)
                && (input.statusCode.map { $0.rawValue == task.exportStatus.rawValue } ?? true)
        }
        let page = Page(wanted, limit: input.limit ?? 50)
        return CloudWatchLogs.DescribeExportTasksResponse {
            $0.nextToken = page.last.map { ListToken.make($0.place.0, $0.place.1) }
            $0.exportTasks = page.items.compactMap { task in
                var body = task.body
                body["logStreamNamePrefix"] = nil
                return CloudWatchLogs.ExportTask(json: .object(body))
            }
        }
    }

    public func cancelExportTask(
        _ input: CloudWatchLogs.CancelExportTaskRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer { try await logs.cancelExport(input.taskId, context.scope) }
    }
}
