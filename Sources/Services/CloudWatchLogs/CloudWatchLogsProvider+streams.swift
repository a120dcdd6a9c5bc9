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
        let after = try input.nextToken.map { token throws(AWSError) in
            let parts = try Self.token(token, parts: 2)
            return (Int64(parts[0]) ?? 0, parts[1])
        }
        let limit = input.limit ?? 50
        var streams = try await answer {
            try await logs.flush()
            return try await logs.streams(of: name, context.scope)
        }
        if let prefix = input.logStreamNamePrefix { streams.removeAll { !$0.name.hasPrefix(prefix) } }
        func place(_ stream: LogStream) -> (Int64, String) {
            (byTime ? (stream.lastEvent ?? stream.createdAt).milliseconds : 0, stream.name)
        }
        let isDescending = input.descending == true
        streams.sort { isDescending ? place($0) > place($1) : place($0) < place($1) }
        // The stream that the last page ended with may be gone.
        if let after { streams.removeAll { isDescending ? place($0) >= after : place($0) <= after } }
        let page = Page(streams, limit: limit)
        let group = context.scope.arn("logs", "log-group:\(name)").description
        return CloudWatchLogs.DescribeLogStreamsResponse {
            $0.nextToken = page.last.map { ListToken.make(String(place($0).0), $0.name) }
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
