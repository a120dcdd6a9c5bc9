public import AWSModels
import Core
import Logs
public import Wire

extension CloudWatchLogsProvider {
    private static let batchSize = 1_048_576
    private static let day: Int64 = 86_400_000
    /// How far in the past and in the future lines may lie.
    private static let oldest: Int64 = 14 * day
    private static let newest: Int64 = 2 * 3_600_000

    public func putLogEvents(
        _ input: CloudWatchLogs.PutLogEventsRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.PutLogEventsResponse {
        let records = input.logEvents.map {
            LogRecord(time: Timestamp(milliseconds: Int64($0.timestamp)), message: $0.message)
        }
        try Self.check(records)
        let now = clock.now
        let tooOld = records.prefix { now.milliseconds(since: $0.time) > Self.oldest }.count
        let accepted = records.dropFirst(tooOld).prefix { $0.time.milliseconds(since: now) <= Self.newest }
        let name = Self.groupName(input.logGroupName)
        try await answer {
            try await logs.put(Array(accepted), to: name, stream: input.logStreamName, scope: context.scope)
        }
        return CloudWatchLogs.PutLogEventsResponse {
            $0.nextSequenceToken = LogService.digits(now.milliseconds, count: 56)
            guard accepted.count < records.count else { return }
            $0.rejectedLogEventsInfo = CloudWatchLogs.RejectedLogEventsInfo {
                if tooOld > 0 { $0.tooOldLogEventEndIndex = tooOld }
                if tooOld + accepted.count < records.count { $0.tooNewLogEventStartIndex = tooOld + accepted.count }
            }
        }
    }

    private static func check(_ records: [LogRecord]) throws(AWSError) {
        for (earlier, later) in zip(records, records.dropFirst()) where later.time < earlier.time {
            throw invalid("Log events in a single PutLogEvents request must be in chronological order.")
        }
        if let first = records.first, let last = records.last, last.time.milliseconds(since: first.time) > day {
            throw invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
        }
        let size = records.reduce(0) { $0 + $1.message.utf8.count + 26 }
        guard size <= batchSize else {
            throw invalid("Upload too large: \(size) bytes exceeds limit of \(batchSize)")
        }
    }

    // MARK: One stream

    public func getLogEvents(
        _ input: CloudWatchLogs.GetLogEventsRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.GetLogEventsResponse {
        let group = try Self.group(input.logGroupName, input.logGroupIdentifier)
        var query = Self.query(start: input.startTime, end: input.endTime)
        query.streams = [input.logStreamName]
        query.limit = input.limit ?? 10_000
        query.isBackward = input.startFromHead != true
        let place = try input.nextToken.map(PlaceToken.init(parsing:))
        if let place {
            query.isBackward = place.isBackward
            query.cursor = place.cursor
        }
        let asked = query
        var events = try await answer { try await logs.events(in: group, context.scope, asked) }
        if query.isBackward { events.reverse() }
        events = Self.fitting(events, keepsLast: query.isBackward)
        let here = place?.cursor ?? LogQuery.Cursor(time: query.start, id: 0)
        return CloudWatchLogs.GetLogEventsResponse {
            $0.events = events.map { event in
                CloudWatchLogs.OutputLogEvent {
                    $0.timestamp = Int(event.time.milliseconds)
                    $0.message = event.message
                    $0.ingestionTime = Int(event.ingestedAt.milliseconds)
                }
            }
            $0.nextForwardToken = PlaceToken(events.last.map(Self.cursor) ?? here, isBackward: false).text
            $0.nextBackwardToken = PlaceToken(events.first.map(Self.cursor) ?? here, isBackward: true).text
        }
    }

    private static func cursor(_ event: LogEvent) -> LogQuery.Cursor { LogQuery.Cursor(time: event.time, id: event.id) }

    /// As many as an answer of a megabyte holds.
    private static func fitting(_ events: [LogEvent], keepsLast: Bool) -> [LogEvent] {
        var size = 0
        let fits: (LogEvent) -> Bool = { event in
            size += event.message.utf8.count + 26
            return size <= batchSize
        }
        return keepsLast
            ? Array(events.reversed().prefix(while: fits).reversed()) : Array(events.prefix(while: fits))
    }

    private static func query(start: Int?, end: Int?) -> LogQuery {
        var query = LogQuery()
        if let start { query.start = Timestamp(milliseconds: Int64(start)) }
        if let end { query.end = Timestamp(milliseconds: Int64(end)) }
        return query
    }

    // MARK: Several streams

    public func filterLogEvents(
        _ input: CloudWatchLogs.FilterLogEventsRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.FilterLogEventsResponse {
        let group = try Self.group(input.logGroupName, input.logGroupIdentifier)
        guard input.logStreamNames == nil || input.logStreamNamePrefix == nil else {
            throw Self.invalid("logStreamNamePrefix and logStreamNames are mutually exclusive.")
        }
        let pattern = try Self.pattern(input.filterPattern ?? "")
        var query = Self.query(start: input.startTime, end: input.endTime.map { $0 == .max ? $0 : $0 + 1 })
        query.streams = input.logStreamNames
        if let prefix = input.logStreamNamePrefix {
            query.streams = try await answer {
                try await logs.streams(of: group, context.scope).map(\.name).filter { $0.hasPrefix(prefix) }
            }
        }
        if input.nextToken != nil {
            let parts = try Self.token(input.nextToken, parts: 2)
            guard let time = Int64(parts[0]), let id = Int64(parts[1]) else {
                throw Self.invalid("The specified nextToken is invalid.")
            }
            query.cursor = LogQuery.Cursor(time: Timestamp(milliseconds: time), id: id)
        }
        let asked = query
        let (events, next) = try await answer {
            try await logs.filter(group, context.scope, asked, pattern, limit: input.limit ?? 10_000)
        }
        return CloudWatchLogs.FilterLogEventsResponse {
            $0.events = events.map(Self.filtered)
            $0.searchedLogStreams = []
            $0.nextToken = next.map { ListToken.make(String($0.time.milliseconds), String($0.id)) }
        }
    }

    private static func filtered(_ event: LogEvent) -> CloudWatchLogs.FilteredLogEvent {
        CloudWatchLogs.FilteredLogEvent {
            $0.logStreamName = event.stream
            $0.timestamp = Int(event.time.milliseconds)
            $0.message = event.message
            $0.ingestionTime = Int(event.ingestedAt.milliseconds)
            $0.eventId = event.identifier
        }
    }
}

/// The tokens of `GetLogEvents`: `f/` or `b/`, 56 digits that say where, `/s`.
struct PlaceToken {
    let cursor: LogQuery.Cursor
    let isBackward: Bool

    init(_ cursor: LogQuery.Cursor, isBackward: Bool) {
        self.cursor = cursor
        self.isBackward = isBackward
    }

    init(parsing text: String) throws(AWSError) {
        let parts = text.split(separator: "/")
        guard parts.count == 3, parts[0] == "f" || parts[0] == "b", parts[1].utf8.count == 56, parts[2] == "s",
            let time = Int64(parts[1].prefix(20)), let id = Int64(parts[1].dropFirst(20))
        else { throw CloudWatchLogsProvider.invalid("The specified nextToken is invalid.") }
        self.init(LogQuery.Cursor(time: Timestamp(milliseconds: time), id: id), isBackward: parts[0] == "b")
    }

    var text: String {
        let place = LogService.digits(cursor.time.milliseconds, count: 20) + LogService.digits(cursor.id, count: 36)
        return "\(isBackward ? "b" : "f")/\(place)/s"
    }
}
