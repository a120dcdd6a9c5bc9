import Core
import NIOCore

extension RuntimeInstance: RuntimeAPIService {
    func connectionOpened(_ connection: RuntimeAPIConnection) -> Bool {
        // Extensions ask for the event that tells them of the shutdown, perhaps not over the connection they had.
        guard phase != .ended, connections.count < RuntimeAPILimits.connections else { return false }
        connections[ObjectIdentifier(connection)] = connection
        return true
    }

    func connectionClosed(_ connection: RuntimeAPIConnection) {
        connections[ObjectIdentifier(connection)] = nil
        if waiting === connection { waiting = nil }
        extensionConnectionClosed(connection)
        answerIsCutOff(on: ObjectIdentifier(connection))
        if exit != nil { finishAfterExit() }
    }

    /// The connection of an answer has closed before its end. An answer that nobody has seen may be given again; one
    /// that has partly been passed on may not, and its instance ends, as the process itself does for the most part.
    private func answerIsCutOff(on connection: ObjectIdentifier) {
        switch current?.answer {
        case .receiving(on: connection): current?.answer = .awaited
        case .receivingStream(on: connection, bytes: _):
            eventLoop.scheduleTask(in: .milliseconds(100)) { self.killNow() }
        default: break
        }
    }

    func runtimeAsksForInvocation(_ connection: RuntimeAPIConnection) -> RuntimeAPIReply? {
        switch phase {
        case .starting where initFailure != nil:
            return .invalidTransition(from: "InitError", to: "Ready")
        case .starting:
            waiting = connection
            initEnded()
            return nil
        case .ready:
            if current?.startedAt != nil {
                return .invalidTransition(from: "InvocationInProgress", to: "Ready")
            }
            if let waiting, waiting !== connection {
                return .invalidTransition(from: "Ready", to: "Ready")
            }
            waiting = connection
            // Extensions have no more time than the function.
            if !isHeldByExtensions { setDeadline(nil) }
            if current != nil { deliver(to: connection) }
            return nil
        case .stopping, .ended: return .invalidTransition(from: "ShuttingDown", to: "Ready")
        }
    }

    // MARK: Answers

    func responseBegins(_ requestID: String, _ head: HTTPRequestHead, on connection: RuntimeAPIConnection)
        -> RuntimeAPIReply?
    {
        if let refusal = refusal(of: requestID, to: "InvocationResponse") { return refusal }
        let mode = head["lambda-runtime-function-response-mode"]
        guard mode == nil || mode == "streaming" || mode == "buffered" else {
            return .error(400, type: "InvalidResponseMode", message: "Unknown Lambda-Runtime-Function-Response-Mode")
        }
        guard mode == "streaming" else {
            current?.answer = .receiving(on: ObjectIdentifier(connection))
            return nil
        }
        current?.answer = .receivingStream(on: ObjectIdentifier(connection), bytes: 0)
        streamed = ByteBuffer()
        current?.invocation.stream?.responseBegan(
            contentType: head["content-type"],
            flow: flow(of: connection))
        return nil
    }

    private func flow(of connection: RuntimeAPIConnection) -> ResponseFlow {
        let bound = NIOLoopBound(connection, eventLoop: eventLoop)
        return ResponseFlow { [eventLoop] reads in
            if eventLoop.inEventLoop {
                bound.value.setReading(reads)
            } else {
                eventLoop.execute { bound.value.setReading(reads) }
            }
        }
    }

    /// The refusal of an answer to anything but the invocation under way and not yet answered.
    private func refusal(of requestID: String, to state: String) -> RuntimeAPIReply? {
        guard let run = current, run.startedAt != nil else {
            return requestID == lastRequestID
                ? .invalidTransition(from: "InvocationResponseSent", to: state) : .invalidRequestID
        }
        guard run.invocation.context.requestID == requestID else { return .invalidRequestID }
        guard case .awaited = run.answer else { return .invalidTransition(from: "InvocationResponse", to: state) }
        return nil
    }

