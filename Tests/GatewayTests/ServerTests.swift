import AWSModels
import Core
@testable import Gateway
import Glibc
import NIOCore
import Services
import Synchronization
import Testing
import Wire

/// Requests over a real socket, well-formed and not.
@Suite(.serialized) struct ServerTests {
    private static func withServer(
        queue: EchoQueue = EchoQueue(), _ change: (inout GatewayLimits) -> Void = { _ in },
        _ body: (Int, MemoryObjects) async throws -> Void
    ) async throws {
        var configuration = GatewayConfiguration()
        configuration.port = 0
        configuration.threads = 1
        configuration.limits.bodySize = 1_000_000
        configuration.limits.headerSize = 8_000
        configuration.limits.headerCount = 30
        configuration.limits.targetSize = 4_000
        configuration.limits.drainTime = 100
        change(&configuration.limits)
        let objects = MemoryObjects()
        let sts = STSProvider(clock: SystemClock(), random: SystemRandomSource())
        let gateway = Gateway(
            configuration, services: [STS.service(sts), S3.service(objects), SQS.service(queue)],
            routes: [Hello()])
        let port = try await gateway.start()
        let outcome: Result<Void, any Error>
        do {
            outcome = .success(try await body(port, objects))
        } catch {
            outcome = .failure(error)
        }
        await gateway.stop()
        try outcome.get()
    }

    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var text: String
        /// In this order.
        var answers: [String]
        var absent: [String] = []
        var closesOutput = false
        var testDescription: String { name }
    }

    private static let ending = "Connection: close\r\n\r\n"
    private static let pipelined = String(repeating: "GET /_hello HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 200)

    private static let cases: [Case] = [
        Case(
            name: "route", text: "GET /_hello HTTP/1.1\r\nHost: localhost\r\n\(ending)",
            answers: ["HTTP/1.1 200 OK", "Date: ", "Content-Length: 6", "\r\n\r\nhello "]),
        Case(
            name: "body in chunks",
            text:
                "POST /_hello HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\(ending)3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
            answers: ["200 OK", "hello abcde"]),
        Case(
            name: "sign before the body",
            text:
                "POST /_hello HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\(ending)abc",
            answers: ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 200 OK", "hello abc"]),
        Case(
            name: "many at once", text: "\(pipelined)GET /_hello/last HTTP/1.1\r\nHost: localhost\r\n\(ending)",
            answers: ["200 OK", "200 OK", "hello ", "Connection: close", "hello "]),
        Case(
            name: "no HTTP behind a request that takes its time",
            text: "GET /_hello/later HTTP/1.1\r\nHost: localhost\r\n\r\n\u{1}\u{2}\u{3}\r\n\r\n",
            answers: ["HTTP/1.1 200 OK", "hello ", "HTTP/1.1 400", "Connection: close", "<Code>BadRequest</Code>"]),
        Case(
            name: "a broken body behind a request that takes its time",
            text:
                "GET /_hello/later HTTP/1.1\r\nHost: localhost\r\n\r\nPOST /_hello HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            answers: ["HTTP/1.1 200 OK", "hello "]),
        Case(
            name: "many behind one that takes its time",
            text:
                "GET /_hello/later HTTP/1.1\r\nHost: localhost\r\n\r\n\(pipelined)POST /_hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\(ending)abc",
            answers: ["200 OK", "200 OK", "hello ", "Connection: close", "hello abc"]),
        Case(
            name: "old version", text: "GET /_hello HTTP/1.0\r\n\r\n",
            answers: ["HTTP/1.1 200 OK", "Connection: close", "hello "]),
        Case(
            name: "head has no body", text: "HEAD /b/k HTTP/1.1\r\nHost: localhost\r\n\(ending)",
            answers: ["HTTP/1.1 200 OK", "Content-Length: 12345", "\r\n\r\n"], absent: ["0\r\n\r\n"]),
        Case(
            name: "head of an error has no body", text: "HEAD /b?location HTTP/1.1\r\nHost: localhost\r\n\(ending)",
            answers: ["HTTP/1.1 501"], absent: ["<Error>"]),
        Case(
            name: "no content", text: "DELETE /b/k HTTP/1.1\r\nHost: localhost\r\n\(ending)",
            answers: ["HTTP/1.1 204 No Content", "\r\n\r\n"], absent: ["chunked", "Content-Length"]),
        Case(
            name: "through a proxy", text: "GET http://localhost:4566/_hello HTTP/1.1\r\nHost: other\r\n\(ending)",
            answers: ["200 OK", "hello "]),
        Case(
            name: "foreign host", text: "GET /b/k HTTP/1.1\r\nHost: evil.example\r\n\(ending)",
            answers: ["HTTP/1.1 403", "<Code>AccessDenied</Code>"]),
        Case(
            name: "no HTTP", text: "\u{1}\u{2}\u{3}\r\n\r\n",
            answers: ["HTTP/1.1 400", "Connection: close", "<Code>BadRequest</Code>"]),
        Case(name: "unknown method", text: "BREW /b HTTP/1.1\r\nHost: localhost\r\n\r\n", answers: ["HTTP/1.1 400"]),
        Case(
            name: "broken length", text: "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n",
            answers: ["HTTP/1.1 400"]),
        Case(
            name: "two lengths",
            text: "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
            answers: ["HTTP/1.1 400"]),
        Case(
            name: "length and chunks",
            text:
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            answers: ["HTTP/1.1 400"]),
        Case(name: "no target", text: "GET x HTTP/1.1\r\nHost: localhost\r\n\r\n", answers: ["HTTP/1.1 400"]),
        Case(
            name: "long target",
            text: "GET /\(String(repeating: "x", count: 5_000)) HTTP/1.1\r\nHost: localhost\r\n\r\n",
            answers: ["HTTP/1.1 400", "InvalidURI"]),
        Case(
            name: "large header",
            text: "GET / HTTP/1.1\r\nHost: localhost\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n",
            answers: ["HTTP/1.1 431"]),
        Case(
            name: "many fields", text: "GET / HTTP/1.1\r\n\(String(repeating: "X: y\r\n", count: 100))\r\n",
            answers: ["HTTP/1.1 431"]),
        Case(
            name: "announced too large",
            text: "POST /_hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2000000\r\n\r\nabc",
            answers: ["HTTP/1.1 413", "Connection: close", "\r\n\r\n{\"message\":"]),
        Case(
            name: "grows too large",
            text:
                "POST /_hello HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nc8\r\n\(String(repeating: "x", count: 200))\r\n0\r\n\r\n",
            answers: ["HTTP/1.1 413"]),
        Case(
            name: "cut off body", text: "PUT /b/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 500000\r\n\r\nabc",
            answers: ["HTTP/1.1 400", "IncompleteBody"], absent: ["200 OK"], closesOutput: true),
        Case(
            name: "cut off collected body",
            text: "POST /_hello HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\nabc",
            answers: ["HTTP/1.1 400", "IncompleteBody"], absent: ["200 OK"], closesOutput: true),
        Case(
            name: "cut off body that was read whole",
            text: "PUT /b/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\nabc",
            answers: ["HTTP/1.1 400", "<Error><Code>IncompleteBody</Code>"], absent: ["200 OK"], closesOutput: true),
        Case(
            name: "many fields behind a body",
            text: "\(chunked)0\r\n\(String(repeating: "a: b\r\n", count: 20_000))\r\n",
            answers: ["HTTP/1.1 431", "RequestHeaderSectionTooLarge"], absent: ["200 OK"]),
        Case(
            name: "half closed", text: "GET /_hello HTTP/1.1\r\nHost: localhost\r\n\r\n",
            answers: ["HTTP/1.1 200 OK", "hello "], closesOutput: true),
        Case(
            name: "many at once, half closed", text: pipelined, answers: ["200 OK", "200 OK", "hello "],
            closesOutput: true),
        Case(
            name: "broken chunk", text: "\(chunked)zz\r\n", answers: ["HTTP/1.1 400", "BadRequest"],
            absent: ["200 OK"]),
        Case(
            name: "broken chunk of a collected body",
            text: "POST /_hello HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX\r\n",
            answers: ["HTTP/1.1 400", "BadRequest"], absent: ["200 OK"]),
        Case(
            name: "garbage behind a request",
            text: "GET /_hello HTTP/1.1\r\nHost: localhost\r\n\r\n\u{1}\u{2}\r\n\r\n", answers: ["200 OK", "hello "]),
    ]
    private static let chunked = "PUT /b/k HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"

    @Test("what comes over the socket", arguments: cases)
    func raw(item: Case) async throws {
        try await Self.withServer { port, objects in
            let answer = try await RawClient.exchange(item.text, port: port, closesOutput: item.closesOutput)
            var rest = answer[...]
            for wanted in item.answers {
                guard let found = rest.firstRange(of: wanted) else {
                    Issue.record("no '\(wanted)' in \(rest.prefix(500))")
                    return
                }
                rest = rest[found.upperBound...]
            }
            for text in item.absent { #expect(!answer.contains(text), "\(answer.prefix(500))") }
            if item.closesOutput { #expect(objects.objects.withLock { $0.isEmpty }) }
        }
    }

    @Test("who goes while he waits for a message takes none with him") func longPoll() async throws {
        let queue = EchoQueue()
        try await Self.withServer(queue: queue) {
            $0.halfClosedTime = 60_000
        } _: { port, _ in
            let body = #"{"QueueUrl":"http://localhost/000000000000/q","WaitTimeSeconds":20}"#
            let head = "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.ReceiveMessage\r\n"
            let answer = try await RawClient.exchange(
                "\(head)Content-Length: \(body.utf8.count)\r\n\r\n\(body)", port: port, closesOutput: true)
            #expect(answer == "")
        }
        #expect(queue.abandoned.withLock { $0 } == 1)
    }

    @Test(
        "a caller who sends nothing, or half a header, is let go",
        arguments: [
            ("", ""), ("GET / HTTP/1.1\r\nHos", ""),
            ("POST /_hello HTTP/1.1\r\nContent-Length: 9\r\n\r\nx", "RequestTimeout"),
            ("PUT /b/k HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999\r\n\r\nx", "RequestTimeout"),
        ])
    func slow(text: String, code: String) async throws {
        try await Self.withServer {
            $0.headerTime = 50
            $0.idleTime = 50
            $0.bodyTime = 50
            $0.checkTime = 20
        } _: { port, _ in
            let answer = try await RawClient.exchange(text, port: port)
            #expect(code.isEmpty ? answer == "" : answer.contains(code))
        }
    }

    @Test("bodies larger than what waits in memory", arguments: [0, 1, 300_000, 3_000_000], ["k", "k.stream"])
    func large(size: Int, key: String) async throws {
        try await Self.withServer { port, objects in
            let client = AWSClient(
                SocketTransport(host: "127.0.0.1", port: port), host: "127.0.0.1:\(port)",
                credentials: Credentials(accessKeyID: "123456789012", secretAccessKey: "x"))
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
            let put = try await client.call(S3.Operations.putObject) {
                $0.bucket = "b"
                $0.key = key
                $0.body = ByteStream(.chunks(length: Int64(size), Slices(bytes)))
            }
            #expect(put.eTag == "\"\(hexadecimal(Digest.md5(bytes)))\"")
            let got = try await client.call(S3.Operations.getObject) {
                $0.bucket = "b"
                $0.key = key
            }
            #expect(try await got.body?.collect(upTo: 10_000_000) == bytes)
        }
    }

    @Test("checksums behind the body", arguments: [("DUoRhQ==", "200"), ("AAAAAA==", "BadDigest")])
    func trailer(checksum: String, wanted: String) async throws {
        try await Self.withServer { port, objects in
            let head =
                "PUT /b/k HTTP/1.1\r\nHost: localhost\r\nContent-Encoding: gzip,aws-chunked\r\nx-amz-decoded-content-length: 11\r\n"
                + "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\r\nx-amz-trailer: x-amz-checksum-crc32\r\n"
            let body = "b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:\(checksum)\r\n\r\n"
            let answer = try await RawClient.exchange(
                "\(head)Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)", port: port)
            #expect(answer.contains(wanted), "\(answer)")
            let kept = objects.objects.withLock { $0["000000000000/b/k"] }
            #expect(kept == (wanted == "200" ? Array("hello world".utf8) : nil))
        }
    }

    @Test("a port that is taken is named") func taken() async throws {
        try await Self.withServer { port, _ in
            var configuration = GatewayConfiguration()
            configuration.port = port
            let second = Gateway(configuration, services: [])
            await #expect {
                _ = try await second.start()
            } throws: { error in
                "\(error)".contains("another program uses that port")
            }
            await second.stop()
        }
    }

    /// What the system says to a listener, in words for who started the program.
    @Test(
        "why it cannot listen is told",
        arguments: [
            (EACCES, "ports below 1024 are for root; choose another port"),
            (EADDRNOTAVAIL, "this machine has no such address"), (ENETDOWN, "Network is down"),
        ])
    func cannotListen(_ code: Int32, _ why: String) {
        let error = GatewayError(
            binding: "10.9.8.7:80", IOError(errnoCode: code, reason: "bind(descriptor:ptr:bytes:)"))
        #expect(error.reason == "cannot listen on 10.9.8.7:80: \(why)")
    }

    @Test("compressed both ways, where asked") func gzip() async throws {
        try await Self.withServer { port, _ in
            let long = String(repeating: "m", count: 3_000)
            let body = #"{"QueueUrl":"http://h/1/q","MessageBody":"\#(long)"}"#
            let head = "POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: AmazonSQS.SendMessage\r\n"
            let request = "Content-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)"
            let plain = try await RawClient.exchange(head + request, port: port)
            #expect(plain.contains(long))
            let packed = try await RawClient.exchange("\(head)Accept-Encoding: deflate, gzip\r\n\(request)", port: port)
            #expect(packed.contains("Content-Encoding: gzip"))
            #expect(!packed.contains(long))
            let broken = try await RawClient.exchange("\(head)Content-Encoding: gzip\r\n\(request)", port: port)
            #expect(broken.contains("HTTP/1.1 400"))
            #expect(broken.contains("SerializationException"))
        }
    }

    @Test("files are sent as they lie", arguments: [0, 1, 20_000_000]) func file(size: Int) async throws {
        let path = "/tmp/millrace-file-\(getpid())-\(size)"
        let bytes = (0..<size + 10).map { UInt8(truncatingIfNeeded: $0 &* 13 >> 2) }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        #expect(write(descriptor, bytes, bytes.count) == bytes.count)
        close(descriptor)
        defer { unlink(path) }
        try await Self.withServer { port, _ in
            let client = AWSClient(
                SocketTransport(host: "127.0.0.1", port: port), host: "127.0.0.1:\(port)",
                credentials: Credentials(accessKeyID: "123456789012", secretAccessKey: "x"))
            let got = try await client.call(S3.Operations.getObject) {
                $0.bucket = "files"
                $0.key = String(path.dropFirst())
                $0.range = String(size)
            }
            #expect(try await got.body?.collect(upTo: 30_000_000) == Array(bytes[5..<5 + size]))
            await #expect(throws: AWSError.self) {
                try await client.call(S3.Operations.getObject) {
                    $0.bucket = "files"
                    $0.key = "nowhere/at/all"
                    $0.range = "5"
                }
            }
        }
    }
}
