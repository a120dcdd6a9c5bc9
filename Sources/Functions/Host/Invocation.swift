import Core
import NIOCore

/// An accepted invocation on its way through a pool. Its completion is called exactly once.
final class Invocation: Sendable {
    let payload: ByteBuffer
    let context: InvocationContext
    let stream: (any ResponseStreamConsumer)?
    /// Where the caller would like it to run.
    let eventLoop: (any EventLoop)?
    let version: String
    let completion: @Sendable (InvocationResult) -> Void
    let acceptedAt = NIODeadline.now()

    init(
        payload: ByteBuffer, context: InvocationContext, stream: (any ResponseStreamConsumer)?,
        eventLoop: (any EventLoop)?, version: String, completion: @escaping @Sendable (InvocationResult) -> Void
    ) {
        self.payload = payload
        self.context = context
        self.stream = stream
        self.eventLoop = eventLoop
        self.version = version
        self.completion = completion
    }

    func reject(_ rejection: InvocationRejection) {
        completion(
            InvocationResult(
                requestID: context.requestID, outcome: .rejected(rejection), payload: ByteBuffer(),
                executedVersion: version))
    }
}

/// The JSON of errors that the host, not the function, has to report.
enum FunctionErrorPayload {
    static func make(type: String, message: String, stackTrace: [String]? = nil) -> ByteBuffer {
        var payload: JSON = ["errorType": .string(type), "errorMessage": .string(message)]
        if let stackTrace, !stackTrace.isEmpty { payload["stackTrace"] = .array(stackTrace.map(JSON.string)) }
        return ByteBuffer(bytes: payload.bytes())
    }

    static func timedOut(_ requestID: String, seconds: Int) -> ByteBuffer {
        make(
            type: "Sandbox.Timedout",
            message: message(requestID, timeout(seconds: seconds)))
    }

    static func timeout(seconds: Int) -> String { "Task timed out after \(seconds).00 seconds" }

    /// The reason of a process that ended before it answered.
    static func reason(_ exit: ProcessExit) -> String {
        exit.isSuccess
            ? "Runtime exited without providing a reason" : "Runtime exited with error: \(exit.description)"
    }

    static func message(_ requestID: String, _ reason: String) -> String {
        "RequestId: \(requestID) Error: \(reason)"
    }

    static let tooLargeType = "Function.ResponseSizeTooLarge"

    static func tooLarge() -> ByteBuffer {
        let limit = RuntimeAPILimits.responseBytes
        return make(
            type: tooLargeType, message: "Response payload size exceeded maximum allowed payload size (\(limit) bytes)."
        )
    }
}
