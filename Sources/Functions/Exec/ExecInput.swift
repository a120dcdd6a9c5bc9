import CFunctionSpawn
import Glibc
import NIOCore

/// Writes the event to a process as fast as it reads. Lives on the reactor's thread.
final class ExecInput {
    private let descriptor: CInt
    private var payload: ByteBuffer
    private unowned let reactor: ProcessReactor
    private var token: ProcessReactor.Token?
    private var isOpen = true

    init(_ descriptor: CInt, _ payload: ByteBuffer, on reactor: ProcessReactor) {
        self.descriptor = descriptor
        self.payload = payload
        self.reactor = reactor
        Pipe.setNonBlocking(descriptor)
    }

    /// Writes what the pipe takes; the end of the input follows the last byte.
    func write() {
        while isOpen, payload.readableBytes > 0 {
            let count = payload.withUnsafeReadableBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN {
                if token == nil {
                    token = reactor.watch(descriptor, events: EPOLLOUT) { [unowned self] _ in write() }
                }
                return
            }
            // A process need not read its event.
            guard count > 0 else { break }
            payload.moveReaderIndex(forwardBy: count)
        }
        close()
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        if let token { reactor.unwatch(token) }
        Glibc.close(descriptor)
    }
}
