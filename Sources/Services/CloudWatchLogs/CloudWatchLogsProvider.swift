public import AWSModels
public import Core
public import Logs
public import Wire

/// Amazon CloudWatch Logs on the host's log store: what functions and workflows log is there too.
public struct CloudWatchLogsProvider: CloudWatchLogs.API {
    let logs: LogService
    let buckets: any S3.API
    let clock: any HostClock
    let random: any RandomSource
    let keys: KMSKeys

    /// - Parameters:
    ///   - buckets: where lines are exported to.
    ///   - keys: with which groups are encrypted.
    public init(
        _ logs: LogService, buckets: any S3.API, keys: KMSKeys, clock: any HostClock,
        random: any RandomSource = SystemRandomSource()
    ) {
        self.keys = keys
        self.logs = logs
        self.buckets = buckets
        self.clock = clock
        self.random = random
    }

    /// Gives the store's errors their names on the wire.
    func answer<Value>(_ body: () async throws -> Value) async throws(AWSError) -> Value {
        do {
            return try await body()
        } catch let error as LogError {
            let code =
                switch error.kind {
                case .groupDoesNotExist, .streamDoesNotExist, .definitionDoesNotExist: "ResourceNotFoundException"
                case .alreadyExists: "ResourceAlreadyExistsException"
                case .invalidParameter: "InvalidParameterException"
                case .invalidOperation: "InvalidOperationException"
                case .limitExceeded: "LimitExceededException"
                }
            throw AWSError(code, error.description, status: 400)
        } catch {
            throw error as? AWSError ?? .internalFailure(String(describing: error))
        }
    }

    static func invalid(_ message: String) -> AWSError { AWSError("InvalidParameterException", message, status: 400) }

    static func missing(_ message: String) -> AWSError { AWSError("ResourceNotFoundException", message, status: 400) }

    static func pattern(_ text: String) throws(AWSError) -> FilterPattern {
        do {
            return try FilterPattern(text)
        } catch {
            throw invalid(error.description)
        }
    }

    // MARK: Names

    /// The group that a name, or an identifier (a name or an ARN), means.
    static func group(_ name: String?, _ identifier: String?) throws(AWSError) -> String {
        guard name == nil || identifier == nil else {
            throw AWSError(
                "ValidationException", "LogGroup name and LogGroup ARN are mutually exclusive parameters.", status: 400)
        }
        guard let text = name ?? identifier else {
            throw invalid("Either logGroupName or logGroupIdentifier must be given.")
        }
        return groupName(text)
    }

    static func groupName(_ identifier: String) -> String {
        guard let arn = ARN(identifier), arn.service == "logs", arn.resource.hasPrefix("log-group:") else {
            return identifier
        }
        let name = arn.resource.dropFirst(10)
        return String(name.hasSuffix(":*") ? name.dropLast(2) : name)
    }

    static func token(_ text: String?, parts: Int) throws(AWSError) -> [String] {
        guard let text else { return Array(repeating: "", count: parts) }
        guard let found = ListToken.parts(text, parts) else { throw invalid("The specified nextToken is invalid.") }
        return found
    }

    // MARK: Tags

    public func listTagsForResource(
        _ input: CloudWatchLogs.ListTagsForResourceRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.ListTagsForResourceResponse {
        let tags = try await tags(of: input.resourceArn, context)
        return CloudWatchLogs.ListTagsForResourceResponse { $0.tags = tags }
    }

    public func listTagsLogGroup(
        _ input: CloudWatchLogs.ListTagsLogGroupRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.ListTagsLogGroupResponse {
        let tags = try await tags(of: input.logGroupName, context)
        return CloudWatchLogs.ListTagsLogGroupResponse { $0.tags = tags }
    }

    public func tagResource(
        _ input: CloudWatchLogs.TagResourceRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await changeTags(of: input.resourceArn, context) { $0.merge(input.tags) { $1 } }
    }

    public func tagLogGroup(
        _ input: CloudWatchLogs.TagLogGroupRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await changeTags(of: input.logGroupName, context) { $0.merge(input.tags) { $1 } }
    }

    public func untagResource(
        _ input: CloudWatchLogs.UntagResourceRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await changeTags(of: input.resourceArn, context) { tags in for key in input.tagKeys { tags[key] = nil } }
    }

    public func untagLogGroup(
        _ input: CloudWatchLogs.UntagLogGroupRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await changeTags(of: input.logGroupName, context) { tags in for key in input.tags { tags[key] = nil } }
    }

    /// Log groups and destinations carry tags.
    private func tags(of resource: String, _ context: RequestContext) async throws(AWSError) -> [String: String] {
        if let destination = try await destination(resource, context) { return Self.tags(in: destination.body) }
        let name = Self.groupName(resource)
        guard let group = try await answer({ try await logs.group(name, context.scope) }) else {
            throw Self.missing("The specified log group does not exist.")
        }
        return group.tags
    }

    private func changeTags(
        of resource: String, _ context: RequestContext, _ change: @escaping @Sendable (inout [String: String]) -> Void
    ) async throws(AWSError) {
        if var destination = try await destination(resource, context) {
            var tags = Self.tags(in: destination.body)
            change(&tags)
            destination.body["tags"] = Self.json(tags)
            let changed = destination
            return try await answer { try await logs.put(changed) }
        }
        let name = Self.groupName(resource)
        try await answer { try await logs.changeGroup(name, context.scope) { change(&$0.tags) } }
    }

    private func destination(_ resource: String, _ context: RequestContext) async throws(AWSError) -> LogDefinition? {
        guard let arn = ARN(resource), arn.resource.hasPrefix("destination:") else { return nil }
        let name = String(arn.resource.dropFirst(12))
        return try await answer { try await logs.definition(.destination, context.scope, name: name) }
    }

    static func tags(in body: JSONObject) -> [String: String] {
        let tags = body["tags"]?.objectValue ?? [:]
        return Dictionary(tags.map { ($0.key, $0.value.stringValue ?? "") }) { $1 }
    }

    static func json(_ tags: [String: String]) -> JSON {
        .object(JSONObject(tags.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }
}
