public import AWSModels
import Core
import Logs
public import Wire

extension CloudWatchLogsProvider {
    public func testMetricFilter(
        _ input: CloudWatchLogs.TestMetricFilterRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.TestMetricFilterResponse {
        let pattern = try Self.pattern(input.filterPattern)
        let matching = input.logEventMessages.enumerated().filter { pattern.matches($1) }
        return CloudWatchLogs.TestMetricFilterResponse {
            $0.matches = matching.map { place, message in
                CloudWatchLogs.MetricFilterMatchRecord {
                    $0.eventNumber = place + 1
                    $0.eventMessage = message
                    $0.extractedValues = Dictionary(pattern.values(in: message).map { ($0.name, $0.value) }) { $1 }
                }
            }
        }
    }

    // MARK: Subscriptions

    public func putSubscriptionFilter(
        _ input: CloudWatchLogs.PutSubscriptionFilterRequest, _ context: RequestContext
    ) async throws(AWSError) {
        _ = try Self.pattern(input.filterPattern)
        try Self.check(destination: input.destinationArn, role: input.roleArn, context)
        var body: JSONObject = [
            "filterPattern": .string(input.filterPattern), "destinationArn": .string(input.destinationArn),
        ]
        body["roleArn"] = input.roleArn.map(JSON.string)
        body["distribution"] = .string(input.distribution?.rawValue ?? "ByLogStream")
        body["applyOnTransformedLogs"] = .bool(input.applyOnTransformedLogs ?? false)
        let filter = LogDefinition(
            .subscriptionFilter, context.scope, group: input.logGroupName, name: input.filterName, body: body,
            at: clock.now)
        try await answer { try await logs.put(filter, limit: LogService.subscriptionLimit) }
    }

    private static func check(
        destination text: String, role: String?, _ context: RequestContext
    ) throws(AWSError) {
        guard let arn = ARN(text) else {
            throw invalid("destinationArn is not a valid ARN: \(text)")
        }
        if arn.service == "lambda", arn.account != context.scope.account {
            throw AWSError(
                "AccessDeniedException",
                """
                Cross-account lambda invocation passing is not allowed. You must use DestinationPolicies to create \
                cross account lambda triggers.
                """, status: 400)
        }
        if arn.service == "kinesis" || arn.service == "firehose", role == nil {
            throw invalid("destinationArn for vendor \(arn.service) cannot be used without roleArn")
        }
    }

    public func describeSubscriptionFilters(
        _ input: CloudWatchLogs.DescribeSubscriptionFiltersRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.DescribeSubscriptionFiltersResponse {
        let page = try await filters(
            .subscriptionFilter, group: input.logGroupName, prefix: input.filterNamePrefix, input.nextToken,
            input.limit, context)
        return CloudWatchLogs.DescribeSubscriptionFiltersResponse {
            $0.nextToken = page.last.map { ListToken.make($0.place.0, $0.place.1) }
            $0.subscriptionFilters = page.items.map { filter in
                var shape =
                    CloudWatchLogs.SubscriptionFilter(json: .object(filter.body))
                    ?? CloudWatchLogs.SubscriptionFilter()
                shape.filterName = filter.name
                shape.logGroupName = filter.group
                shape.creationTime = Int(filter.createdAt.milliseconds)
                return shape
            }
        }
    }

    public func deleteSubscriptionFilter(
        _ input: CloudWatchLogs.DeleteSubscriptionFilterRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            try await logs.deleteDefinition(
                .subscriptionFilter, context.scope, group: input.logGroupName, name: input.filterName,
                missing: "The specified subscription filter does not exist.")
        }
    }

    // MARK: Metrics

    public func putMetricFilter(
        _ input: CloudWatchLogs.PutMetricFilterRequest, _ context: RequestContext
    ) async throws(AWSError) {
        _ = try Self.pattern(input.filterPattern)
        for transformation in input.metricTransformations {
            if transformation.defaultValue != nil, transformation.dimensions?.isEmpty == false {
                throw Self.invalid(
                    "Invalid metric transformation: dimensions and default value are mutually exclusive properties.")
            }
        }
        var body = input.json
        body["logGroupName"] = nil
        body["filterName"] = nil
        body["applyOnTransformedLogs"] = .bool(input.applyOnTransformedLogs ?? false)
        let filter = LogDefinition(
            .metricFilter, context.scope, group: input.logGroupName, name: input.filterName, body: body, at: clock.now)
        try await answer { try await logs.put(filter, limit: 100) }
    }

    public func describeMetricFilters(
        _ input: CloudWatchLogs.DescribeMetricFiltersRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.DescribeMetricFiltersResponse {
        guard (input.metricName == nil) == (input.metricNamespace == nil) else {
            throw Self.invalid("metricName and metricNamespace must be specified together.")
        }
        let page = try await filters(
            .metricFilter, group: input.logGroupName, prefix: input.filterNamePrefix, input.nextToken, input.limit,
            context)
        let wanted = page.items.filter { filter in
            let transformation = filter.body["metricTransformations"]?[0]
            return (input.metricName.map { transformation?["metricName"] == .string($0) } ?? true)
                && (input.metricNamespace.map { transformation?["metricNamespace"] == .string($0) } ?? true)
        }
        return CloudWatchLogs.DescribeMetricFiltersResponse {
            $0.nextToken = page.last.map { ListToken.make($0.place.0, $0.place.1) }
            $0.metricFilters = wanted.map { filter in
                var shape = CloudWatchLogs.MetricFilter(json: .object(filter.body)) ?? CloudWatchLogs.MetricFilter()
                shape.filterName = filter.name
                shape.logGroupName = filter.group
                shape.creationTime = Int(filter.createdAt.milliseconds)
                return shape
            }
        }
    }

    public func deleteMetricFilter(
        _ input: CloudWatchLogs.DeleteMetricFilterRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            try await logs.deleteDefinition(
                .metricFilter, context.scope, group: input.logGroupName, name: input.filterName,
                missing: "The specified metric filter does not exist.")
        }
    }

    func filters(
        _ kind: LogDefinition.Kind, group: String?, prefix: String?, _ token: String?, _ limit: Int?,
        _ context: RequestContext
    ) async throws(AWSError) -> Page<LogDefinition> {
        let after = try Self.token(token, parts: 2)
        let limit = limit ?? 50
        let found = try await answer {
            try await logs.definitions(
                kind, context.scope, group: group, prefix: prefix ?? "", after: (after[0], after[1]), limit: limit + 1)
        }
        return Page(found, limit: limit)
    }
}
