public import Core
public import Storage

extension BusService {
    /// A connection or destination that is not stored yet. A connection that needs no token is authorized at once.
    public func newEndpoint(
        _ kind: EventEndpoint.Kind, _ scope: Scope, name: String, definition: JSONObject
    ) -> EventEndpoint {
        let now = clock.now
        var endpoint = EventEndpoint(
            kind, scope, name: name, suffix: newIdentifier(), state: "ACTIVE", definition: definition, at: now)
        if kind == .connection {
            endpoint.state = Self.initialState(definition)
            endpoint.authorizedAt = now
        }
        return endpoint
    }

    private static func initialState(_ connection: JSONObject) -> String {
        connection["AuthorizationType"] == "OAUTH_CLIENT_CREDENTIALS" ? "AUTHORIZING" : "AUTHORIZED"
    }

    public func createEndpoint(_ endpoint: EventEndpoint, in transaction: Transaction) throws {
        guard try store.endpoint(endpoint.kind, endpoint.name, endpoint.scope, in: transaction) == nil else {
            let word = endpoint.kind == .connection ? "Connection" : "An api-destination"
            throw BusError(.alreadyExists, "\(word) \(endpoint.name) already exists.")
        }
        try requireConnection(of: endpoint, in: transaction)
        try store.put(endpoint, in: transaction)
    }

    private func requireConnection(of endpoint: EventEndpoint, in transaction: Transaction) throws {
        guard endpoint.kind == .destination else { return }
        let arn = endpoint.definition["ConnectionArn"]?.stringValue ?? ""
        guard try self.endpoint(arn: arn, in: transaction) != nil else {
            let name = EventEndpoint.place(in: arn)?.name ?? arn
            throw BusError(.doesNotExist, "Connection '\(name)' does not exist.")
        }
    }

    /// - Parameter verb: what the caller was about to do, for the message.
    public func endpoint(
        _ kind: EventEndpoint.Kind, _ name: String, _ scope: Scope, to verb: String, in transaction: Transaction
    ) throws -> EventEndpoint {
        guard let endpoint = try store.endpoint(kind, name, scope, in: transaction) else {
            let what = kind == .connection ? "connection(s). Connection" : "api-destination(s). An api-destination"
            throw BusError(.doesNotExist, "Failed to \(verb) the \(what) '\(name)' does not exist.")
        }
        return endpoint
    }

    /// The connection or destination of an ARN, if there is one.
    public func endpoint(arn: String, in transaction: Transaction) throws -> EventEndpoint? {
        guard let place = EventEndpoint.place(in: arn) else { return nil }
        let found = try store.endpoint(place.kind, place.name, place.scope, in: transaction)
        return found?.arn == arn ? found : nil
    }

    public func endpoints(
        _ kind: EventEndpoint.Kind, _ scope: Scope, namePrefix: String = "", after: String = "", limit: Int,
        in transaction: Transaction
    ) throws -> [EventEndpoint] {
        try store.endpoints(kind, scope, namePrefix: namePrefix, after: after, limit: limit, in: transaction)
    }

    /// Replaces what is stored of an endpoint, with a new time of change.
    @discardableResult
    public func updateEndpoint(_ endpoint: EventEndpoint, in transaction: Transaction) throws -> EventEndpoint {
        try requireConnection(of: endpoint, in: transaction)
        var changed = endpoint
        changed.updatedAt = clock.now
        if endpoint.kind == .connection {
            changed.state = Self.initialState(changed.definition)
            changed.definition["StateReason"] = nil
        }
        try store.put(changed, in: transaction)
        return changed
    }

    public func deleteEndpoint(_ endpoint: EventEndpoint, in transaction: Transaction) throws {
        try store.delete(endpoint, in: transaction)
    }
}
