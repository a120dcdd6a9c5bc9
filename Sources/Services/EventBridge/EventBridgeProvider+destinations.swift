public import AWSModels
import Core
import Events
import Storage
public import Wire

extension EventBridgeProvider {
    private typealias State = EventBridge.ApiDestinationState

    /// A destination is active while its connection is authorized.
    private static func state(
        of destination: EventEndpoint, _ buses: BusService, in transaction: Transaction
    ) throws -> State {
        let arn = destination.definition["ConnectionArn"]?.stringValue ?? ""
        return try buses.endpoint(arn: arn, in: transaction)?.state == "AUTHORIZED" ? .active : .inactive
    }

    public func createApiDestination(
        _ input: EventBridge.CreateApiDestinationRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.CreateApiDestinationResponse {
        var definition: JSONObject = [
            "ConnectionArn": .string(input.connectionArn), "InvocationEndpoint": .string(input.invocationEndpoint),
            "HttpMethod": .string(input.httpMethod.rawValue),
            "InvocationRateLimitPerSecond": JSON(input.invocationRateLimitPerSecond ?? 300),
        ]
        definition["Description"] = input.description.map(JSON.string)
        let destination = buses.newEndpoint(.destination, context.scope, name: input.name, definition: definition)
        let state = try await write { [buses] transaction in
            try buses.createEndpoint(destination, in: transaction)
            return try Self.state(of: destination, buses, in: transaction)
        }
        return EventBridge.CreateApiDestinationResponse {
            $0.apiDestinationArn = destination.arn
            $0.apiDestinationState = state
            $0.creationTime = destination.createdAt
            $0.lastModifiedTime = destination.updatedAt
        }
    }

    public func updateApiDestination(
        _ input: EventBridge.UpdateApiDestinationRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.UpdateApiDestinationResponse {
        let (destination, state) = try await write { [buses] transaction in
            var destination = try buses.endpoint(
                .destination, input.name, context.scope, to: "describe", in: transaction)
            let changes: [(String, JSON?)] = [
                ("Description", input.description.map(JSON.string)),
                ("ConnectionArn", input.connectionArn.map(JSON.string)),
                ("InvocationEndpoint", input.invocationEndpoint.map(JSON.string)),
                ("HttpMethod", input.httpMethod.map { .string($0.rawValue) }),
                ("InvocationRateLimitPerSecond", input.invocationRateLimitPerSecond.map { JSON($0) }),
            ]
            for (name, value) in changes where value != nil { destination.definition[name] = value }
            let changed = try buses.updateEndpoint(destination, in: transaction)
            return (changed, try Self.state(of: changed, buses, in: transaction))
        }
        return EventBridge.UpdateApiDestinationResponse {
            $0.apiDestinationArn = destination.arn
            $0.apiDestinationState = state
            $0.creationTime = destination.createdAt
            $0.lastModifiedTime = destination.updatedAt
        }
    }

    public func describeApiDestination(
        _ input: EventBridge.DescribeApiDestinationRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.DescribeApiDestinationResponse {
        let (destination, state) = try await read { [buses] transaction in
            let destination = try buses.endpoint(
                .destination, input.name, context.scope, to: "describe", in: transaction)
            return (destination, try Self.state(of: destination, buses, in: transaction))
        }
        let definition = destination.definition
        return EventBridge.DescribeApiDestinationResponse {
            $0.apiDestinationArn = destination.arn
            $0.name = destination.name
            $0.description = definition["Description"]?.stringValue
            $0.apiDestinationState = state
            $0.connectionArn = definition["ConnectionArn"]?.stringValue
            $0.invocationEndpoint = definition["InvocationEndpoint"]?.stringValue
            $0.httpMethod = Self.method(definition)
            $0.invocationRateLimitPerSecond = Self.rate(definition)
            $0.creationTime = destination.createdAt
            $0.lastModifiedTime = destination.updatedAt
        }
    }

    private static func method(_ definition: JSONObject) -> EventBridge.ApiDestinationHttpMethod? {
        definition["HttpMethod"]?.stringValue.map(EventBridge.ApiDestinationHttpMethod.init(rawValue:))
    }

    private static func rate(_ definition: JSONObject) -> Int? {
        definition["InvocationRateLimitPerSecond"]?.intValue.map { Int($0) }
    }

    public func listApiDestinations(
        _ input: EventBridge.ListApiDestinationsRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.ListApiDestinationsResponse {
        let after = try Self.after(input.nextToken)
        let limit = input.limit ?? 100
        let found = try await read { [buses] transaction in
            try buses.endpoints(
                .destination, context.scope, namePrefix: input.namePrefix ?? "", after: after, limit: limit + 1,
                in: transaction
            ).map { ($0, try Self.state(of: $0, buses, in: transaction)) }
        }
        let page = Page(found, limit: limit)
        return EventBridge.ListApiDestinationsResponse {
            $0.nextToken = page.last.map { ListToken.make($0.0.name) }
            $0.apiDestinations = page.items.compactMap { destination, state in
                if let arn = input.connectionArn, destination.definition["ConnectionArn"] != .string(arn) { return nil }
                return EventBridge.ApiDestination {
                    $0.apiDestinationArn = destination.arn
                    $0.name = destination.name
                    $0.apiDestinationState = state
                    $0.connectionArn = destination.definition["ConnectionArn"]?.stringValue
                    $0.invocationEndpoint = destination.definition["InvocationEndpoint"]?.stringValue
                    $0.httpMethod = Self.method(destination.definition)
                    $0.invocationRateLimitPerSecond = Self.rate(destination.definition)
                    $0.creationTime = destination.createdAt
                    $0.lastModifiedTime = destination.updatedAt
                }
            }
        }
    }

    public func deleteApiDestination(
        _ input: EventBridge.DeleteApiDestinationRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.DeleteApiDestinationResponse {
        try await write { [buses] transaction in
            let destination = try buses.endpoint(
                .destination, input.name, context.scope, to: "delete", in: transaction)
            try buses.deleteEndpoint(destination, in: transaction)
        }
        return EventBridge.DeleteApiDestinationResponse()
    }
}
