import Core
import NIOCore
import NIOHTTP1
import Wire

/// Speaks HTTP/1 with one caller: requests one after the other, bodies collected or streamed, responses with
/// back-pressure. Reads from the socket only what it has room for.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = IOData

    let server: ServerContext
    let executor: EventLoopExecutor
    var exchange: Exchange?
    private(set) var exchangeCount = 0
    /// Parts of requests that wait for the one before them.
    private var waiting = CircularBuffer<HTTPServerRequestPart>()
    /// Why nothing more can be read after the requests that wait.
    private var parsingFailure: HTTPParserError?
    private var peer = ""
    /// When the connection is given up, if nothing happens before.
    var deadline = NIODeadline.distantFuture
    private var timer: Scheduled<Void>?
    /// The response is out, the rest of the body is thrown away until the caller closes.
    var isLingering = false
    private var isDraining = false
    /// The caller sends nothing more, and may still read: or he has gone, which looks the same.
    var isInputClosed = false
    private var isAdvancing = false
    private(set) var context: ChannelHandlerContext?

    init(_ server: ServerContext, _ loop: any EventLoop) {
        self.server = server
        executor = EventLoopExecutor(loop)
    }

    // MARK: The connection

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        peer = context.remoteAddress?.ipAddress ?? "127.0.0.1"
        guard server.connections.add(context.channel, upTo: server.limits.connections) else {
            context.close(promise: nil)
            return
        }
        wait(server.limits.headerTime)
        tick(context)
        context.read()
    }

    func channelInactive(context: ChannelHandlerContext) {
        server.connections.remove(context.channel)
        timer?.cancel()
        abandon()
        self.context = nil
        context.fireChannelInactive()
    }

    /// Gives the request up: its reader gets an error and its task is cancelled.
    func abandon() {
        exchange?.pipe?.fail(.incompleteBody())
        exchange?.task?.cancel()
        exchange = nil
        waiting.removeAll()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The decoder complains of every byte behind a broken one.
        if error is ByteToMessageDecoderError, exchange != nil || isLingering { return }
        guard !isLingering, let parsing = error as? HTTPParserError else {
            abandon()
            context.close(promise: nil)
            return
        }
        guard let exchange else { return refuseUnreadable(parsing) }
        // What came before is answered first.
        guard !exchange.bodyIsComplete else { return parsingFailure = parsing }
        giveUp(exchange, parsing)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is DrainEvent {
            isDraining = true
            if let exchange { exchange.keepsAlive = false } else { context.close(promise: nil) }
        } else {
            if case ChannelEvent.inputClosed? = event as? ChannelEvent { closeInput(context) }
            context.fireUserInboundEventTriggered(event)
        }
    }

    // MARK: Time

    /// Gives the connection so many milliseconds until something happens.
    func wait(_ milliseconds: Int64) { deadline = .now() + .milliseconds(milliseconds) }

    private func tick(_ context: ChannelHandlerContext) {
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: .milliseconds(server.limits.checkTime)) {
            let handler = handler.value
            guard let context = handler.context else { return }
            if NIODeadline.now() < handler.deadline { return handler.tick(context) }
            if let exchange = handler.exchange, !exchange.bodyIsComplete {
                handler.giveUp(exchange, .requestTimeout())
                handler.tick(context)
            } else {
                handler.abandon()
                context.close(promise: nil)
            }
        }
    }

    // MARK: Reading

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if isLingering { return }
        if exchange?.bodyIsComplete ?? false {
            guard waiting.count < server.limits.pipelinedParts else {
                abandon()
                context.close(promise: nil)
                return
            }
            waiting.append(part)
        } else {
            receive(part, context)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        readIfWanted()
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            deadline = .distantFuture
            if exchange == nil { next() }
        } else {
            wait(server.limits.writeTime)
        }
        context.fireChannelWritabilityChanged()
    }

    func readIfWanted() {
        guard let context else { return }
        if isLingering { return context.read() }
        guard let exchange else { return context.read() }
        if exchange.bodyIsComplete {
            // Ready for the next request while this one is answered: to stop listening and to begin again would be two
            // system calls. What has come already must be answered first.
            if waiting.isEmpty, parsingFailure == nil { context.read() }
        } else if exchange.pipe?.hasRoom ?? true {
            wait(server.limits.bodyTime)
            context.read()
        } else {
            // It is the reader who takes his time, not the caller.
            deadline = .distantFuture
        }
    }

    private func receive(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let head): begin(head, context)
        case .body(var buffer):
            guard let exchange else { return }
            let bytes = buffer.readBytes(length: buffer.readableBytes) ?? []
            if let pipe = exchange.pipe {
                pipe.push(bytes)
            } else if exchange.body.count + bytes.count <= exchange.plan.bodyLimit ?? .max {
                exchange.body += bytes
            } else {
                refuse(exchange, exchange.plan.objectionToSize)
            }
        case .end:
            guard let exchange else { return }
            exchange.bodyIsComplete = true
            deadline = .distantFuture
            if let pipe = exchange.pipe {
                pipe.finish()
            } else if exchange.task == nil {
                answer(exchange, ByteStream(exchange.body))
            }
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        exchangeCount += 1
        guard head.uri.utf8.count <= server.limits.targetSize, let request = WireRequest(head) else {
            return refuseTarget(head)
        }
        let plan = server.dispatcher.plan(request)
        let exchange = Exchange(number: exchangeCount, head: head, request: request, plan: plan)
        if isDraining { exchange.keepsAlive = false }
        self.exchange = exchange
        let length = head.headers.first(name: "content-length").flatMap { Int($0) }
        if let limit = plan.bodyLimit {
            if let length, length > limit { return refuse(exchange, plan.objectionToSize) }
            exchange.body.reserveCapacity(min(length ?? 0, 16 * 1024 * 1024))
            if exchange.awaitsContinue { sendContinue() }
        } else if let length, length <= server.limits.eagerBodySize {
            if exchange.awaitsContinue { sendContinue() }
        } else {
            stream(exchange, length.map(Int64.init), context)
        }
    }

    /// Begins to answer while the body is still coming.
    private func stream(_ exchange: Exchange, _ length: Int64?, _ context: ChannelHandlerContext) {
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        let loop = context.eventLoop
        let number = exchange.number
        let pipe = BodyPipe(bound: server.limits.streamBuffer) {
            loop.execute {
                guard let exchange = handler.value.exchange, exchange.number == number else { return }
                if exchange.awaitsContinue { handler.value.sendContinue() }
                handler.value.readIfWanted()
            }
        }
        exchange.pipe = pipe
        deadline = .distantFuture
        answer(exchange, ByteStream(.chunks(length: length, pipe)))
    }

    // MARK: Answering

    private func answer(_ exchange: Exchange, _ body: ByteStream) {
        guard let context else { return }
        var request = exchange.request
        request.body = body
        exchange.body = []
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        let (number, plan, peer, dispatcher) = (exchange.number, exchange.plan, peer, server.dispatcher)
        exchange.task = Task.immediate(executorPreference: executor) {
            let response = await dispatcher.respond(to: request, plan, peer: peer)
            await ConnectionHandler.send(response, handler, number)
        }
    }

    /// The response is out and the body was read: on to what waits.
    func next() {
        exchange = nil
        guard let context else { return }
        guard context.channel.isWritable else { return }
        wait(server.limits.idleTime)
        // A response that is ready at once comes back here: it goes on in the loop below and not one level deeper.
        guard !isAdvancing else { return }
        isAdvancing = true
        while !(exchange?.bodyIsComplete ?? false), !isLingering, let part = waiting.popFirst() {
            receive(part, context)
        }
        isAdvancing = false
        if let failure = parsingFailure, !isLingering, !(exchange?.bodyIsComplete ?? false) {
            parsingFailure = nil
            if let exchange { giveUp(exchange, failure) } else { refuseUnreadable(failure) }
            return
        }
        if isInputClosed, exchange == nil { return context.close(promise: nil) }
        readIfWanted()
    }
}
