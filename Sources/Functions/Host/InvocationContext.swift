public import Core

/// What accompanies an event to a function.
public struct InvocationContext: Hashable, Sendable {
    /// A UUID.
    public var requestID: String
    /// The ARN that the caller named; the version's own when nil.
    public var invokedFunctionARN: ARN?
    /// JSON, as the runtime receives it.
    public var clientContext: String?
    /// JSON, as the runtime receives it.
    public var cognitoIdentity: String?
    /// The value of an `X-Amzn-Trace-Id` header.
    public var traceHeader: String?
    public var tenantID: String?
    /// Asks for the last 4 KB of the invocation's log.
    public var wantsLogTail: Bool
    /// The ARN of the workflow execution on whose behalf the function runs; it appears on that execution's bill.
    public var execution: String?

    public init(
        requestID: String, invokedFunctionARN: ARN? = nil, clientContext: String? = nil,
        cognitoIdentity: String? = nil, traceHeader: String? = nil, tenantID: String? = nil, wantsLogTail: Bool = false,
        execution: String? = nil
    ) {
        self.requestID = requestID
        self.invokedFunctionARN = invokedFunctionARN
        self.clientContext = clientContext
        self.cognitoIdentity = cognitoIdentity
        self.traceHeader = traceHeader
        self.tenantID = tenantID
        self.wantsLogTail = wantsLogTail
        self.execution = execution
    }
}
