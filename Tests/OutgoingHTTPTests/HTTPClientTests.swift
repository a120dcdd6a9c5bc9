import Core
import Glibc
import Synchronization
import Testing

@testable import OutgoingHTTP

/// A server on a loopback port of its own that answers every connection with the same bytes.
final class CannedServer: Sendable {
    let port: UInt16
    private let descriptor: Int32
    private let pool = BlockingPool(name: "test-server", maximumThreads: 1)
    /// Connections that are kept open.
    private let open = Mutex<[Int32]>([])

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        port = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                bind(descriptor, raw, size)
                listen(descriptor, 16)
                getsockname(descriptor, raw, &size)
            }
            return UInt16(bigEndian: pointer.pointee.sin_port)
        }
    }

    deinit { for descriptor in open.withLock({ $0 }) + [descriptor] { close(descriptor) } }

    /// Takes one connection, and returns what was sent up to the end of the request.
    func serve(_ answer: String, closing: Bool = true) async throws -> String {
        let descriptor = descriptor
        return try await pool.run {
            let connection = accept(descriptor, nil, nil)
            defer { if closing { close(connection) } else { self.open.withLock { $0.append(connection) } } }
            var request = ""
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while !request.hasSuffix("\r\n\r\n"), !request.hasSuffix("END") {
                let count = read(connection, &buffer, buffer.count)
                guard count > 0 else { break }
                request += String(decoding: buffer[..<count], as: UTF8.self)
            }
            _ = answer.utf8CString.withUnsafeBufferPointer { write(connection, $0.baseAddress, $0.count - 1) }
            return request
        }
    }
}

@Suite struct HTTPClientTests {
    func withClient<T: Sendable>(
        _ policy: AddressPolicy = AddressPolicy(), _ body: (HTTPClient) async throws -> T
    ) async throws -> T {
        let client = HTTPClient(policy: policy)
        async let running: Void = client.run()
        let result: Result<T, any Error>
        do { result = .success(try await body(client)) } catch { result = .failure(error) }
        client.stop()
        try await running
        return try result.get()
    }

    @Test func sendsAndReceives() async throws {
        let server = try CannedServer()
        try await withClient { client in
            async let seen = server.serve("HTTP/1.1 201 Created\r\nX-A: b\r\nContent-Length: 2\r\n\r\nok")
            let response = try await client.send(
                HTTPRequest(
                    "POST", "http://127.0.0.1:\(server.port)/a?b=c", headers: [("X-Test", "1")],
                    body: Array("bodyEND".utf8)))
            #expect(response.status == 201)
            #expect(response.header("x-a") == "b")
            #expect(response.body == Array("ok".utf8))
            let request = try await seen
            #expect(request.hasPrefix("POST /a?b=c HTTP/1.1\r\n"))
            #expect(request.contains("X-Test: 1\r\n"))
            #expect(request.hasSuffix("\r\n\r\nbodyEND"))
        }
    }

    @Test func aLargeAnswerIsCutShortWithAnError() async throws {
        let server = try CannedServer()
        try await withClient { client in
            async let seen = server.serve("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123456789")
            let error = await #expect(throws: HTTPClientError.self) {
                try await client.send(HTTPRequest("GET", "http://127.0.0.1:\(server.port)/", responseLimit: 5))
            }
            #expect(error?.kind == .tooLarge)
            _ = try await seen
        }
    }

    @Test func theControlPortAndLinkLocalAddressesAreRefused() async throws {
        let server = try CannedServer()
        try await withClient(AddressPolicy(controlPort: server.port)) { client in
            for url in [
                "http://127.0.0.1:\(server.port)/", "http://localhost:\(server.port)/", "http://169.254.169.254/",
            ] {
                let error = await #expect(throws: HTTPClientError.self) {
                    try await client.send(HTTPRequest("GET", url, timeout: 2000))
                }
                #expect(error?.kind == .refusedAddress, "\(url)")
            }
        }
    }

    @Test func publicPathsOfTheControlPortAreOpen() async throws {
        let server = try CannedServer()
        let policy = AddressPolicy(controlPort: server.port, publicPaths: ["/open/"])
        try await withClient(policy) { client in
            async let seen = server.serve("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", closing: false)
            let response = try await client.send(HTTPRequest("GET", "http://127.0.0.1:\(server.port)/open/a?b"))
            #expect(response.status == 200)
            _ = try await seen
            // The connection that was opened for it serves nothing else.
            for path in ["/", "/opened", "/open/../x", "/open/%2E%2e/x", "/other?/open/"] {
                let error = await #expect(throws: HTTPClientError.self) {
                    try await client.send(HTTPRequest("GET", "http://127.0.0.1:\(server.port)\(path)", timeout: 2000))
                }
                #expect(error?.kind == .refusedAddress, "\(path)")
            }
        }
    }

    @Test(arguments: ["ftp://a/", "file:///etc/passwd", "http://", "nonsense"])
    func otherAddressesAreRefused(url: String) async throws {
        try await withClient { client in
            _ = await #expect(throws: HTTPClientError.self) {
                try await client.send(HTTPRequest("GET", url, timeout: 2000))
            }
        }
    }

    @Test func headersCannotBeSplit() async throws {
        try await withClient { client in
            let error = await #expect(throws: HTTPClientError.self) {
                try await client.send(HTTPRequest("GET", "http://127.0.0.1:9/", headers: [("A", "b\r\nC: d")]))
            }
            #expect(error?.kind == .invalidRequest)
        }
    }

    @Test func mappedAddressesAreSeenThrough() {
        let policy = AddressPolicy(controlPort: 4566)
        let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xFF, 0xFF, 127, 0, 0, 1]
        #expect(!policy.admits(v6: mapped, port: 4566))
        #expect(policy.admits(v6: mapped, port: 80))
        #expect(!policy.admits(v6: [0xFE, 0x80] + Array(repeating: 0, count: 14), port: 80))
        #expect(!policy.admits(v4: 0, port: 4566))
    }
}
