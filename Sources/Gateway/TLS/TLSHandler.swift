import CTLS
import NIOCore

/// Encrypts what goes out and decrypts what comes in, between the socket and HTTP.
final class TLSHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private static let pieceSize = 16_384

    private let tls: OpaquePointer
    private let input: OpaquePointer
    private let output: OpaquePointer
    private var isShutDown = false

    init(_ context: TLSContext) throws {
        guard let connection = context.makeConnection() else {
            throw GatewayError(reason: "libssl has no memory for a connection")
        }
        (tls, input, output) = connection
    }

    // The buffers belong to the connection.
    deinit { SSL_free(tls) }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        buffer.withUnsafeReadableBytes { bytes in
            _ = BIO_write(input, bytes.baseAddress, Int32(bytes.count))
        }
        if SSL_is_init_finished(tls) == 0, !shakeHands(context) { return }
        decrypt(context)
    }

    /// Returns whether the connection is ready for data.
    private func shakeHands(_ context: ChannelHandlerContext) -> Bool {
        ERR_clear_error()
        let result = SSL_do_handshake(tls)
        sendPending(context, promise: nil)
        context.flush()
        if result == 1 { return true }
        let reason = SSL_get_error(tls, result)
        if reason != SSL_ERROR_WANT_READ, reason != SSL_ERROR_WANT_WRITE { context.close(promise: nil) }
        return false
    }

    private func decrypt(_ context: ChannelHandlerContext) {
        while true {
            ERR_clear_error()
            var result: Int32 = 0
            var plain = context.channel.allocator.buffer(capacity: Self.pieceSize)
            plain.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.pieceSize) { space in
                result = SSL_read(tls, space.baseAddress, Int32(space.count))
                return max(0, Int(result))
            }
            if result > 0 {
                context.fireChannelRead(wrapInboundOut(plain))
                continue
            }
            // Renewed keys and the like are answered at once.
            if BIO_ctrl_pending(output) > 0 {
                sendPending(context, promise: nil)
                context.flush()
            }
            let reason = SSL_get_error(tls, result)
            if reason != SSL_ERROR_WANT_READ, reason != SSL_ERROR_WANT_WRITE { context.close(promise: nil) }
            return
        }
    }

    // MARK: Out

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let buffer = unwrapOutboundIn(data)
        var written = buffer.readableBytes == 0
        buffer.withUnsafeReadableBytes { bytes in
            guard !written else { return }
            ERR_clear_error()
            var done = 0
            SSL_write_ex(tls, bytes.baseAddress, bytes.count, &done)
            written = done == bytes.count
        }
        if written {
            sendPending(context, promise: promise)
        } else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            context.close(promise: nil)
        }
    }

    private func sendPending(_ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        let pending = BIO_ctrl_pending(output)
        guard pending > 0 else {
            promise?.succeed()
            return
        }
        var cipher = context.channel.allocator.buffer(capacity: pending)
        cipher.writeWithUnsafeMutableBytes(minimumWritableBytes: pending) { space in
            max(0, Int(BIO_read(output, space.baseAddress, Int32(pending))))
        }
        context.write(wrapOutboundOut(cipher), promise: promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if !isShutDown, mode != .input, SSL_is_init_finished(tls) == 1 {
            isShutDown = true
            ERR_clear_error()
            _ = SSL_shutdown(tls)
            sendPending(context, promise: nil)
            context.flush()
        }
        context.close(mode: mode, promise: promise)
    }
}
