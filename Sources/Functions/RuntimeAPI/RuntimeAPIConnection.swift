import NIOCore

/// One connection to an instance's Runtime API.
///
/// Bytes go in and out without the parts of a general HTTP server in between: one read, one write a request.
final class RuntimeAPIConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private struct Exchange {
        var head: HTTPRequestHead
        var route: RuntimeAPIRoute
        var body = RuntimeAPIBody()
        var isStreamed = false
        /// Decided before the body was read.
        var refusal: RuntimeAPIReply?
        var limit: Int
    }

    private let service: any RuntimeAPIService
    private var context: ChannelHandlerContext?
    private var reader = HTTPRequestReader()
    private var exchange: Exchange?
    /// The request that waits for its answer: the connection's later requests wait behind it.
    private var isWaiting = false
    private var keepsAlive = true
    private var isServing = false

    init(service: any RuntimeAPIService) { self.service = service }

    /// A request has begun and not ended.
    var isReceiving: Bool { exchange != nil }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func channelActive(context: ChannelHandlerContext) {
        if !service.connectionOpened(self) { context.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        reader.append(&bytes)
        if isWaiting, reader.bufferedBytes > RuntimeAPILimits.aheadBytes {
            context.close(promise: nil)
            return
        }
        serve()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        exchange = nil
        service.connectionClosed(self)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func close() { context?.close(promise: nil) }

    /// Stops or goes on taking bytes from the runtime.
    func setReading(_ reads: Bool) {
        guard let channel = context?.channel else { return }
        channel.setOption(.autoRead, value: reads).whenFailure { _ in channel.close(promise: nil) }
    }

    // MARK: Answers

    /// Hands an invocation to the runtime that waits on this connection.
    func answerNext(_ buffers: ByteBuffer, _ payload: ByteBuffer?) {
        guard let context, isWaiting else { return }
        isWaiting = false
        context.write(wrapOutboundOut(buffers), promise: nil)
        if let payload { context.write(wrapOutboundOut(payload), promise: nil) }
        context.flush()
        if reader.bufferedBytes > 0 { serve() }
    }

    func answerLater(_ reply: RuntimeAPIReply) {
        guard isWaiting else { return }
        isWaiting = false
        send(reply)
        if reader.bufferedBytes > 0 { serve() }
    }

    private func send(_ reply: RuntimeAPIReply) {
        guard let context else { return }
        var buffer = context.channel.allocator.buffer(capacity: 256)
        reply.write(to: &buffer, keepsAlive: keepsAlive)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        if !keepsAlive { context.close(promise: nil) }
    }

    // MARK: Requests

    private func serve() {
        // An answer given from inside may bring the connection back here.
        guard !isServing else { return }
        isServing = true
        defer { isServing = false }
        do throws(HTTPRequestError) {
            while !isWaiting, context != nil, let event = try reader.next() { take(event) }
        } catch {
            keepsAlive = false
            send(.error(error.status, type: "InvalidRequest", message: error.message))
        }
    }

    private func take(_ event: HTTPRequestReader.Event) {
        switch event {
        case .head(let head): begin(head)
        case .body(var part):
            guard exchange != nil else { return }
            if exchange?.isStreamed == true {
                service.responsePart(part)
            } else if exchange?.refusal == nil, let limit = exchange?.limit {
                exchange?.body.append(&part, limit: limit)
            }
        case .end(let trailers):
            guard let ended = exchange else { return }
            exchange = nil
            finish(ended, trailers)
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        keepsAlive = head.keepsAlive
        var exchange = Exchange(head: head, route: RuntimeAPIRoute(head), limit: RuntimeAPILimits.extensionBytes)
        switch exchange.route {
        case .response(let requestID):
            exchange.limit = RuntimeAPILimits.responseBytes
            exchange.refusal = service.responseBegins(requestID, head, on: self)
            exchange.isStreamed =
                exchange.refusal == nil && head["lambda-runtime-function-response-mode"] == "streaming"
        case .invocationError, .initError: exchange.limit = RuntimeAPILimits.errorBytes
        default: break
        }
        self.exchange = exchange
        if head.expectsContinue, let context {
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
        }
    }

    private func finish(_ ended: Exchange, _ trailers: [(name: String, value: String)]) {
        if let reply = ended.refusal ?? answer(ended, trailers) { send(reply) }
    }

    /// Nil when the answer comes later.
    private func answer(_ ended: Exchange, _ trailers: [(name: String, value: String)]) -> RuntimeAPIReply? {
        func trailer(_ name: String) -> String? { trailers.first { $0.name == name }?.value }
        let errorType = ended.head["lambda-runtime-function-error-type"]
        switch ended.route {
        case .nextInvocation:
            isWaiting = true
            return refusalOfNext()
        case .response:
            let response = RuntimeAPIResponse(
                body: ended.body, contentType: ended.head["content-type"],
                errorType: trailer("lambda-runtime-function-error-type"),
                errorBody: trailer("lambda-runtime-function-error-body"))
            service.responseEnds(response) { send($0) }
            return nil
        case .invocationError(let requestID):
            return service.invocationFails(requestID, errorType: errorType, body: ended.body)
        case .initError: return service.initFails(errorType: errorType, body: ended.body)
        case .ping: return RuntimeAPIReply(status: 200, contentType: "text/plain", body: "pong")
        case .extensionRegister, .extensionNext, .extensionInitError, .extensionExitError, .telemetry, .logs:
            isWaiting = true
            guard let reply = service.extensionRequest(ended.route, ended.head, body: ended.body, on: self) else {
                return nil
            }
            isWaiting = false
            return reply
        case .wrongMethod: return .methodNotAllowed
        case .unknown: return .notFound
        }
    }

    private func refusalOfNext() -> RuntimeAPIReply? {
        guard let refusal = service.runtimeAsksForInvocation(self) else { return nil }
        isWaiting = false
        return refusal
    }
}
