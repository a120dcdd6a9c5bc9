public import Core

/// What a service may know of a request besides its input.
public struct RequestContext: Sendable {
    /// The account of the credentials and the region of the signature.
    public var scope: Scope
    /// Reported to the caller in the answer.
    public var requestID: String
    public var accessKeyID: String?
    /// The token of temporary credentials.
    public var sessionToken: String?
    /// Scheme, host and port by which the caller reached this program, such as `http://127.0.0.1:4566`.
    public var endpoint: String
    /// The caller's address.
    public var sourceAddress: String
    public var userAgent: String?
    /// The operation's name in the model.
    public var operation: String
    public var protocolName: ProtocolName
    /// The path of the request: that of a resource, where a protocol lets callers send operations to one.
    public var path: String
    /// The caller's `X-Amzn-Trace-Id`.
    public var traceHeader: String?

    public init(
        scope: Scope = Scope(), requestID: String, accessKeyID: String? = nil, sessionToken: String? = nil,
        endpoint: String = "http://127.0.0.1:4566", sourceAddress: String = "127.0.0.1", userAgent: String? = nil,
        operation: String = "", protocolName: ProtocolName = .json10, path: String = "/", traceHeader: String? = nil
    ) {
        self.scope = scope
        self.requestID = requestID
        self.accessKeyID = accessKeyID
        self.sessionToken = sessionToken
        self.endpoint = endpoint
        self.sourceAddress = sourceAddress
        self.userAgent = userAgent
        self.operation = operation
        self.protocolName = protocolName
        self.path = path
        self.traceHeader = traceHeader
    }
}
