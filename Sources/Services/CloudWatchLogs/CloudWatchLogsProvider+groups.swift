public import AWSModels
import Core
import Logs
public import Wire

extension CloudWatchLogsProvider {
    public func createLogGroup(
        _ input: CloudWatchLogs.CreateLogGroupRequest, _ context: RequestContext
    ) async throws(AWSError) {
        guard !input.logGroupName.lowercased().hasPrefix("aws/") else {
            throw Self.invalid("Log groups starting with AWS/ are reserved for AWS.")
        }
        var group = logs.newGroup(input.logGroupName, context.scope)
        group.tags = input.tags ?? [:]
        group.settings["logGroupClass"] = .string(input.logGroupClass?.rawValue ?? "STANDARD")
        if let key = input.kmsKeyId {
            try await requireKey(key, for: group)
            group.settings["kmsKeyId"] = .string(key)
        }
        group.settings["deletionProtectionEnabled"] = .bool(input.deletionProtectionEnabled ?? false)
        let created = group
        try await answer { try await logs.createGroup(created) }
    }

    public func deleteLogGroup(
        _ input: CloudWatchLogs.DeleteLogGroupRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let found = try await answer { try await logs.group(input.logGroupName, context.scope) }
        if found?.settings["deletionProtectionEnabled"] == true {
            throw AWSError(
                "ValidationException", "The log group has deletion protection enabled and can not be deleted.",
                status: 400)
        }
        try await answer { try await logs.deleteGroup(input.logGroupName, context.scope) }
    }

