public import NIOCore

/// The end of an invocation, whichever it was. Function failures and refusals are results, not thrown errors.
public struct InvocationResult: Sendable {
    public enum Outcome: Hashable, Sendable {
        case success
        /// The function answered with an error, ended or ran out of time. Lambda's callers see 200 and the header
        /// `X-Amz-Function-Error: Unhandled`.
        case functionError(type: String)
        /// The function was not called.
        case rejected(InvocationRejection)
    }

    public var requestID: String
    public var outcome: Outcome
    /// The function's answer, or the JSON of its error. Empty when the answer was streamed.
    public var payload: ByteBuffer
    /// Of a streamed or proxied answer, when the runtime named one.
    public var contentType: String?
    public var executedVersion: String
    /// The last 4 KB of the log, when the context asked for them.
    public var logTail: [UInt8]?
    /// Nil when the function was not called.
    public var report: InvocationReport?

    public init(
        requestID: String, outcome: Outcome, payload: ByteBuffer, contentType: String? = nil, executedVersion: String,
        logTail: [UInt8]? = nil, report: InvocationReport? = nil
    ) {
        self.requestID = requestID
        self.outcome = outcome
        self.payload = payload
        self.contentType = contentType
        self.executedVersion = executedVersion
        self.logTail = logTail
        self.report = report
    }

    /// The HTTP status that Lambda's Invoke answers with.
    public var status: Int {
        if case .rejected(let rejection) = outcome { rejection.status } else { 200 }
    }

    /// The value of `X-Amz-Function-Error`.
    public var functionError: String? {
        if case .functionError = outcome { "Unhandled" } else { nil }
    }
}

/// Why a function was not called, as Lambda's Invoke says it.
public struct InvocationRejection: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Reason: String, Hashable, Sendable {
        case reservedConcurrency = "ReservedFunctionConcurrentInvocationLimitExceeded"
        case accountConcurrency = "ConcurrentInvocationLimitExceeded"
        /// More invocations wait than the host keeps waiting.
        case queueFull = "CallerRateLimitExceeded"
        case notFound = "ResourceNotFound"
        case payloadTooLarge = "RequestTooLarge"
        case shuttingDown = "ServiceUnavailable"
        /// The machine could not start the function.
        case hostFailure = "ServiceFailure"
    }

    public var reason: Reason
    public var message: String

    public init(_ reason: Reason, _ message: String) {
        self.reason = reason
        self.message = message
    }

    /// The name of Lambda's exception.
    public var code: String {
        switch reason {
        case .reservedConcurrency, .accountConcurrency, .queueFull: "TooManyRequestsException"
        case .notFound: "ResourceNotFoundException"
        case .payloadTooLarge: "RequestTooLargeException"
        case .shuttingDown, .hostFailure: "ServiceException"
        }
    }

    public var status: Int {
        switch reason {
        case .reservedConcurrency, .accountConcurrency, .queueFull: 429
        case .notFound: 404
        case .payloadTooLarge: 413
        case .shuttingDown: 503
        case .hostFailure: 500
        }
    }

    public var description: String { "\(code): \(message)" }
}
