import Glibc

/// One connection with its request in flight.
final class Connection {
    enum Outcome {
        case waits, answered
        /// `unheard`: the server closed a connection that it had kept, before it read the request.
        case failed(String, unheard: Bool)
    }

    private let port: UInt16
    private let body: UnsafeRawBufferPointer
    private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Response.longestHead, alignment: 16)
    private var filled = 0
    private(set) var descriptor: Int32 = -1
    private var answers = 0
    private var sent = 0

    /// The request's bytes before the large body.
    var outgoing: [UInt8]
    var isDeletion = false
    private(set) var response = Response(keepsBody: false)
    /// Nanoseconds of the monotonic clock at which the request began.
    private(set) var began: UInt64 = 0
    private(set) var received = 0
    var isIdle = true

    init(port: UInt16, request: [UInt8], body: UnsafeRawBufferPointer) {
        self.port = port
        self.body = body
        outgoing = request
    }

    /// Sends `outgoing`. A connection that is not open is opened, which is part of the request's time.
    func begin(keepsBody: Bool, at now: UInt64) -> Outcome {
        response = Response(keepsBody: keepsBody)
        (sent, filled, received, began, isIdle) = (0, 0, 0, now, false)
        if descriptor < 0, let problem = open() { return .failed(problem, unheard: false) }
        return send()
    }

    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    /// To be called when the descriptor is ready.
    func resume(_ events: Int16) -> Outcome {
        if events & Int16(POLLOUT) != 0 {
            let outcome = send()
            guard case .waits = outcome else { return outcome }
        }
        return events & ~Int16(POLLOUT) == 0 ? .waits : receive()
    }

    private var size: Int { isDeletion ? outgoing.count : outgoing.count + body.count }

    /// What is waited for: an answer, which may come before all is sent, and room for the rest of the request.
    var events: Int16 { Int16(POLLIN) | (sent < size ? Int16(POLLOUT) : 0) }

    private func open() -> String? {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var yes: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if descriptor < 0 || (result != 0 && errno != EINPROGRESS) { return "no connection: errno \(errno)" }
        answers = 0
        return nil
    }

    private func send() -> Outcome {
        while sent < size {
            let count: Int
            if sent < outgoing.count {
                let more = outgoing.count < size ? Int32(MSG_MORE) : 0
                count = outgoing.withUnsafeBytes {
                    Glibc.send(descriptor, $0.baseAddress! + sent, $0.count - sent, Int32(MSG_NOSIGNAL) | more)
                }
            } else {
                let start = sent - outgoing.count
                count = Glibc.send(
                    descriptor, body.baseAddress! + start, body.count - start, Int32(MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EAGAIN { break }
                // What the server said before it closed tells more than the closing.
                if case .answered = receive() { return .answered }
                return .failed("the server closed while it was sent a request: errno \(errno)", unheard: answers > 0)
            }
            sent += count
        }
        return .waits
    }

    private func receive() -> Outcome {
        while true {
            let discardable = response.discardable
            // The kernel lets go of bytes without copying them when it is asked to truncate.
            let discards = discardable > buffer.count
            let asked = discards ? discardable : buffer.count - filled
            let count =
                discards
                ? recv(descriptor, buffer.baseAddress, asked, Int32(MSG_TRUNC))
                : recv(descriptor, buffer.baseAddress! + filled, asked, 0)
            if count < 0, errno == EAGAIN { return .waits }
            if count <= 0 {
                if count == 0, response.close() { return answered() }
                let unheard = answers > 0 && received == 0
                return .failed("the server closed within a response", unheard: unheard)
            }
            received += count
            if discards {
                response.discard(count)
            } else {
                filled += count
                let taken = response.take(UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
                filled -= taken
                if filled > 0, taken > 0 {
                    memmove(buffer.baseAddress!, buffer.baseAddress! + taken, filled)
                }
                if filled == buffer.count { return .failed("the head of a response is too long", unheard: false) }
            }
            if response.isComplete { return answered() }
            if count < asked { return .waits }
        }
    }

    private func answered() -> Outcome {
        answers += 1
        // An answer before the request's end leaves a connection that nothing else can be sent on.
        if response.closes || sent < size { close() }
        return .answered
    }
}
