public import AWSModels
import Core
import Logs
public import Wire

extension CloudWatchLogsProvider {
    public func createLogStream(
        _ input: CloudWatchLogs.CreateLogStreamRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            try await logs.createStream(input.logStreamName, of: input.logGroupName, context.scope)
        }
    }

    public func deleteLogStream(
        _ input: CloudWatchLogs.DeleteLogStreamRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            try await logs.deleteStream(input.logStreamName, of: input.logGroupName, context.scope)
        }
    }

    public func describeLogStreams(
        _ input: CloudWatchLogs.DescribeLogStreamsRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.DescribeLogStreamsResponse {
        let name = try Self.group(input.logGroupName, input.logGroupIdentifier)
        let byTime = input.orderBy == .lastEventTime
        guard !byTime || input.logStreamNamePrefix == nil else {
            throw Self.invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
        }
        let after = try Self.token(input.nextToken, parts: 1)[0]
        let limit = input.limit ?? 50
        var streams = try await answer {
            try await logs.flush()
            return try await logs.streams(of: name, context.scope)
        }
        if let prefix = input.logStreamNamePrefix { streams.removeAll { !$0.name.hasPrefix(prefix) } }
        if byTime {
            streams.sort { ($0.lastEvent ?? $0.createdAt, $0.name) < ($1.lastEvent ?? $1.createdAt, $1.name) }
        }
        if input.descending == true { streams.reverse() }
        let start = after.isEmpty ? 0 : (streams.firstIndex { $0.name == after }.map { $0 + 1 } ?? streams.count)
        let page = Page(Array(streams[start...].prefix(limit + 1)), limit: limit)
        let group = context.scope.arn("logs", "log-group:\(name)").description
        return CloudWatchLogs.DescribeLogStreamsResponse {
            $0.nextToken = page.last.map { ListToken.make($0.name) }
            $0.logStreams = page.items.map { Self.shape($0, group) }
        }
    }

    private static func shape(_ stream: LogStream, _ group: String) -> CloudWatchLogs.LogStream {
        CloudWatchLogs.LogStream {
            $0.logStreamName = stream.name
            $0.creationTime = Int(stream.createdAt.milliseconds)
            $0.firstEventTimestamp = stream.firstEvent.map { Int($0.milliseconds) }
            $0.lastEventTimestamp = stream.lastEvent.map { Int($0.milliseconds) }
            $0.lastIngestionTime = stream.lastIngestion.map { Int($0.milliseconds) }
            $0.uploadSequenceToken = stream.lastIngestion.map { LogService.digits($0.milliseconds, count: 56) }
            $0.arn = "\(group):log-stream:\(stream.name)"
            $0.storedBytes = 0
        }
    }
}
