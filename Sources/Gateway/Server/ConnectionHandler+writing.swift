import Core
import Glibc
import NIOCore
import NIOHTTP1
import Wire

extension ConnectionHandler {
    func sendContinue() {
        exchange?.awaitsContinue = false
        let head = HTTPResponseHead(version: .http1_1, status: .continue)
        context?.writeAndFlush(wrapOutboundOut(.head(head)), promise: nil)
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
            guard let context = handler.value.context else { throw ChannelError.alreadyClosed }
            try await handler.value.write(.byteBuffer(context.channel.allocator.buffer(bytes: chunk)), number)?.get()
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
            try await handler.value.write(.fileRegion(region), number)?.get()
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
        guard !exchange.responseHasBegun else { return }
        let response = exchange.acceptsGzip ? ResponseCompression.apply(to: response) : response
        switch response.body.source {
        case .bytes(let bytes):
            writeHead(response, exchange)
            if !exchange.isHead, !bytes.isEmpty, Self.mayHaveBody(response.status), let context {
                context.write(
                    wrapOutboundOut(.body(.byteBuffer(context.channel.allocator.buffer(bytes: bytes)))), promise: nil)
            }
            finish(exchange)
        case .file, .chunks:
            writeHead(response, exchange)
            finish(exchange)
        }
    }

    /// Throws when the connection is gone.
    private func write(_ part: IOData, _ number: Int) throws -> EventLoopFuture<Void>? {
        guard current(number) != nil, let context else { throw ChannelError.alreadyClosed }
        wait(server.limits.writeTime)
        return context.writeAndFlush(wrapOutboundOut(.body(part)))
    }

    private func writeHead(_ response: WireResponse, _ exchange: Exchange) {
        exchange.responseHasBegun = true
        // What was not read of the body stands between this response and the next request.
        if !exchange.bodyIsComplete || exchange.version.minor == 0 && response.body.length == nil
            || response.headers["Connection"] == "close"
        {
            exchange.keepsAlive = false
        }
        var headers = HTTPHeaders()
        headers.reserveCapacity(response.headers.all.count + 3)
        for (name, value) in response.headers.all where Self.isSound(name, value) {
            headers.add(name: name, value: value)
        }
        headers.replaceOrAdd(name: "Date", value: server.date())
        if let length = response.body.length, Self.mayHaveBody(response.status) {
            if !exchange.isHead {
                headers.replaceOrAdd(name: "Content-Length", value: String(length))
            } else if !headers.contains(name: "Content-Length") {
                headers.add(name: "Content-Length", value: String(length))
            }
        } else {
            headers.remove(name: "Content-Length")
            let isUnbounded = Self.mayHaveBody(response.status) && !exchange.isHead
            if isUnbounded, exchange.version.minor > 0 { headers.add(name: "Transfer-Encoding", value: "chunked") }
        }
        if !exchange.keepsAlive { headers.replaceOrAdd(name: "Connection", value: "close") }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: response.status), headers: headers)
        context?.write(wrapOutboundOut(.head(head)), promise: nil)
    }

    private static func mayHaveBody(_ status: Int) -> Bool { status >= 200 && status != 204 && status != 304 }

    /// Fields that would end the header early are left out.
    private static func isSound(_ name: String, _ value: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 != UInt8(ascii: ":") && $0 < 0x7F }
            && value.utf8.allSatisfy { $0 != 0x0D && $0 != 0x0A && $0 != 0 }
    }

    /// Ends the response; goes on with the next request or closes.
    private func finish(_ exchange: Exchange) {
        guard let context else { return }
        guard !exchange.keepsAlive else {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            if context.channel.isWritable { deadline = .distantFuture }
            return next()
        }
        let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
        let isRead = exchange.bodyIsComplete
        let sent = context.eventLoop.makePromise(of: Void.self)
        sent.futureResult.whenComplete { _ in
            if isRead { handler.value.context?.close(promise: nil) } else { handler.value.linger() }
        }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: sent)
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