    public func putLogGroupDeletionProtection(
        _ input: CloudWatchLogs.PutLogGroupDeletionProtectionRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            try await logs.changeGroup(Self.groupName(input.logGroupIdentifier), context.scope) {
                $0.settings["deletionProtectionEnabled"] = .bool(input.deletionProtectionEnabled)
            }
        }
    }

    public func describeLogGroups(
        _ input: CloudWatchLogs.DescribeLogGroupsRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.DescribeLogGroupsResponse {
        guard input.logGroupNamePrefix == nil || input.logGroupNamePattern == nil else {
            throw Self.invalid(
                "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
        }
        let after = try Self.token(input.nextToken, parts: 1)[0]
        if let pattern = input.logGroupNamePattern {
            return try await search(pattern, after: after, limit: input.limit ?? 50, context)
        }
        let limit = input.limit ?? 50
        let read: [LogGroup]
        if let identifiers = input.logGroupIdentifiers {
            read = try await groups(named: identifiers.map(Self.groupName), context)
        } else {
            read = try await answer {
                try await logs.groups(
                    context.scope, prefix: input.logGroupNamePrefix ?? "", after: after, limit: limit + 1)
            }
        }
        let page = Page(read.filter { Self.isOf(input.logGroupClass, $0) }, limit: limit)
        let counts = try await filterCounts(page.items, context)
        return CloudWatchLogs.DescribeLogGroupsResponse {
            $0.nextToken = page.last.map { ListToken.make($0.name) }
            $0.logGroups = page.items.map { Self.shape($0, filters: counts[$0.name] ?? 0) }
        }
    }

    private func groups(named names: [String], _ context: RequestContext) async throws(AWSError) -> [LogGroup] {
        var found: [LogGroup] = []
        for name in names {
            if let group = try await answer({ try await logs.group(name, context.scope) }) { found.append(group) }
        }
        return found
    }

    /// The search by a part of the name is another one on AWS: it tells less of each group and always has a next token
    /// after a page with results.
    private func search(
        _ pattern: String, after: String, limit: Int, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.DescribeLogGroupsResponse {
        let all = try await answer { try await logs.groups(context.scope, after: after, limit: 10_000) }
        let found = Array(all.filter { Self.contains($0.name, pattern) }.prefix(limit))
        let counts = try await filterCounts(found, context)
        return CloudWatchLogs.DescribeLogGroupsResponse {
            $0.nextToken = found.last.map { ListToken.make($0.name) }
            $0.logGroups = found.map { group in
                var shape = Self.shape(group, filters: counts[group.name] ?? 0)
                shape.storedBytes = nil
                shape.deletionProtectionEnabled = nil
                return shape
            }
        }
    }

    /// Without regard to case.
    private static func contains(_ name: String, _ pattern: String) -> Bool {
        let (name, pattern) = (Array(name.lowercased().utf8), Array(pattern.lowercased().utf8))
        guard name.count >= pattern.count, !pattern.isEmpty else { return pattern.isEmpty }
        return (0...name.count - pattern.count).contains { name[$0..<$0 + pattern.count].elementsEqual(pattern) }
    }

    /// Any of the parts between `|` is in the name, or at its beginning after `^`.
    private static func matches(_ name: String, _ pattern: String) -> Bool {
        pattern.split(separator: "|").contains { part in
            part.hasPrefix("^") ? name.hasPrefix(part.dropFirst()) : name.contains(part)
        }
    }

    private static func isOf(_ wanted: CloudWatchLogs.LogGroupClass?, _ group: LogGroup) -> Bool {
        wanted.map { $0.rawValue == group.settings["logGroupClass"]?.stringValue ?? "STANDARD" } ?? true
    }

    private func filterCounts(_ groups: [LogGroup], _ context: RequestContext) async throws(AWSError) -> [String: Int] {
        let filters = try await answer { try await logs.definitions(.metricFilter, context.scope, limit: 10_000) }
        return Dictionary(filters.map { ($0.group, 1) }, uniquingKeysWith: +)
    }

    private static func shape(_ group: LogGroup, filters: Int) -> CloudWatchLogs.LogGroup {
        CloudWatchLogs.LogGroup {
            $0.logGroupName = group.name
            $0.creationTime = Int(group.createdAt.milliseconds)
            $0.retentionInDays = group.retentionDays
            $0.metricFilterCount = filters
            $0.arn = "\(group.arn):*"
            $0.logGroupArn = group.arn.description
            $0.storedBytes = Int(group.storedBytes)
            $0.kmsKeyId = group.settings["kmsKeyId"]?.stringValue
            $0.logGroupClass = CloudWatchLogs.LogGroupClass(
                rawValue: group.settings["logGroupClass"]?.stringValue ?? "STANDARD")
            $0.deletionProtectionEnabled = group.settings["deletionProtectionEnabled"]?.boolValue ?? false
        }
    }

    public func listLogGroups(
        _ input: CloudWatchLogs.ListLogGroupsRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.ListLogGroupsResponse {
        let after = try Self.token(input.nextToken, parts: 1)[0]
        let limit = input.limit ?? 50
        let all = try await answer { try await logs.groups(context.scope, after: after, limit: 10_000) }
        let matching = all.filter { group in
            (input.logGroupNamePattern.map { Self.matches(group.name, $0) } ?? true)
                && Self.isOf(input.logGroupClass, group)
        }
        let page = Page(matching, limit: limit)
        return CloudWatchLogs.ListLogGroupsResponse {
            $0.nextToken = page.last.map { ListToken.make($0.name) }
            $0.logGroups = page.items.map { group in
                CloudWatchLogs.LogGroupSummary {
                    $0.logGroupName = group.name
                    $0.logGroupArn = group.arn.description
                    $0.logGroupClass = CloudWatchLogs.LogGroupClass(
                        rawValue: group.settings["logGroupClass"]?.stringValue ?? "STANDARD")
                }
            }
        }
    }

    public func putRetentionPolicy(
        _ input: CloudWatchLogs.PutRetentionPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let allowed = [
            1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
        ]
        guard allowed.contains(input.retentionInDays) else {
            let list = allowed.map(String.init).joined(separator: ", ")
            throw Self.invalid(
                """
                1 validation error detected: Value '\(input.retentionInDays)' at 'retentionInDays' failed to satisfy \
                constraint: Member must satisfy enum value set: [\(list)]
                """)
        }
        try await answer {
            try await logs.changeGroup(input.logGroupName, context.scope) { $0.retentionDays = input.retentionInDays }
        }
    }

    public func deleteRetentionPolicy(
        _ input: CloudWatchLogs.DeleteRetentionPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            try await logs.changeGroup(input.logGroupName, context.scope) { $0.retentionDays = nil }
        }
    }
}
