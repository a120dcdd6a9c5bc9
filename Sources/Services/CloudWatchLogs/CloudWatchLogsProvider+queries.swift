public import AWSModels
import Core
import Logs
public import Wire

/// Logs Insights: a query is answered when its results are asked for, so it is complete as soon as it has begun.
extension CloudWatchLogsProvider {
    /// Lines that one query looks at.
    private static let scanLimit = 10_000

    public func startQuery(
        _ input: CloudWatchLogs.StartQueryRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.StartQueryResponse {
        if let language = input.queryLanguage, language.rawValue != "CWLI" {
            throw Self.invalid("Queries in \(language) are not served: use the Logs Insights query language.")
        }
        let named = [input.logGroupName].compactMap(\.self) + (input.logGroupNames ?? [])
        let names = named + (input.logGroupIdentifiers ?? []).map(Self.groupName)
        guard !names.isEmpty else { throw Self.invalid("At least one log group must be given.") }
        for name in names {
            guard try await answer({ try await logs.group(name, context.scope) }) != nil else {
                throw Self.missing(
                    "Log group '\(name)' does not exist for account ID '\(context.scope.account)' (Service: AWSLogs; "
                        + "Status Code: 400; Error Code: ResourceNotFoundException; Request ID: \(context.requestID); "
                        + "Proxy: null)")
            }
        }
        do {
            _ = try InsightsQuery(input.queryString)
        } catch {
            throw AWSError("MalformedQueryException", error.reason, status: 400)
        }
        let id = UUIDText.make(high: random.nextUInt64(), low: random.nextUInt64())
        let body: JSONObject = [
            "groups": .array(names.map(JSON.string)), "query": .string(input.queryString),
            "start": JSON(input.startTime), "end": JSON(input.endTime), "limit": input.limit.map { JSON($0) } ?? .null,
        ]
        let query = LogDefinition(.query, context.scope, name: id, body: body, at: clock.now)
        try await answer { try await logs.put(query, limit: 10_000) }
        return CloudWatchLogs.StartQueryResponse { $0.queryId = id }
    }

    public func getQueryResults(
        _ input: CloudWatchLogs.GetQueryResultsRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.GetQueryResultsResponse {
        let found = try await answer { try await logs.definition(.query, context.scope, name: input.queryId) }
        guard let stored = found, let query = try? InsightsQuery(stored.body["query"]?.stringValue ?? "") else {
            throw Self.missing("Query id \(input.queryId) does not exist.")
        }
        var asked = LogQuery()
        asked.start = Timestamp(milliseconds: (stored.body["start"]?.intValue ?? 0) &* 1000)
        asked.end = Timestamp(milliseconds: (stored.body["end"]?.intValue ?? 0) &* 1000 &+ 1000)
        asked.limit = Self.scanLimit
        asked.isBackward = true
        var lines: [(group: LogGroup, events: [LogEvent])] = []
        for name in (stored.body["groups"]?.arrayValue ?? []).compactMap(\.stringValue) {
            let range = asked
            guard let group = try await answer({ try await logs.group(name, context.scope) }) else { continue }
            lines.append((group, try await answer { try await logs.events(in: name, context.scope, range) }))
        }
        let scanned = lines.flatMap(\.events)
        let (rows, matched) = query.answer(lines, limit: stored.body["limit"]?.intValue.map { Int($0) })
        return CloudWatchLogs.GetQueryResultsResponse {
            $0.queryLanguage = "CWLI"
            $0.status = .complete
            $0.results = rows.map { row in
                row.map { cell in
                    CloudWatchLogs.ResultField {
                        $0.field = cell.field
                        $0.value = cell.value
                    }
                }
            }
            $0.statistics = CloudWatchLogs.QueryStatistics {
                $0.recordsMatched = Double(matched)
                $0.recordsScanned = Double(scanned.count)
                $0.bytesScanned = Double(scanned.reduce(0) { $0 + $1.message.utf8.count })
            }
        }
    }

    public func stopQuery(
        _ input: CloudWatchLogs.StopQueryRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.StopQueryResponse {
        let found = try await answer { try await logs.definition(.query, context.scope, name: input.queryId) }
        guard found != nil else { throw Self.missing("Query id \(input.queryId) does not exist.") }
        throw Self.invalid("Query with ID \(input.queryId) is already ended with Complete status")
    }

    public func describeQueries(
        _ input: CloudWatchLogs.DescribeQueriesRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.DescribeQueriesResponse {
        let after = try Self.token(input.nextToken, parts: 2)
        let limit = input.maxResults ?? 1000
        let found = try await answer {
            try await logs.definitions(
                .query, context.scope, group: "", after: (after[0], after[1]), limit: limit + 1)
        }
        let page = Page(found, limit: limit)
        let wanted = page.items.filter { query in
            guard input.status.map({ $0 == .complete }) ?? true else { return false }
            return input.logGroupName.map { query.body["groups"]?[0] == .string($0) } ?? true
        }
        return CloudWatchLogs.DescribeQueriesResponse {
            $0.nextToken = page.last.map { ListToken.make($0.place.0, $0.place.1) }
            $0.queries = wanted.map(Self.info)
        }
    }

    private static func info(_ query: LogDefinition) -> CloudWatchLogs.QueryInfo {
        let group = query.body["groups"]?[0]?.stringValue ?? ""
        let (start, end) = (query.body["start"]?.intValue ?? 0, query.body["end"]?.intValue ?? 0)
        return CloudWatchLogs.QueryInfo {
            $0.queryLanguage = "CWLI"
            $0.queryId = query.name
            $0.queryString =
                "SOURCE \"\(group)\" START=\(start)000 END=\(end)999 | \(query.body["query"]?.stringValue ?? "")"
            $0.status = .complete
            $0.createTime = Int(query.createdAt.milliseconds)
            $0.logGroupName = group
        }
    }
}
