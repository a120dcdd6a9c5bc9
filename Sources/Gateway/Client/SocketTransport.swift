import NIOCore
import NIOHTTP1
import NIOPosix
public import Wire

/// Brings a client's requests to a server over plain HTTP/1.1: one connection a request, bodies of any size streamed
/// both ways.
public struct SocketTransport: ClientTransport {
    private let host: String
    private let port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    public func send(_ request: WireRequest) async throws(AWSError) -> WireResponse {
        Self.makeTypesOfConnections
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                .channelOption(.autoRead, value: false)
                .connectTimeout(.seconds(5))
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(ResponseReader(channel.eventLoop))
                    }
                }.connect(host: host, port: port).get()
        } catch {
            throw AWSError(
                "ConnectionRefused", "Nothing answers at \(host):\(port). Is the host running? (\(error))", status: 503)
        }
        do {
            return try await Self.exchange(request, channel)
        } catch {
            channel.close(promise: nil)
            throw error as? AWSError ?? .incompleteBody()
        }
    }

    /// For the reason for which the gateway makes those of its own.
    private static let makeTypesOfConnections: Void = {
        _ = ByteToMessageHandler(HTTPResponseDecoder())
        _ = HTTPRequestEncoder()
    }()

    private static func exchange(_ request: WireRequest, _ channel: any Channel) async throws -> WireResponse {
        let reader = try await channel.pipeline.handler(type: ResponseReader.self).map(\.response).get()
        channel.read()
        var headers = HTTPHeaders(request.headers.all.map { ($0.name, $0.value) })
        headers.replaceOrAdd(name: "Connection", value: "close")
        if let length = request.body.length {
            headers.replaceOrAdd(name: "Content-Length", value: String(length))
        } else {
            headers.replaceOrAdd(name: "Transfer-Encoding", value: "chunked")
        }
        let uri = request.query.isEmpty ? request.path : "\(request.path)?\(request.query)"
        let head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: request.method), uri: uri, headers: headers)
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        let chunks = request.body.chunks()
        while let chunk = try await chunks.next() {
            let part = HTTPClientRequestPart.body(.byteBuffer(channel.allocator.buffer(bytes: chunk)))
            try await channel.writeAndFlush(part).get()
        }
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        return try await reader.get()
    }
}

/// Hands out the head of the response when it comes and the body as a stream behind it.
private final class ResponseReader: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    let response: EventLoopFuture<WireResponse>
    private let promise: EventLoopPromise<WireResponse>
    private var pipe: BodyPipe?
    private var hasBegun = false

    init(_ loop: any EventLoop) {
        promise = loop.makePromise()
        response = promise.futureResult
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(var buffer): pipe?.push(buffer.readBytes(length: buffer.readableBytes) ?? [])
        case .end:
            pipe?.finish()
            pipe = nil
            context.close(promise: nil)
        }
    }

    private func begin(_ head: HTTPResponseHead, _ context: ChannelHandlerContext) {
        guard head.status != .continue else { return }
        let channel = context.channel
        let pipe = BodyPipe(bound: 1024 * 1024) { channel.eventLoop.execute { channel.read() } }
        self.pipe = pipe
        hasBegun = true
        let length = head.headers.first(name: "content-length").flatMap { Int64($0) }
        let headers = HTTPFields(head.headers.map { (name: $0.name, value: $0.value) })
        promise.succeed(
            WireResponse(
                status: Int(head.status.code), headers: headers,
                body: ByteStream(.chunks(length: length, pipe))))
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !hasBegun || pipe?.hasRoom ?? false { context.read() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(AWSError("ConnectionClosed", "The server closed the connection without an answer.", status: 503))
        pipe?.fail(.incompleteBody())
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        pipe?.fail(.incompleteBody())
        context.close(promise: nil)
    }
}
