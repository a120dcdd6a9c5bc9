public import AWSModels
import Core
import Logs
public import Wire

extension CloudWatchLogsProvider {
    // MARK: Resource policies

    public func putResourcePolicy(
        _ input: CloudWatchLogs.PutResourcePolicyRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.PutResourcePolicyResponse {
        guard let name = input.policyName ?? input.resourceArn else {
            throw Self.invalid("Either policyName or resourceArn must be given.")
        }
        let body: JSONObject = [
            "policyDocument": .string(input.policyDocument ?? ""), "lastUpdatedTime": .int(clock.now.milliseconds),
        ]
        let policy = LogDefinition(.resourcePolicy, context.scope, name: name, body: body, at: clock.now)
        try await answer { try await logs.put(policy, limit: 10) }
        return CloudWatchLogs.PutResourcePolicyResponse { $0.resourcePolicy = Self.policy(policy) }
    }

    private static func policy(_ definition: LogDefinition) -> CloudWatchLogs.ResourcePolicy {
        var shape =
            CloudWatchLogs.ResourcePolicy(json: .object(definition.body)) ?? CloudWatchLogs.ResourcePolicy()
        shape.policyName = definition.name
        shape.policyScope = .account
        return shape
    }

    public func describeResourcePolicies(
        _ input: CloudWatchLogs.DescribeResourcePoliciesRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.DescribeResourcePoliciesResponse {
        let page = try await filters(
            .resourcePolicy, group: nil, prefix: nil, input.nextToken, input.limit, context)
        return CloudWatchLogs.DescribeResourcePoliciesResponse {
            $0.nextToken = page.last.map { ListToken.make($0.place.0, $0.place.1) }
            $0.resourcePolicies = page.items.map(Self.policy).map { policy in
                var policy = policy
                policy.policyDocument = policy.policyDocument.map(ResourcePolicyText.normalized)
                return policy
            }
        }
    }

    public func deleteResourcePolicy(
        _ input: CloudWatchLogs.DeleteResourcePolicyRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let name = input.policyName ?? input.resourceArn ?? ""
        try await answer {
            try await logs.deleteDefinition(
                .resourcePolicy, context.scope, name: name, missing: "Policy with name [\(name)] does not exist.")
        }
    }

    // MARK: Destinations of subscriptions

    private static func destination(_ definition: LogDefinition) -> CloudWatchLogs.Destination {
        var body = definition.body
        body["tags"] = nil
        var shape = CloudWatchLogs.Destination(json: .object(body)) ?? CloudWatchLogs.Destination()
        shape.destinationName = definition.name
        shape.arn = definition.scope.arn("logs", "destination:\(definition.name)").description
        shape.creationTime = Int(definition.createdAt.milliseconds)
        return shape
    }

    public func putDestination(
        _ input: CloudWatchLogs.PutDestinationRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.PutDestinationResponse {
        let known = try await answer {
            try await logs.definition(.destination, context.scope, name: input.destinationName)
        }
        var body: JSONObject = ["targetArn": .string(input.targetArn), "roleArn": .string(input.roleArn)]
        body["accessPolicy"] = known?.body["accessPolicy"]
        body["tags"] = input.tags.map(Self.json) ?? known?.body["tags"]
        let destination = LogDefinition(
            .destination, context.scope, name: input.destinationName, body: body, at: known?.createdAt ?? clock.now)
        try await answer { try await logs.put(destination) }
        return CloudWatchLogs.PutDestinationResponse { $0.destination = Self.destination(destination) }
    }

    public func putDestinationPolicy(
        _ input: CloudWatchLogs.PutDestinationPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let known = try await answer {
            try await logs.definition(.destination, context.scope, name: input.destinationName)
        }
        guard var destination = known else { throw Self.missing("The specified destination does not exist.") }
        destination.body["accessPolicy"] = .string(input.accessPolicy)
        let changed = destination
        try await answer { try await logs.put(changed) }
    }

    public func describeDestinations(
        _ input: CloudWatchLogs.DescribeDestinationsRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.DescribeDestinationsResponse {
        let page = try await filters(
            .destination, group: nil, prefix: input.destinationNamePrefix, input.nextToken, input.limit, context)
        return CloudWatchLogs.DescribeDestinationsResponse {
            $0.nextToken = page.last.map { ListToken.make($0.place.0, $0.place.1) }
            $0.destinations = page.items.map(Self.destination)
        }
    }

    public func deleteDestination(
        _ input: CloudWatchLogs.DeleteDestinationRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            try await logs.deleteDefinition(
                .destination, context.scope, name: input.destinationName,
                missing: "The specified destination does not exist.")
        }
    }
}
