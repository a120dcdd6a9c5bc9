import NIOCore
import NIOPosix
import Testing

/// Sends bytes as they stand and returns everything that came until the server closed.
enum RawClient {
    static func exchange(_ text: String, port: Int, closesOutput: Bool = false) async throws -> String {
        try await exchange([Array(text.utf8)], port: port, closesOutput: closesOutput)
    }

    static func exchange(_ parts: [[UInt8]], port: Int, closesOutput: Bool = false) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(channel.eventLoop))
                }
            }.connect(host: "127.0.0.1", port: port).get()
        let collector = try await channel.pipeline.handler(type: Collector.self).map(\.all).get()
        for part in parts { channel.writeAndFlush(channel.allocator.buffer(bytes: part), promise: nil) }
        if closesOutput { channel.close(mode: .output, promise: nil) }
        // A server that never closes fails the test.
        let limit = channel.eventLoop.scheduleTask(in: .seconds(20)) {
            Issue.record("the server did not close the connection")
            channel.close(promise: nil)
        }
        let bytes = try await collector.get()
        limit.cancel()
        return String(decoding: bytes, as: UTF8.self)
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        let all: EventLoopFuture<[UInt8]>
        private let promise: EventLoopPromise<[UInt8]>
        private var bytes: [UInt8] = []

        init(_ loop: any EventLoop) {
            promise = loop.makePromise()
            all = promise.futureResult
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            bytes += unwrapInboundIn(data).readableBytesView
        }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if case ChannelEvent.inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
        }

        func channelInactive(context: ChannelHandlerContext) { promise.succeed(bytes) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
