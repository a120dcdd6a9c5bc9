public import Core

/// A connection or an API destination: how events reach an HTTP service.
public struct EventEndpoint: Sendable {
    public enum Kind: String, Sendable {
        /// Credentials for an HTTP service.
        case connection
        /// An HTTP service that is called with a connection's credentials.
        case destination = "api-destination"
    }

    public var kind: Kind
    public var scope: Scope
    public var name: String
    /// The last part of the ARN, a UUID.
    public var suffix: String
    /// AWS's word: `AUTHORIZED`, `AUTHORIZING`, `DEAUTHORIZED` of connections.
    public var state: String
    /// The request's members by AWS's names, a connection's secrets included.
    public var definition: JSONObject
    public var createdAt: Timestamp
    public var updatedAt: Timestamp
    public var authorizedAt: Timestamp?

    public init(
        _ kind: Kind, _ scope: Scope, name: String, suffix: String, state: String, definition: JSONObject,
        at time: Timestamp
    ) {
        self.kind = kind
        self.scope = scope
        self.name = name
        self.suffix = suffix
        self.state = state
        self.definition = definition
        createdAt = time
        updatedAt = time
    }

    public var arn: String { scope.arn("events", "\(kind.rawValue)/\(name)/\(suffix)").description }

    /// The kind and the name that an ARN gives.
    static func place(in arn: String) -> (kind: Kind, scope: Scope, name: String)? {
        guard let parsed = ARN(arn), parsed.service == "events" else { return nil }
        let parts = parsed.resource.split(separator: "/")
        guard parts.count >= 2, let kind = Kind(rawValue: String(parts[0])) else { return nil }
        return (kind, Scope(account: parsed.account, region: parsed.region), String(parts[1]))
    }
}
