public import AWSModels
import Core
import Logs
public import Wire

/// Queries that are saved under a name. They are kept by their identifier: names need not differ.
extension CloudWatchLogsProvider {
    /// AWS's quota, and the longest page.
    private static let queryDefinitionLimit = 1_000

    public func putQueryDefinition(
        _ input: CloudWatchLogs.PutQueryDefinitionRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.PutQueryDefinitionResponse {
        let id = try await queryDefinitionID(input, context)
        var body = input.json
        body["clientToken"] = nil
        body["queryDefinitionId"] = .string(id.text)
        body["queryLanguage"] = .string(input.queryLanguage?.rawValue ?? "CWLI")
        body["lastModified"] = .int(clock.now.milliseconds)
        if !id.isKept {
            let definition = LogDefinition(.queryDefinition, context.scope, name: id.text, body: body, at: clock.now)
            try await answer { try await logs.put(definition, limit: Self.queryDefinitionLimit) }
        }
        return CloudWatchLogs.PutQueryDefinitionResponse { $0.queryDefinitionId = id.text }
    }

    /// A new definition gets its identifier from the token of its request, so that one that comes again finds it kept.
    private func queryDefinitionID(
        _ input: CloudWatchLogs.PutQueryDefinitionRequest, _ context: RequestContext
    ) async throws(AWSError) -> (text: String, isKept: Bool) {
        if let id = input.queryDefinitionId {
            guard try await hasQueryDefinition(id, context) else { throw Self.noQueryDefinition }
            return (id, false)
        }
        guard let token = input.clientToken else {
            return (UUIDText.make(high: random.nextUInt64(), low: random.nextUInt64()), false)
        }
        let digest = Digest.sha256(Array("\(context.scope.account)/\(context.scope.region)/\(token)".utf8))
        func number(_ bytes: ArraySlice<UInt8>) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        let id = UUIDText.make(high: number(digest[..<8]), low: number(digest[8..<16]))
        return (id, try await hasQueryDefinition(id, context))
    }

    private func hasQueryDefinition(_ id: String, _ context: RequestContext) async throws(AWSError) -> Bool {
        try await answer { try await logs.definition(.queryDefinition, context.scope, name: id) } != nil
    }

    private static let noQueryDefinition = missing("The specified query definition does not exist.")

    /// In the order of their names.
    public func describeQueryDefinitions(
        _ input: CloudWatchLogs.DescribeQueryDefinitionsRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.DescribeQueryDefinitionsResponse {
        let token = try Self.token(input.nextToken, parts: 2)
        let after = (token[0], token[1])
        let all = try await answer {
            try await logs.definitions(.queryDefinition, context.scope, limit: Self.queryDefinitionLimit)
        }
        let wanted = all.map { (name: $0.body["name"]?.stringValue ?? "", id: $0.name, body: $0.body) }
            .filter { definition in
                guard (definition.name, definition.id) > after else { return false }
                guard definition.name.hasPrefix(input.queryDefinitionNamePrefix ?? "") else { return false }
                return input.queryLanguage.map { definition.body["queryLanguage"] == .string($0.rawValue) } ?? true
            }.sorted { ($0.name, $0.id) < ($1.name, $1.id) }
        let page = Page(wanted, limit: input.maxResults ?? Self.queryDefinitionLimit)
        return CloudWatchLogs.DescribeQueryDefinitionsResponse {
            $0.nextToken = page.last.map { ListToken.make($0.name, $0.id) }
            $0.queryDefinitions = page.items.compactMap { CloudWatchLogs.QueryDefinition(json: .object($0.body)) }
        }
    }

    public func deleteQueryDefinition(
        _ input: CloudWatchLogs.DeleteQueryDefinitionRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.DeleteQueryDefinitionResponse {
        try await answer {
            try await logs.deleteDefinition(
                .queryDefinition, context.scope, name: input.queryDefinitionId,
                missing: Self.noQueryDefinition.message ?? "")
        }
        return CloudWatchLogs.DeleteQueryDefinitionResponse { $0.success = true }
    }
}
