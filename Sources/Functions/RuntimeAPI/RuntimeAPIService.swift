import NIOCore

/// What answers the requests of one instance. Everything happens on the instance's event loop.
protocol RuntimeAPIService: AnyObject {
    /// The runtime asks for work: answered now or later through ``RuntimeAPIConnection/answerNext(_:)``.
    func runtimeAsksForInvocation(_ connection: RuntimeAPIConnection) -> RuntimeAPIReply?
    /// The head of an answer has come. Not nil refuses it; the body is then read and dropped.
    func responseBegins(_ requestID: String, _ head: HTTPRequestHead, on connection: RuntimeAPIConnection)
        -> RuntimeAPIReply?
    /// A part of an answer in the streaming mode.
    func responsePart(_ part: ByteBuffer)
    /// The end of an answer: its body, or what remains to say about a streamed one.
    /// `reply` is called once, before the caller of the function hears of its end: the runtime can go on meanwhile.
    func responseEnds(_ response: RuntimeAPIResponse, reply: (RuntimeAPIReply) -> Void)
    func invocationFails(_ requestID: String, errorType: String?, body: RuntimeAPIBody) -> RuntimeAPIReply
    func initFails(errorType: String?, body: RuntimeAPIBody) -> RuntimeAPIReply
    /// Extensions: registration, their next event, their errors. Nil when the answer comes later.
    func extensionRequest(
        _ route: RuntimeAPIRoute, _ head: HTTPRequestHead, body: RuntimeAPIBody, on connection: RuntimeAPIConnection
    )
        -> RuntimeAPIReply?
    func connectionOpened(_ connection: RuntimeAPIConnection) -> Bool
    func connectionClosed(_ connection: RuntimeAPIConnection)
}

/// A request's body, kept up to the limit of its route.
struct RuntimeAPIBody: Sendable {
    var bytes = ByteBuffer()
    var isTooLarge = false

    mutating func append(_ part: inout ByteBuffer, limit: Int) {
        guard !isTooLarge, bytes.readableBytes + part.readableBytes <= limit else {
            isTooLarge = true
            bytes = ByteBuffer()
            return
        }
        if bytes.readableBytes == 0 { bytes = part } else { bytes.writeBuffer(&part) }
    }
}

struct RuntimeAPIResponse: Sendable {
    var body: RuntimeAPIBody
    var contentType: String?
    /// From the trailers of a streamed answer that failed half-way.
    var errorType: String?
    /// Base64 of the error's JSON.
    var errorBody: String?
}

/// The bounds of what a runtime may send.
enum RuntimeAPILimits {
    /// 6 MB and the 100 bytes that Lambda adds.
    static let responseBytes = 6_291_556
    static let errorBytes = 6_291_556
    /// Of one streamed answer.
    static let streamedBytes = 200 << 20
    static let extensionBytes = 64 << 10
    static let connections = 32
    /// What a connection may send ahead while it waits for an invocation.
    static let aheadBytes = 256 << 10
}
