import CFunctionSpawn
import Glibc
import NIOCore

/// Collects a process's standard output, or hands it on as it comes. Lives on the reactor's thread.
///
/// `@unchecked`: the flow of a streamed answer is set from elsewhere, by way of the reactor.
final class ExecOutput: @unchecked Sendable {
    enum Event {
        /// The process has written something, so it runs its own code.
        case first
        case tooLarge
    }

    private let descriptor: CInt
    private let reactor: ProcessReactor
    private let stream: (any ResponseStreamConsumer)?
    private let eventLoop: any EventLoop
    private let notify: (Event) -> Void
    private var token: ProcessReactor.Token?
    private var collected = ByteBuffer()
    private var count = 0
    private var isOpen = true
    private var isFinished = false

    init(
        _ descriptor: CInt, on reactor: ProcessReactor, invocation: Invocation, eventLoop: any EventLoop,
        notify: @escaping (Event) -> Void
    ) {
        self.descriptor = descriptor
        self.reactor = reactor
        self.eventLoop = eventLoop
        self.notify = notify
        stream = invocation.stream
        Pipe.setNonBlocking(descriptor)
        setReading(true)
    }

    /// The whole answer; a process that wrote nothing answers `null`, as a handler without a result does.
    var payload: ByteBuffer {
        if stream != nil { return ByteBuffer() }
        return collected.readableBytes > 0 ? collected : ByteBuffer(string: "null")
    }

    private func setReading(_ reads: Bool) {
        guard isOpen, !isFinished else { return }
        if reads, token == nil {
            token = reactor.watch(descriptor, events: EPOLLIN) { [unowned self] _ in read(upTo: 4) }
        } else if !reads, let watched = token {
            token = nil
            reactor.unwatch(watched)
        }
    }

    /// Reads what an ended process left in the pipe.
    func readRest() {
        read(upTo: 64)
    }

    private func read(upTo times: Int) {
        withUnsafeTemporaryAllocation(byteCount: 65_536, alignment: 16) { buffer in
            for _ in 0..<times where isOpen && !isFinished {
                let size = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                if size < 0, errno == EINTR { continue }
                if size < 0, errno == EAGAIN { return }
                guard size > 0 else {
                    setReading(false)
                    isFinished = true
                    return
                }
                take(UnsafeRawBufferPointer(rebasing: buffer[..<size]))
                if size < buffer.count { return }
            }
        }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        if count == 0 { notify(.first) }
        count += bytes.count
        guard count <= (stream == nil ? RuntimeAPILimits.responseBytes : RuntimeAPILimits.streamedBytes) else {
            setReading(false)
            isFinished = true
            collected = ByteBuffer()
            return notify(.tooLarge)
        }
        guard let stream else {
            collected.writeBytes(bytes)
            return
        }
        let part = ByteBuffer(bytes: bytes)
        let isFirst = count == bytes.count
        eventLoop.execute { [self] in
            if isFirst { stream.responseBegan(contentType: nil, flow: flow) }
            stream.responsePart(part)
        }
    }

    /// Always by way of the event loop: there a pause belongs to the part that caused it, and no resumption that answers
    /// it can overtake it.
    private var flow: ResponseFlow {
        ResponseFlow { [self] reads in
            if eventLoop.inEventLoop {
                reactor.execute { _ in self.setReading(reads) }
            } else {
                eventLoop.execute { self.reactor.execute { _ in self.setReading(reads) } }
            }
        }
    }

    func close() {
        guard isOpen else { return }
        setReading(false)
        isOpen = false
        Glibc.close(descriptor)
    }
}
