import Core

extension TaskResource {
    /// Takes a resource ARN apart. Nil when it is no ARN of a function, an activity or a known integration.
    public init?(_ text: String) {
        guard let arn = ARN(text) else { return nil }
        switch arn.service {
        case "lambda":
            guard arn.resource.hasUTF8Prefix("function:") else { return nil }
            self.init(text: text, kind: .lambda(arn))
        case "states" where arn.resource.hasUTF8Prefix("activity:"):
            guard !arn.region.isEmpty, !arn.account.isEmpty else { return nil }
            self.init(text: text, kind: .activity(arn))
        case "states":
            // Region and account are usually left out, but may be there.
            guard let integration = ServiceIntegration(arn.resource) else { return nil }
            self.init(text: text, kind: integration.isSDK ? .sdk(integration) : .optimized(integration))
        default: return nil
        }
    }
}

extension ServiceIntegration {
    /// Parses `lambda:invoke.waitForTaskToken` or `aws-sdk:s3:getObject`.
    init?(_ resource: String) {
        guard let (name, pattern) = Self.splitPattern(resource) else { return nil }
        let parts = name.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 3, parts[0] == "aws-sdk" {
            guard Self.isName(parts[1]), Self.isName(parts[2]),
                pattern == .requestResponse || pattern == .waitForTaskToken
            else { return nil }
            self.init(service: parts[1], action: parts[2], pattern: pattern, isSDK: true)
        } else {
            guard parts.count == 2, let patterns = Self.patterns(of: parts[0], action: parts[1]),
                patterns.contains(pattern)
            else { return nil }
            self.init(service: parts[0], action: parts[1], pattern: pattern, isSDK: false)
        }
    }

    private static func splitPattern(_ resource: String) -> (name: String, pattern: Pattern)? {
        guard let dot = resource.firstIndex(of: ".") else { return (resource, .requestResponse) }
        guard let pattern = Pattern(rawValue: String(resource[dot...])) else { return nil }
        return (String(resource[..<dot]), pattern)
    }

    private static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, first &- UInt8(ascii: "a") < 26 else { return false }
        return text.utf8.allSatisfy { ($0 | 0x20) &- UInt8(ascii: "a") < 26 || $0 &- UInt8(ascii: "0") < 10 }
    }

    /// The ways to wait that an optimized integration has; nil when there is no such integration.
    private static func patterns(of service: String, action: String) -> Set<Pattern>? {
        guard let entry = optimized[service], entry.actions?.contains(action) ?? isName(action) else { return nil }
        return entry.patterns
    }

    private struct Entry: Sendable {
        /// Nil when every action is accepted.
        let actions: Set<String>?
        let patterns: Set<Pattern>
    }

    private static let plain: Set<Pattern> = [.requestResponse]
    private static let job: Set<Pattern> = [.requestResponse, .sync]
    private static let token: Set<Pattern> = [.requestResponse, .waitForTaskToken]
    private static let all: Set<Pattern> = [.requestResponse, .sync, .waitForTaskToken]

    /// The optimized integrations of the developer guide.
    private static let optimized: [String: Entry] = [
        "apigateway": Entry(actions: ["invoke"], patterns: token),
        "athena": Entry(
            actions: ["startQueryExecution", "stopQueryExecution", "getQueryExecution", "getQueryResults"],
            patterns: job),
        "batch": Entry(actions: ["submitJob"], patterns: job),
        "bedrock": Entry(actions: ["invokeModel", "createModelCustomizationJob"], patterns: all),
        "codebuild": Entry(
            actions: [
                "startBuild", "stopBuild", "batchDeleteBuilds", "batchGetReports", "startBuildBatch",
                "stopBuildBatch", "retryBuildBatch", "deleteBuildBatch",
            ], patterns: job),
        "databrew": Entry(actions: ["startJobRun"], patterns: job),
        "dynamodb": Entry(actions: ["getItem", "putItem", "updateItem", "deleteItem"], patterns: plain),
        "ecs": Entry(actions: ["runTask"], patterns: all),
        "eks": Entry(
            actions: [
                "call", "runJob", "createCluster", "deleteCluster", "createFargateProfile",
                "deleteFargateProfile", "createNodegroup", "deleteNodegroup",
            ], patterns: all),
        "elasticmapreduce": Entry(
            actions: [
                "createCluster", "terminateCluster", "addStep", "cancelStep", "setClusterTerminationProtection",
                "modifyInstanceFleetByName", "modifyInstanceGroupByName",
            ], patterns: job),
        "emr-containers": Entry(
            actions: ["createVirtualCluster", "deleteVirtualCluster", "startJobRun", "cancelJobRun"], patterns: job),
        "emr-serverless": Entry(
            actions: [
                "createApplication", "startApplication", "stopApplication", "deleteApplication", "startJobRun",
                "cancelJobRun",
            ], patterns: job),
        "events": Entry(actions: ["putEvents"], patterns: token),
        "glue": Entry(actions: ["startJobRun"], patterns: job),
        "http": Entry(actions: ["invoke"], patterns: plain),
        "lambda": Entry(actions: ["invoke"], patterns: token),
        "mediaconvert": Entry(actions: ["createJob"], patterns: job),
        "s3": Entry(actions: ["getObject", "listObjectsV2", "putObject"], patterns: plain),
        "sagemaker": Entry(actions: nil, patterns: job),
        "sns": Entry(actions: ["publish"], patterns: token),
        "sqs": Entry(actions: ["sendMessage"], patterns: token),
        "states": Entry(actions: ["startExecution"], patterns: all.union([.sync2])),
    ]
}
