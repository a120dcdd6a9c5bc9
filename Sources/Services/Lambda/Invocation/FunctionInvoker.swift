public import Core
public import Functions
public import Metering
public import NIOCore

/// Invokes functions by name: for the wire, for workflow tasks, webhooks and deliveries.
///
/// Invocations are metered where their REPORT line is logged (``FunctionLogSink``), so that the bill is the sum of the
/// reports whoever the caller was.
public struct FunctionInvoker: Sendable {
    public let directory: FunctionDirectory
    public let host: FunctionHost
    private let clock: any HostClock
    private let random: any RandomSource
    private let brake: SpendingBrake

    public init(
        directory: FunctionDirectory, host: FunctionHost, clock: any HostClock,
        random: any RandomSource = SystemRandomSource(), brake: SpendingBrake = SpendingBrake()
    ) {
        self.directory = directory
        self.host = host
        self.clock = clock
        self.random = random
        self.brake = brake
    }

    public func makeRequestID() -> String { UUIDText.random(using: random) }

    /// The trace to which an invocation belongs: that of the caller's header, or a new one.
    public func trace(of header: String?) -> TraceHeader {
        header.flatMap(TraceHeader.init) ?? TraceHeader(at: clock.now, using: random)
    }

    /// Invokes a function and calls back with its end; see ``FunctionHost/invoke(_:payload:context:stream:on:completion:)``.
    public func invoke(
        _ function: ResolvedFunction, payload: ByteBuffer, context: InvocationContext,
        stream: (any ResponseStreamConsumer)? = nil, on eventLoop: (any EventLoop)? = nil,
        completion: @escaping @Sendable (InvocationResult) -> Void
    ) {
        if let failure = function.failure {
            let rejection = InvocationRejection(.hostFailure, failure)
            return completion(Self.rejected(rejection, context, function.reference.version))
        }
        if let objection = brake.objection(to: function.invokedARN.description, of: "Lambda") {
            let rejection = InvocationRejection(.queueFull, objection)
            return completion(Self.rejected(rejection, context, function.reference.version))
        }
        if function.hasNoRoom {
            let rejection = InvocationRejection(.reservedConcurrency, "Rate Exceeded.")
            return completion(Self.rejected(rejection, context, function.reference.version))
        }
        var context = context
        if context.invokedFunctionARN == nil { context.invokedFunctionARN = function.invokedARN }
        let segment = trace(of: context.traceHeader).child(using: random, isSampled: function.version.isTraced)
        context.traceHeader = "\(segment)"
        host.invoke(
            function.reference, payload: payload, context: context, stream: stream, on: eventLoop,
            completion: completion)
    }

    /// Invokes a function and waits for its end.
    public func invoke(
        _ function: ResolvedFunction, payload: ByteBuffer, context: InvocationContext
    ) async -> InvocationResult {
        await withCheckedContinuation { continuation in
            invoke(function, payload: payload, context: context) { continuation.resume(returning: $0) }
        }
    }

    /// Invokes the function of an ARN, qualified or not, and waits for its end.
    ///
    /// - Parameter execution: the ARN of the workflow execution on whose bill it appears.
    public func invoke(_ arn: String, payload: [UInt8], execution: String? = nil) async -> InvocationResult {
        let context = InvocationContext(requestID: makeRequestID(), execution: execution)
        guard let function = directory.resolve(arn) else {
            return Self.rejected(
                InvocationRejection(.notFound, "Function not found: \(arn)"), context, FunctionVersionReference.latest)
        }
        return await invoke(function, payload: ByteBuffer(bytes: payload), context: context)
    }

    private static func rejected(
        _ rejection: InvocationRejection, _ context: InvocationContext, _ version: String
    ) -> InvocationResult {
        InvocationResult(
            requestID: context.requestID, outcome: .rejected(rejection), payload: ByteBuffer(),
            executedVersion: version)
    }
}
