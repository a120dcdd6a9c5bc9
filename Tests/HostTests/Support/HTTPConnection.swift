import Core
import Glibc

/// What a server answered.
struct HTTPReply: Sendable {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    var json: JSON { (try? JSON(parsing: body)) ?? .null }

    subscript(name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// A connection to a port of this machine that is kept open: plain system calls, no client library between test and host.
final class HTTPConnection {
    private let descriptor: Int32
    private var buffer: [UInt8] = []

    init(port: Int, timeout seconds: Int = 60) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw TestFailure("no socket: \(String(cString: strerror(errno)))") }
        var time = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        var one: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
        var address = Self.loopback(port: UInt16(port))
        let result = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if result != 0 {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw TestFailure("nothing answers at port \(port): \(reason)")
        }
    }

    deinit { close(descriptor) }

    static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    /// One request over a connection of its own.
    static func send(
        _ method: String, port: Int, _ path: String, headers: [String: String] = [:], _ body: [UInt8] = []
    ) throws -> HTTPReply {
        try HTTPConnection(port: port).send(method, path, headers: headers, body)
    }

    func send(
        _ method: String, _ path: String, headers: [String: String] = [:], _ body: [UInt8] = []
    ) throws -> HTTPReply {
        begin(method, path, headers: headers, body)
        return try reply(isHead: method == "HEAD")
    }

    /// Sends a request without waiting for its answer.
    func begin(_ method: String, _ path: String, headers: [String: String] = [:], _ body: [UInt8] = []) {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: \(body.count)\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        write(Array((head + "\r\n").utf8) + body)
    }

    private func write(_ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            // A server that refuses a body answers before it has read all of it.
            guard count > 0 else { return }
            sent += count
        }
    }

    // MARK: Reading

    /// The answer to the request that was begun.
    func reply(isHead: Bool = false) throws -> HTTPReply {
        let head = try line(upTo: Array("\r\n\r\n".utf8))
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n").map(String.init)
        guard let first = lines.first?.split(separator: " "), first.count > 1, let status = Int(first[1]) else {
            throw TestFailure("no HTTP answer")
        }
        let headers = lines.dropFirst().compactMap { line -> (name: String, value: String)? in
            guard let colon = line.firstIndex(of: ":") else { return nil }
            return (String(line[..<colon]), String(line[line.index(after: colon)...].drop { $0 == " " }))
        }
        var reply = HTTPReply(status: status, headers: headers, body: [])
        if isHead || status == 204 { return reply }
        if reply["transfer-encoding"]?.lowercased() == "chunked" {
            while true {
                let size = Int(String(decoding: try line(upTo: [13, 10]), as: UTF8.self), radix: 16) ?? 0
                reply.body += try take(size)
                _ = try take(2)
                if size == 0 { return reply }
            }
        }
        reply.body = try take(reply["content-length"].flatMap { Int($0) } ?? 0)
        return reply
    }

    private func line(upTo end: [UInt8]) throws -> [UInt8] {
        var searched = 0
        while true {
            while searched + end.count <= buffer.count {
                if buffer[searched..<searched + end.count].elementsEqual(end) {
                    let line = Array(buffer[..<searched])
                    buffer.removeFirst(searched + end.count)
                    return line
                }
                searched += 1
            }
            try fill()
        }
    }

    private func take(_ count: Int) throws -> [UInt8] {
        while buffer.count < count { try fill() }
        defer { buffer.removeFirst(count) }
        return Array(buffer[..<count])
    }

    private func fill() throws {
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &chunk, chunk.count, 0)
        guard count > 0 else { throw TestFailure("the connection ended before the answer did") }
        buffer += chunk[..<count]
    }
}

/// Ports that nobody listens on.
enum FreePort {
    /// Below those that the system hands out by itself: no connection and no other listener gets one of these by chance
    /// before a host has started on it, or while it starts again.
    private static let ports: Range<UInt16> = 10_000..<32_768

    static func pair() -> (Int, Int) {
        let (first, second) = (reserve(), reserve())
        defer {
            close(first.descriptor)
            close(second.descriptor)
        }
        return (first.port, second.port)
    }

    /// Listens on a free port until the descriptor is closed.
    static func reserve() -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)
        while true {
            var address = HTTPConnection.loopback(port: .random(in: ports))
            let result = withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
            }
            if result == 0, listen(descriptor, 1) == 0 { return (descriptor, Int(address.sin_port.bigEndian)) }
        }
    }
}
