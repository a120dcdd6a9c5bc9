public import Core
public import Events
import Functions
import NIOCore

/// Functions as the target of deliveries. Whatever is sent to a function becomes an asynchronous invocation, with the
/// retries, the maximum age and the destinations that the function itself configures.
public struct FunctionTarget: DeliveryTarget {
    private let invoker: FunctionInvoker
    /// Attempts of a function without reserved concurrency that run at once.
    private let concurrency: Int

    public init(_ invoker: FunctionInvoker, concurrency: Int = 64) {
        self.invoker = invoker
        self.concurrency = concurrency
    }

    public func concurrency(of target: String) -> Int {
        guard let reserved = invoker.directory.resolve(target)?.reservedConcurrency else { return concurrency }
        return max(1, reserved)
    }

    public func admit(_ delivery: NewDelivery) -> NewDelivery {
        guard delivery.kind != .asyncInvocation, let function = invoker.directory.resolve(delivery.target) else {
            return delivery
        }
        var admitted = NewDelivery(
            target: delivery.target, kind: .asyncInvocation, payload: delivery.payload,
            retry: function.asyncRetryPolicy, delay: delivery.delay)
        // A topic that logs its deliveries has told already under which identifier the function is invoked.
        admitted.context["requestId"] = delivery.context["requestId"] ?? .string(invoker.makeRequestID())
        admitted.context["traceHeader"] = .string("\(invoker.trace(of: delivery.context["traceHeader"]?.stringValue))")
        return admitted
    }

    public func deliver(_ delivery: Delivery) async -> DeliveryOutcome {
        guard let function = invoker.directory.resolve(delivery.target) else {
            return .rejected("ResourceNotFoundException", "Function not found: \(delivery.target)")
        }
        guard function.reservedConcurrency != 0 else {
            return .rejected(AsyncInvocationEnding.zeroReservedConcurrency, "Rate Exceeded.")
        }
        let context = InvocationContext(
            requestID: delivery.context["requestId"]?.stringValue ?? invoker.makeRequestID(),
            clientContext: delivery.context["clientContext"]?.stringValue,
            traceHeader: delivery.context["traceHeader"]?.stringValue)
        let result = await invoker.invoke(function, payload: ByteBuffer(bytes: delivery.payload), context: context)
        return Self.outcome(of: result)
    }

    static func outcome(of result: InvocationResult) -> DeliveryOutcome {
        var response: JSONObject = [
            "statusCode": JSON(result.status), "executedVersion": .string(result.executedVersion),
        ]
        let payload = Array(result.payload.readableBytesView)
        switch result.outcome {
        case .success:
            return DeliveryOutcome(.done, response: payload, responseContext: response)
        case .functionError(let type):
            response["functionError"] = "Unhandled"
            let message = (try? JSON(parsing: payload))?["errorMessage"]?.stringValue
            return DeliveryOutcome(
                .failed, response: payload, error: ("Unhandled", message ?? type), responseContext: response)
        case .rejected(let rejection):
            let isFinal = rejection.reason == .payloadTooLarge || rejection.reason == .notFound
            return DeliveryOutcome(isFinal ? .rejected : .throttled, error: (rejection.code, rejection.message))
        }
    }
}

extension ResolvedFunction {
    /// How asynchronous invocations are tried again: twice within six hours unless the function says otherwise.
    public var asyncRetryPolicy: RetryPolicy {
        var policy = RetryPolicy.asyncInvocation
        if let retries = eventInvoke?.maximumRetryAttempts { policy.maximumRetries = retries }
        if let seconds = eventInvoke?.maximumEventAgeSeconds { policy.maximumAge = Int64(seconds) * 1000 }
        return policy
    }

    /// An asynchronous invocation of the function, for the outbox.
    public func asyncInvocation(
        payload: [UInt8], requestID: String, trace: TraceHeader, clientContext: String? = nil
    ) -> NewDelivery {
        var delivery = NewDelivery(
            target: "\(invokedARN)", kind: .asyncInvocation, payload: payload,
            context: ["requestId": .string(requestID), "traceHeader": .string("\(trace)")], retry: asyncRetryPolicy)
        delivery.context["clientContext"] = clientContext.map(JSON.string)
        return delivery
    }
}
