public import AWSModels
import Core
import Events
public import Wire

extension EventBridgeProvider {
    public func createConnection(
        _ input: EventBridge.CreateConnectionRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.CreateConnectionResponse {
        try Self.check(method: input.authParameters.oAuthParameters?.httpMethod)
        var definition: JSONObject = ["AuthorizationType": .string(input.authorizationType.rawValue)]
        definition["AuthParameters"] = .object(input.authParameters.json)
        definition["Description"] = input.description.map(JSON.string)
        definition["KmsKeyIdentifier"] = input.kmsKeyIdentifier.map(JSON.string)
        let part = Self.authorizationPart(input.authorizationType)
        guard definition["AuthParameters"]?[part] != nil else {
            throw Self.invalid("Parameter AuthParameters is not valid. Reason: \(part) must be provided.")
        }
        let connection = Self.withSecret(
            buses.newEndpoint(.connection, context.scope, name: input.name, definition: definition),
            seed: buses.random.nextUInt64())
        let version = UUIDText.random(using: buses.random)
        try await write { [buses] transaction in
            try buses.createEndpoint(connection, in: transaction)
            try ConnectionSecret(connection).put(version: version, at: buses.clock.now, in: transaction)
        }
        return EventBridge.CreateConnectionResponse {
            $0.connectionArn = connection.arn
            $0.connectionState = EventBridge.ConnectionState(rawValue: connection.state)
            $0.creationTime = connection.createdAt
            $0.lastModifiedTime = connection.updatedAt
        }
    }

    /// Tokens are fetched with these methods, which may be given in lower case.
    private static func check(method: String?) throws(AWSError) {
        let methods = ["GET", "POST", "PUT"]
        guard let method, !methods.contains(method.uppercased()) else { return }
        throw invalid(
            """
            1 validation error detected: Value '\(method)' at 'authParameters.oAuthParameters.httpMethod' failed to \
            satisfy constraint: Member must satisfy enum value set: [\(methods.joined(separator: ", "))]
            """)
    }

    private static func authorizationPart(_ type: EventBridge.ConnectionAuthorizationType) -> String {
        switch type {
        case .basic: "BasicAuthParameters"
        case .oauthClientCredentials: "OAuthParameters"
        default: "ApiKeyAuthParameters"
        }
    }

    /// The secret's place in Secrets Manager as AWS names it: a UUID and six more characters.
    private static func withSecret(_ connection: EventEndpoint, seed: UInt64) -> EventEndpoint {
        var connection = connection
        var random = SeededRandom(seed: seed)
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        let ending = String((0..<6).map { _ in letters[Int(random.next() % UInt64(letters.count))] })
        connection.definition["secret"] = .string("\(UUIDText.random(using: &random))-\(ending)")
        return connection
    }

    public func updateConnection(
        _ input: EventBridge.UpdateConnectionRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.UpdateConnectionResponse {
        try Self.check(method: input.authParameters?.oAuthParameters?.httpMethod)
        let version = UUIDText.random(using: buses.random)
        let connection = try await write { [buses] transaction in
            var connection = try buses.endpoint(
                .connection, input.name, context.scope, to: "describe", in: transaction)
            if let type = input.authorizationType {
                connection.definition["AuthorizationType"] = .string(type.rawValue)
            }
            if let text = input.description { connection.definition["Description"] = .string(text) }
            if let changed = input.authParameters?.json {
                var parameters = connection.definition["AuthParameters"]?.objectValue ?? [:]
                for (name, value) in changed {
                    let old = parameters[name]?.objectValue ?? [:]
                    parameters[name] = value.objectValue.map { .object(old.merging($0)) } ?? value
                }
                connection.definition["AuthParameters"] = .object(parameters)
            }
            try ConnectionSecret(connection).put(version: version, at: buses.clock.now, in: transaction)
            return try buses.updateEndpoint(connection, in: transaction)
        }
        return EventBridge.UpdateConnectionResponse {
            $0.connectionArn = connection.arn
            $0.connectionState = EventBridge.ConnectionState(rawValue: connection.state)
            $0.creationTime = connection.createdAt
            $0.lastModifiedTime = connection.updatedAt
            $0.lastAuthorizedTime = connection.authorizedAt
        }
    }

    public func describeConnection(
        _ input: EventBridge.DescribeConnectionRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.DescribeConnectionResponse {
        var connection = try await read { [buses] transaction in
            try buses.endpoint(.connection, input.name, context.scope, to: "describe", in: transaction)
        }
        do {
            connection = try await tokens?.settled(connection) ?? connection
        } catch {
            throw Self.failure(error)
        }
        return description(of: connection, context)
    }

    private func description(
        of connection: EventEndpoint, _ context: RequestContext
    ) -> EventBridge.DescribeConnectionResponse {
        return EventBridge.DescribeConnectionResponse {
            $0.connectionArn = connection.arn
            $0.name = connection.name
            $0.description = connection.definition["Description"]?.stringValue
            $0.connectionState = EventBridge.ConnectionState(rawValue: connection.state)
            $0.stateReason = connection.definition["StateReason"]?.stringValue
            $0.authorizationType = Self.authorizationType(connection)
            $0.secretArn = ConnectionSecret(connection).arn
            $0.kmsKeyIdentifier = connection.definition["KmsKeyIdentifier"]?.stringValue
            $0.authParameters = EventBridge.ConnectionAuthResponseParameters(
                json: connection.definition["AuthParameters"].map(Self.withoutSecretValues))
            $0.creationTime = connection.createdAt
            $0.lastModifiedTime = connection.updatedAt
            $0.lastAuthorizedTime = connection.authorizedAt
        }
    }

    private static func authorizationType(_ connection: EventEndpoint) -> EventBridge.ConnectionAuthorizationType? {
        connection.definition["AuthorizationType"]?.stringValue.map(
            EventBridge.ConnectionAuthorizationType.init(rawValue:))
    }

    /// The answer's shapes have no members for passwords and keys; parameters that are marked as secret lose their value.
    private static func withoutSecretValues(_ parameters: JSON) -> JSON {
        var parameters = parameters
        parameters["InvocationHttpParameters"] = parameters["InvocationHttpParameters"].map(hidden)
        if let http = parameters["OAuthParameters"]?["OAuthHttpParameters"] {
            parameters["OAuthParameters"]?["OAuthHttpParameters"] = hidden(http)
        }
        return parameters
    }

    private static func hidden(_ parameters: JSON) -> JSON {
        var shown = parameters
        for name in ["HeaderParameters", "QueryStringParameters", "BodyParameters"] {
            guard let items = parameters[name]?.arrayValue else { continue }
            shown[name] = .array(
                items.map { item in
                    var item = item
                    if item["IsValueSecret"] == true { item["Value"] = nil }
                    return item
                })
        }
        return shown
    }

    public func listConnections(
        _ input: EventBridge.ListConnectionsRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.ListConnectionsResponse {
        let after = try Self.after(input.nextToken)
        let limit = input.limit ?? 100
        let found = try await read { [buses] transaction in
            try buses.endpoints(
                .connection, context.scope, namePrefix: input.namePrefix ?? "", after: after, limit: limit + 1,
                in: transaction)
        }
        let page = Page(found, limit: limit)
        return EventBridge.ListConnectionsResponse {
            $0.nextToken = page.last.map { ListToken.make($0.name) }
            $0.connections = page.items.compactMap { connection in
                if let state = input.connectionState, state.rawValue != connection.state { return nil }
                return EventBridge.Connection {
                    $0.connectionArn = connection.arn
                    $0.name = connection.name
                    $0.connectionState = EventBridge.ConnectionState(rawValue: connection.state)
                    $0.authorizationType = Self.authorizationType(connection)
                    $0.creationTime = connection.createdAt
                    $0.lastModifiedTime = connection.updatedAt
                    $0.lastAuthorizedTime = connection.authorizedAt
                }
            }
        }
    }

    public func deleteConnection(
        _ input: EventBridge.DeleteConnectionRequest, _ context: RequestContext
    ) async throws(AWSError) -> EventBridge.DeleteConnectionResponse {
        let connection = try await write { [buses] transaction in
            let connection = try buses.endpoint(
                .connection, input.name, context.scope, to: "delete", in: transaction)
            try buses.deleteEndpoint(connection, in: transaction)
            try ConnectionSecret(connection).remove(in: transaction)
            return connection
        }
        return EventBridge.DeleteConnectionResponse {
            $0.connectionArn = connection.arn
            $0.connectionState = .deleting
            $0.creationTime = connection.createdAt
            $0.lastModifiedTime = connection.updatedAt
            $0.lastAuthorizedTime = connection.authorizedAt
        }
    }
}