    func responsePart(_ part: ByteBuffer) {
        guard let run = current, case .receivingStream(let connection, let before) = run.answer else { return }
        let bytes = before + part.readableBytes
        current?.answer = .receivingStream(on: connection, bytes: bytes)
        guard bytes <= RuntimeAPILimits.streamedBytes else { return }
        if let stream = run.invocation.stream {
            stream.responsePart(part)
        } else if bytes <= RuntimeAPILimits.responseBytes {
            streamed.writeImmutableBuffer(part)
        }
    }

    func responseEnds(_ response: RuntimeAPIResponse, reply: (RuntimeAPIReply) -> Void) {
        guard let run = current, run.startedAt != nil else { return reply(.invalidRequestID) }
        lastRequestID = run.invocation.context.requestID
        if case .receivingStream(_, let bytes) = run.answer {
            return streamEnds(response, run, bytes: bytes, reply: reply)
        }
        guard !response.body.isTooLarge else { return refuseTooLarge(reply) }
        reply(.accepted)
        if let stream = run.invocation.stream {
            stream.responseBegan(contentType: response.contentType, flow: ResponseFlow { _ in })
            stream.responsePart(response.body.bytes)
        }
        let payload = run.invocation.stream == nil ? response.body.bytes : ByteBuffer()
        conclude(.success, .success, payload: payload, contentType: response.contentType)
    }

    private func refuseTooLarge(_ reply: (RuntimeAPIReply) -> Void) {
        reply(.tooLarge(limit: RuntimeAPILimits.responseBytes))
        conclude(
            .functionError(type: FunctionErrorPayload.tooLargeType), .error, payload: FunctionErrorPayload.tooLarge())
    }

    private func streamEnds(
        _ response: RuntimeAPIResponse, _ run: InstanceRun, bytes: Int, reply: (RuntimeAPIReply) -> Void
    ) {
        let collected = streamed
        streamed = ByteBuffer()
        let limit = run.invocation.stream == nil ? RuntimeAPILimits.responseBytes : RuntimeAPILimits.streamedBytes
        guard bytes <= limit else { return refuseTooLarge(reply) }
        reply(.accepted)
        guard let type = response.errorType else {
            return conclude(.success, .success, payload: collected, contentType: response.contentType)
        }
        let payload = response.errorBody.flatMap(Base64.decode).map { ByteBuffer(bytes: $0) }
        conclude(
            .functionError(type: type), .error,
            payload: payload ?? FunctionErrorPayload.make(type: type, message: "The answer ended with an error"))
    }

    // MARK: Errors

    func invocationFails(_ requestID: String, errorType: String?, body: RuntimeAPIBody) -> RuntimeAPIReply {
        if let refusal = refusal(of: requestID, to: "InvocationErrorResponse") { return refusal }
        lastRequestID = requestID
        let type = self.errorType(body, errorType)
        conclude(.functionError(type: type), .error, payload: errorPayload(body, type: type))
        return body.isTooLarge ? .tooLarge(limit: RuntimeAPILimits.errorBytes) : .accepted
    }

    func initFails(errorType: String?, body: RuntimeAPIBody) -> RuntimeAPIReply {
        guard phase == .starting else { return .invalidTransition(from: "Ready", to: "InitError") }
        let type = self.errorType(body, errorType)
        if initFailure == nil {
            initFailure = .reported(type: type, payload: errorPayload(body, type: type))
            logInit(status: "error", errorType: type)
        }
        // Runtimes end by themselves after this; one that does not is not waited for.
        eventLoop.scheduleTask(in: .milliseconds(500)) { self.killNow() }
        return .accepted
    }

    /// What the error calls itself; not every runtime repeats it in the header.
    private func errorType(_ body: RuntimeAPIBody, _ header: String?) -> String {
        let named = (try? JSON(parsing: Array(body.bytes.readableBytesView)))?["errorType"]?.stringValue
        // It goes into lines of the log.
        let isPlain = named.map { !$0.isEmpty && $0.utf8.count <= 256 && $0.utf8.allSatisfy { $0 >= 32 } } ?? false
        return (isPlain ? named : header) ?? "Runtime.Unknown"
    }

    private func errorPayload(_ body: RuntimeAPIBody, type: String) -> ByteBuffer {
        if body.bytes.readableBytes > 0 { return body.bytes }
        return FunctionErrorPayload.make(
            type: type, message: body.isTooLarge ? "The error is too large to report" : "Unknown error")
    }
}
