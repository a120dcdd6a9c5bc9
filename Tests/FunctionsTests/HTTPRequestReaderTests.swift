import NIOCore
import Testing

@testable import Functions

struct HTTPRequestReaderTests {
    /// What a reader makes of bytes, as text: `head`, `body` and `end` events, or the error's status.
    static func read(_ text: String, chunk: Int) -> [String] {
        var reader = HTTPRequestReader()
        var events: [String] = []
        var body = ""
        let bytes = Array(text.utf8)
        do throws(HTTPRequestError) {
            for start in stride(from: 0, to: bytes.count, by: chunk) {
                var buffer = ByteBuffer(bytes: bytes[start..<min(start + chunk, bytes.count)])
                reader.append(&buffer)
                while let event = try reader.next() {
                    switch event {
                    case .head(let head): events.append("\(head.method) \(head.path)\(head.keepsAlive ? "" : " close")")
                    case .body(let part): body += String(buffer: part)
                    case .end(let trailers):
                        events.append("end \(body)" + trailers.map { " \($0.name)=\($0.value)" }.joined())
                        body = ""
                    }
                }
            }
        } catch {
            events.append("error \(error.status)")
        }
        return events
    }

    struct Case: Sendable {
        var text: String
        var events: [String]
    }

    @Test(arguments: [
        Case(text: "GET /a HTTP/1.1\r\nHost: x\r\n\r\n", events: ["get /a", "end "]),
        Case(text: "GET /a?b=c HTTP/1.0\r\n\r\n", events: ["get /a close", "end "]),
        Case(text: "GET /a HTTP/1.1\nConnection: Close\n\n", events: ["get /a close", "end "]),
        Case(
            text: "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhelloPUT /b HTTP/1.1\r\n\r\n",
            events: ["post /a", "end hello", "put /b", "end "]),
        Case(
            text: "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=1\r\n0123456789\r\n0\r\n"
                + "Lambda-Runtime-Function-Error-Type: E\r\nOther: 1\r\n\r\n",
            events: ["post /a", "end abc0123456789 lambda-runtime-function-error-type=E"]),
        Case(text: "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhel", events: ["post /a"]),
        Case(text: "garbage\r\n\r\n", events: ["error 400"]),
        Case(text: "\r\n\r\n", events: ["error 400"]),
        Case(text: "\u{0}\u{1}\u{2} \u{3} \u{4}\n\n", events: ["error 400"]),
        Case(text: "GET / HTTP/2.0\r\n\r\n", events: ["error 400"]),
        Case(text: "POST / HTTP/1.1\r\nContent-Length: many\r\n\r\n", events: ["error 400"]),
        Case(text: "POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", events: ["error 400"]),
        Case(text: "POST / HTTP/1.1\r\nContent-Length: 9999999999999999\r\n\r\n", events: ["error 400"]),
        Case(text: "POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", events: ["error 400"]),
        Case(
            text: "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", events: ["post /", "error 400"]),
        Case(
            text: "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nfffffffff\r\n",
            events: ["post /", "error 400"]),
        Case(
            text: "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
            events: ["post /", "error 400"]),
        Case(text: "GET / HTTP/1.1\r\n: no name\r\n\r\n", events: ["error 400"]),
        Case(text: "GET / HTTP/1.1\r\nno colon\r\n\r\n", events: ["error 400"]),
    ])
    func cutsStreamsIntoRequests(_ item: Case) {
        for chunk in [1, 2, 3, 7, 1000] {
            #expect(
                Self.read(item.text, chunk: chunk) == item.events,
                "in pieces of \(chunk): \(item.text.debugDescription)")
        }
    }

    @Test func headsAreBounded() {
        let long = "GET / HTTP/1.1\r\nX: " + String(repeating: "x", count: 70_000)
        #expect(Self.read(long, chunk: 4096) == ["error 431"])
        let many = "GET / HTTP/1.1\r\n" + String(repeating: "X: 1\r\n", count: 200) + "\r\n"
        #expect(Self.read(many, chunk: 4096) == ["error 431"])
    }

    /// Any bytes end in events or an error, never in a crash.
    @Test func survivesRandomBytes() {
        var random = SystemRandomNumberGenerator()
        let pieces = [
            "GET ", "POST ", "/", " HTTP/1.1", "\r\n", "\n", ":", "Content-Length", "Transfer-Encoding: chunked", "5",
            "0",
            "Lambda-A: b", "\0", "é", "ffff", ";",
        ]
        for _ in 0..<300 {
            let text = (0..<Int.random(in: 1...20, using: &random)).map { _ in
                pieces.randomElement(using: &random) ?? ""
            }.joined()
            #expect(Self.read(text, chunk: 3) == Self.read(text, chunk: 1000), "\(text.debugDescription)")
        }
    }
}
