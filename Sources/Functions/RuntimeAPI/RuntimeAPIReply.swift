import Core
import NIOCore

/// A short answer of the Runtime API, in the shapes that Lambda's own answers have.
struct RuntimeAPIReply: Sendable {
    var status: Int
    var contentType = "application/json"
    var body: String
    var fields: [(name: String, value: String)] = []

    static let accepted = RuntimeAPIReply(status: 202, body: "{\"status\":\"OK\"}\n")

    static func error(_ status: Int, type: String, message: String) -> RuntimeAPIReply {
        let body: JSON = ["errorMessage": .string(message), "errorType": .string(type)]
        return RuntimeAPIReply(status: status, body: body.text() + "\n")
    }

    static let invalidRequestID = error(400, type: "InvalidRequestID", message: "Invalid request ID")

    static func invalidTransition(from state: String, to next: String) -> RuntimeAPIReply {
        error(403, type: "InvalidStateTransition", message: "Transition from \(state) to \(next) is not allowed")
    }

    static func tooLarge(limit: Int) -> RuntimeAPIReply {
        error(
            413, type: "RequestEntityTooLarge", message: "Exceeded maximum allowed payload size (\(limit) bytes).")
    }

    static let notFound = RuntimeAPIReply(status: 404, contentType: "text/plain", body: "404 page not found\n")
    static let methodNotAllowed = RuntimeAPIReply(status: 405, contentType: "text/plain", body: "")

    private static let reasons: [Int: String] = [
        100: "Continue", 200: "OK", 202: "Accepted", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
        405: "Method Not Allowed", 413: "Payload Too Large", 431: "Request Header Fields Too Large",
        500: "Internal Server Error",
    ]

    func write(to buffer: inout ByteBuffer, keepsAlive: Bool) {
        buffer.writeString("HTTP/1.1 \(status) \(Self.reasons[status] ?? "Status")\r\nContent-Type: \(contentType)\r\n")
        for (name, value) in fields { buffer.writeString("\(name): \(value)\r\n") }
        if !keepsAlive { buffer.writeStaticString("Connection: close\r\n") }
        buffer.writeString("Content-Length: \(body.utf8.count)\r\n\r\n")
        buffer.writeString(body)
    }
}
