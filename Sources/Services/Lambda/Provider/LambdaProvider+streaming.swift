import AWSModels
import Core
import Functions
import NIOCore
import Synchronization
import Wire

extension LambdaProvider {
    public func invokeWithResponseStream(
        _ input: Lambda.InvokeWithResponseStreamRequest, _ context: RequestContext
    ) async throws(AWSError) -> Lambda.InvokeWithResponseStreamResponse {
        let name = try FunctionName(input.functionName, input.qualifier, context)
        let function = try resolve(name)
        try LambdaError.refuse(tenant: input.tenantId)
        let payload = try Self.payload(input.payload, .requestResponse)
        try Self.check(clientContext: input.clientContext)
        if input.invocationType == .dryRun {
            return Lambda.InvokeWithResponseStreamResponse { $0.statusCode = 204 }
        }
        let answer = StreamedAnswer()
        invoker.invoke(
            function, payload: ByteBuffer(bytes: payload),
            context: invocation(context, clientContext: input.clientContext, wantsLogTail: input.logType == .tail),
            stream: answer.consumer
        ) { [weak answer] in answer?.finish($0) }
        let begun = await answer.begin()
        if case .rejected(let rejection) = begun.result?.outcome { throw Self.error(rejection) }
        return Lambda.InvokeWithResponseStreamResponse {
            $0.statusCode = 200
            $0.executedVersion = begun.result?.executedVersion ?? function.reference.version
            $0.responseStreamContentType = begun.contentType ?? "application/octet-stream"
            $0.eventStream = Self.events(of: answer)
        }
    }

    private static func events(
        of answer: StreamedAnswer
    ) -> TypedEventStream<Lambda.InvokeWithResponseStreamResponseEvent> {
        let isComplete = Mutex(false)
        return TypedEventStream { () throws(AWSError) in
            if let part = await answer.next() { return chunk(Array(part.readableBytesView)) }
            let wasComplete = isComplete.withLock { isComplete in
                defer { isComplete = true }
                return isComplete
            }
            guard !wasComplete, let result = answer.result else { return nil }
            return completion(of: result)
        }
    }

    private static func chunk(_ bytes: [UInt8]) -> Lambda.InvokeWithResponseStreamResponseEvent {
        Lambda.InvokeWithResponseStreamResponseEvent {
            $0.payloadChunk = Lambda.InvokeResponseStreamUpdate { $0.payload = Blob(bytes) }
        }
    }

    private static func completion(of result: InvocationResult) -> Lambda.InvokeWithResponseStreamResponseEvent {
        Lambda.InvokeWithResponseStreamResponseEvent {
            $0.invokeComplete = Lambda.InvokeWithResponseStreamCompleteEvent {
                if result.functionError != nil {
                    $0.errorCode = result.functionError
                    $0.errorDetails = String(buffer: result.payload)
                }
                $0.logResult = result.logTail.map(Base64.encode)
            }
        }
    }
}
