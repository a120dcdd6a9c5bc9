import Core
public import NIOCore
import Synchronization

extension FunctionHost {
    /// Invokes a function and calls back with its end, on whichever event loop the function ran.
    ///
    /// - Parameters:
    ///   - payload: the event, JSON, handed over as it is.
    ///   - stream: receives the answer as it is written; the result's payload is then empty unless it is an error.
    ///   - eventLoop: where the caller lives. An instance there is preferred, because a hop between threads costs more
    ///     than the rest of an invocation; `completion` may be called on another event loop all the same.
    ///   - completion: called once, whatever happens.
    public func invoke(
        _ function: FunctionVersionReference, payload: ByteBuffer, context: InvocationContext,
        stream: (any ResponseStreamConsumer)? = nil, on eventLoop: (any EventLoop)? = nil,
        completion: @escaping @Sendable (InvocationResult) -> Void
    ) {
        func refuse(_ rejection: InvocationRejection) {
            completion(
                InvocationResult(
                    requestID: context.requestID, outcome: .rejected(rejection), payload: ByteBuffer(),
                    executedVersion: function.version))
        }
        guard payload.readableBytes <= configuration.limits.payloadBytes else {
            return refuse(
                InvocationRejection(
                    .payloadTooLarge,
                    "Request must be smaller than \(configuration.limits.payloadBytes) bytes for the "
                        + "InvokeFunction operation"))
        }
        let key = function.function
        if let rejection = limiter.enter(key) { return refuse(rejection) }
        let invocation = Invocation(
            payload: payload, context: context, stream: stream, eventLoop: eventLoop, version: function.version
        ) { [limiter] result in
            limiter.leave(key)
            completion(result)
        }
        submit(invocation, to: function)
    }

    private func submit(_ invocation: Invocation, to function: FunctionVersionReference) {
        while true {
            let (executor, isShutDown) = state.withLock { ($0.executors[function]?.executor, $0.isShutDown) }
            guard let executor, !isShutDown else {
                let rejection =
                    isShutDown
                    ? .hostEnds
                    : InvocationRejection(.notFound, "Function not found: \(function.arn)")
                return invocation.reject(rejection)
            }
            // One that has just been replaced turns the invocation away: its successor is in the table by then.
            if executor.run(invocation) { return }
        }
    }

    /// Invokes a function and waits for its end.
    public func invoke(
        _ function: FunctionVersionReference, payload: ByteBuffer, context: InvocationContext
    ) async -> InvocationResult {
        await withCheckedContinuation { continuation in
            invoke(function, payload: payload, context: context) { continuation.resume(returning: $0) }
        }
    }

    /// Invokes a function and waits for its end.
    public func invoke(
        _ function: FunctionVersionReference, payload: [UInt8], context: InvocationContext
    ) async -> InvocationResult {
        await invoke(function, payload: ByteBuffer(bytes: payload), context: context)
    }

    /// Invokes a function whose answer is read while it is written. The function is slowed down to the reader's pace.
    public func invokeStreaming(
        _ function: FunctionVersionReference, payload: ByteBuffer, context: InvocationContext
    ) -> StreamedInvocation {
        let (consumer, streamed) = StreamedInvocation.make()
        invoke(function, payload: payload, context: context, stream: consumer) { consumer.finish($0) }
        return streamed
    }

    /// A context for a call that brings no identifiers of its own.
    public func makeContext(wantsLogTail: Bool = false) -> InvocationContext {
        InvocationContext(requestID: UUIDText.random(using: random), wantsLogTail: wantsLogTail)
    }
}
