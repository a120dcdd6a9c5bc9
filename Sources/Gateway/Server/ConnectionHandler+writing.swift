import Core
import Glibc
import NIOCore
import NIOHTTP1
import Wire

extension ConnectionHandler {
    func sendContinue() {
        exchange?.awaitsContinue = false
        guard let context else { return }
        let head = context.channel.allocator.buffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(head)), promise: nil)
    }

    /// Sends the response of the exchange of that number, unless the connection is gone or at another one.
    static func send(_ response: WireResponse, _ handler: NIOLoopBound<ConnectionHandler>, _ number: Int) async {
        guard let exchange = handler.value.current(number) else { return }
        guard !exchange.isHead, mayHaveBody(response.status) else { return handler.value.write(response, exchange) }
        do {
            if let chunks = handler.value.chunks(response) {
                handler.value.writeHead(response, exchange)
                try await send(chunks, handler, number)
            } else if case .file(let range) = response.body.source {
                guard let file = FileBody(range) else {
                    let error = AWSError.internalFailure("the content is not there any more")
                    return handler.value.write(
                        handler.value.server.dispatcher.refusal(error, nil, exchange.request), exchange)
                }
                handler.value.writeHead(response, exchange)
                try await send(file, handler, number)
            } else {
                return handler.value.write(response, exchange)
            }
            guard let exchange = handler.value.current(number) else { return }
            handler.value.finish(exchange)
        } catch {
            // The status is out already: only a broken connection tells the caller.
            handler.value.context?.close(promise: nil)
        }
    }

    private static func send(
        _ chunks: any ByteChunkSource, _ handler: NIOLoopBound<ConnectionHandler>, _ number: Int
    ) async throws {
        while let chunk = try await chunks.next() {
            try await handler.value.write(chunk, number)?.get()
            // The next part may take its time; only its way to the caller may not.
            handler.value.deadline = .distantFuture
        }
    }

    /// Lets the kernel copy a file to the socket, in pieces, so that a slow caller is told from one who has gone.
    private static func send(
        _ file: FileBody, _ handler: NIOLoopBound<ConnectionHandler>, _ number: Int
    ) async throws {
        var file = file
        defer { file.close() }
        while let region = file.next() {
            try await handler.value.write(region, number)?.get()
        }
        handler.value.deadline = .distantFuture
    }

    /// The body in parts, where it cannot be written at once.
    private func chunks(_ response: WireResponse) -> (any ByteChunkSource)? {
        switch response.body.source {
        case .bytes: nil
        // The kernel cannot encrypt, so that files are read here.
        case .file: server.tls == nil ? nil : response.body.chunks()
        case .chunks(_, let chunks): chunks
        }
    }

    private func current(_ number: Int) -> Exchange? {
        exchange?.number == number ? exchange : nil
    }

    // MARK: Parts

    /// Writes a response whose body is at hand.
    func write(_ response: WireResponse, _ exchange: Exchange) {
        guard !exchange.responseHasBegun, let context else { return }
        let response = ResponseCompression.apply(to: response, for: exchange.request)
        var body: [UInt8] = []
        if case .bytes(let bytes) = response.body.source, !exchange.isHead, Self.mayHaveBody(response.status) {
            body = bytes
        }
        var buffer = head(of: response, exchange, context, room: body.count)
        buffer.writeBytes(body)
        finish(exchange, buffer)
    }

    /// The two below throw when the connection is gone.
    private func write(_ chunk: [UInt8], _ number: Int) throws -> EventLoopFuture<Void>? {
        guard let exchange = current(number), let context else { throw ChannelError.alreadyClosed }
        wait(server.limits.writeTime)
        var buffer = context.channel.allocator.buffer(capacity: chunk.count + ResponseHead.chunkOverhead)
        if exchange.isChunked {
            ResponseHead.write(chunk: chunk, to: &buffer)
        } else {
            buffer.writeBytes(chunk)
        }
        return context.writeAndFlush(wrapOutboundOut(.byteBuffer(buffer)))
    }

    private func write(_ region: FileRegion, _ number: Int) throws -> EventLoopFuture<Void>? {
        guard current(number) != nil, let context else { throw ChannelError.alreadyClosed }
        wait(server.limits.writeTime)
        return context.writeAndFlush(wrapOutboundOut(.fileRegion(region)))
    }

    private func writeHead(_ response: WireResponse, _ exchange: Exchange) {
        guard let context else { return }
        context.write(wrapOutboundOut(.byteBuffer(head(of: response, exchange, context, room: 0))), promise: nil)
    }

    /// The bytes of the head, with room for so many after it.
    private func head(
        of response: WireResponse, _ exchange: Exchange, _ context: ChannelHandlerContext, room: Int
    ) -> ByteBuffer {
        exchange.responseHasBegun = true
        // What was not read of the body stands between this response and the next request.
        if !exchange.bodyIsComplete || exchange.version.minor == 0 && response.body.length == nil
            || response.headers["Connection"] == "close"
        {
            exchange.keepsAlive = false
        }
        let hasBody = Self.mayHaveBody(response.status)
        let head = ResponseHead(
            response, date: server.date(), hasBody: hasBody, isHead: exchange.isHead,
            chunks: exchange.version.minor > 0, keepsAlive: exchange.keepsAlive)
        exchange.isChunked = head.isChunked
        var buffer = context.channel.allocator.buffer(capacity: head.capacity + room)
        head.write(to: &buffer)
        return buffer
    }

    private static func mayHaveBody(_ status: Int) -> Bool { status >= 200 && status != 204 && status != 304 }

    /// Ends the response, with the last of its bytes; goes on with the next request or closes.
    private func finish(_ exchange: Exchange, _ last: ByteBuffer? = nil) {
        guard let context else { return }
        let last = last ?? (exchange.isChunked ? ResponseHead.lastChunk : ByteBuffer())
        guard !exchange.keepsAlive else {
            if last.readableBytes > 0 { context.writeAndFlush(wrapOutboundOut(.byteBuffer(last)), promise: nil) }
            if context.channel.isWritable { deadline = .distantFuture }
            return next()
        }
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        let isRead = exchange.bodyIsComplete || isInputClosed
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.whenComplete { _ in
            if isRead { handler.value.context?.close(promise: nil) } else { handler.value.linger() }
        }
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(last)), promise: sent)
    }

    /// Closing a connection with unread bytes would take the response back from the caller, so the rest of the body is
    /// read over for a while.
    private func linger() {
        exchange?.pipe?.fail(.incompleteBody())
        exchange = nil
        isLingering = true
        wait(2_000)
        context?.close(mode: .output, promise: nil)
        context?.read()
    }
}
