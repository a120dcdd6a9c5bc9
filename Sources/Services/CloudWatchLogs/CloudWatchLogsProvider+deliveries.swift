public import AWSModels
import Core
import Logs
public import Wire

/// The delivery of logs that AWS's own services write ("vended logs"). Sources, destinations and deliveries are kept and
/// answered; nothing on this host writes such logs.
extension CloudWatchLogsProvider {
    private func require(
        _ kind: LogDefinition.Kind, _ name: String, _ what: String, _ context: RequestContext
    ) async throws(AWSError) -> LogDefinition {
        let found = try await answer { try await logs.definition(kind, context.scope, name: name) }
        guard let found else { throw Self.missing("Requested \(what) does not exist in this account.") }
        return found
    }

    private func delete(
        _ kind: LogDefinition.Kind, _ name: String, _ what: String, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            try await logs.deleteDefinition(
                kind, context.scope, name: name, missing: "Requested \(what) does not exist in this account.")
        }
    }

    private static func arn(_ definition: LogDefinition) -> String {
        definition.scope.arn("logs", "\(definition.kind.rawValue):\(definition.name)").description
    }

    // MARK: Destinations

    public func putDeliveryDestination(
        _ input: CloudWatchLogs.PutDeliveryDestinationRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.PutDeliveryDestinationResponse {
        let resource = input.deliveryDestinationConfiguration?.destinationResourceArn ?? ""
        let type =
            switch ARN(resource)?.service {
            case "s3": "S3"
            case "firehose": "FH"
            case "xray": "XRAY"
            default: "CWL"
            }
        let known = try await answer {
            try await logs.definition(.deliveryDestination, context.scope, name: input.name)
        }
        var body: JSONObject = ["deliveryDestinationType": .string(input.deliveryDestinationType?.rawValue ?? type)]
        body["outputFormat"] = input.outputFormat.map { .string($0.rawValue) } ?? known?.body["outputFormat"]
        body["deliveryDestinationConfiguration"] =
            input.deliveryDestinationConfiguration.map { .object($0.json) }
            ?? known?.body["deliveryDestinationConfiguration"]
        body["policy"] = known?.body["policy"]
        body["tags"] = input.tags.map(Self.json)
        let destination = LogDefinition(
            .deliveryDestination, context.scope, name: input.name, body: body, at: clock.now)
        try await answer { try await logs.put(destination) }
        return CloudWatchLogs.PutDeliveryDestinationResponse {
            $0.deliveryDestination = Self.deliveryDestination(destination)
        }
    }

    private static func deliveryDestination(_ definition: LogDefinition) -> CloudWatchLogs.DeliveryDestination {
        var body = definition.body
        body["policy"] = nil
        body["tags"] = nil
        var shape = CloudWatchLogs.DeliveryDestination(json: .object(body)) ?? CloudWatchLogs.DeliveryDestination()
        shape.name = definition.name
        shape.arn = arn(definition)
        return shape
    }

    public func getDeliveryDestination(
        _ input: CloudWatchLogs.GetDeliveryDestinationRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.GetDeliveryDestinationResponse {
        let found = try await require(.deliveryDestination, input.name, "Delivery Destination", context)
        return CloudWatchLogs.GetDeliveryDestinationResponse {
            $0.deliveryDestination = Self.deliveryDestination(found)
        }
    }

    public func describeDeliveryDestinations(
        _ input: CloudWatchLogs.DescribeDeliveryDestinationsRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.DescribeDeliveryDestinationsResponse {
        let page = try await filters(
            .deliveryDestination, group: nil, prefix: nil, input.nextToken, input.limit, context)
        return CloudWatchLogs.DescribeDeliveryDestinationsResponse {
            $0.nextToken = page.last.map { ListToken.make($0.place.0, $0.place.1) }
            $0.deliveryDestinations = page.items.map(Self.deliveryDestination)
        }
    }

    public func deleteDeliveryDestination(
        _ input: CloudWatchLogs.DeleteDeliveryDestinationRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await delete(.deliveryDestination, input.name, "Delivery Destination", context)
    }

    // MARK: Policies of destinations

    public func putDeliveryDestinationPolicy(
        _ input: CloudWatchLogs.PutDeliveryDestinationPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.PutDeliveryDestinationPolicyResponse {
        try await setPolicy(.string(input.deliveryDestinationPolicy), of: input.deliveryDestinationName, context)
        return CloudWatchLogs.PutDeliveryDestinationPolicyResponse {
            $0.policy = CloudWatchLogs.Policy { $0.deliveryDestinationPolicy = input.deliveryDestinationPolicy }
        }
    }

    public func getDeliveryDestinationPolicy(
        _ input: CloudWatchLogs.GetDeliveryDestinationPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.GetDeliveryDestinationPolicyResponse {
        let found = try await require(
            .deliveryDestination, input.deliveryDestinationName, "Delivery Destination", context)
        return CloudWatchLogs.GetDeliveryDestinationPolicyResponse {
            $0.policy = CloudWatchLogs.Policy { $0.deliveryDestinationPolicy = found.body["policy"]?.stringValue }
        }
    }

    public func deleteDeliveryDestinationPolicy(
        _ input: CloudWatchLogs.DeleteDeliveryDestinationPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await setPolicy(nil, of: input.deliveryDestinationName, context)
    }

    private func setPolicy(_ policy: JSON?, of name: String, _ context: RequestContext) async throws(AWSError) {
        var destination = try await require(.deliveryDestination, name, "Delivery Destination", context)
        destination.body["policy"] = policy
        let changed = destination
        try await answer { try await logs.put(changed) }
    }

    // MARK: Sources

    public func putDeliverySource(
        _ input: CloudWatchLogs.PutDeliverySourceRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.PutDeliverySourceResponse {
        guard let arn = ARN(input.resourceArn), Self.sources.contains(arn.service) else {
            throw Self.missing("Cannot access provided service.")
        }
        let body: JSONObject = [
            "resourceArns": [.string(input.resourceArn)], "service": .string(arn.service),
            "logType": .string(input.logType), "tags": Self.json(input.tags ?? [:]),
        ]
        let source = LogDefinition(.deliverySource, context.scope, name: input.name, body: body, at: clock.now)
        try await answer { try await logs.put(source) }
        return CloudWatchLogs.PutDeliverySourceResponse {
            var shape = Self.deliverySource(source)
            shape.tags = input.tags
            $0.deliverySource = shape
        }
    }

    /// The services whose logs are delivered this way.
    private static let sources: Set<String> = [
        "cloudfront", "bedrock", "codewhisperer", "elasticloadbalancing", "entityresolution", "events", "ivs",
        "mediapackage", "mediatailor", "msk", "pcs", "qbusiness", "ses", "transit-gateway", "vpc-lattice", "workmail",
    ]

    private static func deliverySource(_ definition: LogDefinition) -> CloudWatchLogs.DeliverySource {
        var body = definition.body
        body["tags"] = nil
        var shape = CloudWatchLogs.DeliverySource(json: .object(body)) ?? CloudWatchLogs.DeliverySource()
        shape.name = definition.name
        shape.arn = arn(definition)
        return shape
    }

    public func getDeliverySource(
        _ input: CloudWatchLogs.GetDeliverySourceRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.GetDeliverySourceResponse {
        let found = try await require(.deliverySource, input.name, "Delivery Source", context)
        return CloudWatchLogs.GetDeliverySourceResponse { $0.deliverySource = Self.deliverySource(found) }
    }

    public func describeDeliverySources(
        _ input: CloudWatchLogs.DescribeDeliverySourcesRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.DescribeDeliverySourcesResponse {
        let page = try await filters(.deliverySource, group: nil, prefix: nil, input.nextToken, input.limit, context)
        return CloudWatchLogs.DescribeDeliverySourcesResponse {
            $0.nextToken = page.last.map { ListToken.make($0.place.0, $0.place.1) }
            $0.deliverySources = page.items.map(Self.deliverySource)
        }
    }

    public func deleteDeliverySource(
        _ input: CloudWatchLogs.DeleteDeliverySourceRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await delete(.deliverySource, input.name, "Delivery Source", context)
    }

    // MARK: Deliveries

    public func createDelivery(
        _ input: CloudWatchLogs.CreateDeliveryRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.CreateDeliveryResponse {
        _ = try await require(.deliverySource, input.deliverySourceName, "Delivery Source", context)
        let name = input.deliveryDestinationArn.split(separator: ":").last.map(String.init) ?? ""
        let destination = try await require(.deliveryDestination, name, "Delivery Destination", context)
        var body = input.json
        body["tags"] = nil
        body["deliveryDestinationType"] = destination.body["deliveryDestinationType"]
        let id = String(
            UUIDText.make(high: random.nextUInt64(), low: random.nextUInt64()).filter { $0 != "-" }.prefix(16))
        let delivery = LogDefinition(.delivery, context.scope, name: id, body: body, at: clock.now)
        try await answer { try await logs.put(delivery) }
        return CloudWatchLogs.CreateDeliveryResponse {
            var shape = Self.delivery(delivery)
            shape.tags = input.tags
            $0.delivery = shape
        }
    }

    private static func delivery(_ definition: LogDefinition) -> CloudWatchLogs.Delivery {
        var shape = CloudWatchLogs.Delivery(json: .object(definition.body)) ?? CloudWatchLogs.Delivery()
        shape.id = definition.name
        shape.arn = arn(definition)
        return shape
    }

    public func getDelivery(
        _ input: CloudWatchLogs.GetDeliveryRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.GetDeliveryResponse {
        let found = try await require(.delivery, input.id, "Delivery", context)
        return CloudWatchLogs.GetDeliveryResponse { $0.delivery = Self.delivery(found) }
    }

    public func describeDeliveries(
        _ input: CloudWatchLogs.DescribeDeliveriesRequest, _ context: RequestContext
    ) async throws(AWSError) -> CloudWatchLogs.DescribeDeliveriesResponse {
        let page = try await filters(.delivery, group: nil, prefix: nil, input.nextToken, input.limit, context)
        return CloudWatchLogs.DescribeDeliveriesResponse {
            $0.nextToken = page.last.map { ListToken.make($0.place.0, $0.place.1) }
            $0.deliveries = page.items.map(Self.delivery)
        }
    }

    public func deleteDelivery(
        _ input: CloudWatchLogs.DeleteDeliveryRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await delete(.delivery, input.id, "Delivery", context)
    }
}
