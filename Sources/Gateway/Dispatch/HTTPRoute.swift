public import Wire

/// Something besides AWS's services that answers requests: webhooks, function addresses, health, the admin API.
public protocol HTTPRoute: Sendable {
    /// Whether this route answers the request. The body is not there yet.
    func accepts(_ request: WireRequest) -> Bool
    /// Whether pages of other origins and foreign host names are kept away, as from the services.
    var isControlPlane: Bool { get }
    /// What pages of other origins may do on the control plane; nil keeps them away.
    var crossOrigin: (any CrossOriginPolicy)? { get }
    /// The largest body, in bytes; nil streams the body whatever its size.
    var bodyLimit: Int? { get }
    /// Whether callers are told in JSON what the route itself never saw, such as a body that is too large.
    var refusesInJSON: Bool { get }
    /// Answers the request. `peer` is the caller's address.
    func respond(to request: WireRequest, peer: String) async -> WireResponse
}

extension HTTPRoute {
    public var isControlPlane: Bool { true }
    public var crossOrigin: (any CrossOriginPolicy)? { nil }
    public var bodyLimit: Int? { 10 * 1024 * 1024 }
    public var refusesInJSON: Bool { true }
}
