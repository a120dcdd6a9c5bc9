import NIOCore
import NIOHTTP1
import Wire

/// A request and its response on a connection. Belongs to the connection's event loop.
final class Exchange {
    let number: Int
    let request: WireRequest
    let plan: Dispatcher.Plan
    let isHead: Bool
    let version: HTTPVersion
    var keepsAlive: Bool
    /// The caller waits for a sign before he sends the body.
    var awaitsContinue: Bool
    /// Where the body goes when it is streamed; else it is collected.
    var pipe: BodyPipe?
    var body: [UInt8] = []
    var bodyIsComplete = false
    var responseHasBegun = false
    /// The rest of the body is not waited for.
    var isGivenUp = false
    /// Whether the body is sent in chunks that say their own lengths.
    var isChunked = false
    var task: Task<Void, Never>?

    init(number: Int, head: HTTPRequestHead, request: WireRequest, plan: Dispatcher.Plan) {
        self.number = number
        self.request = request
        self.plan = plan
        isHead = head.method == .HEAD
        version = head.version
        keepsAlive = head.isKeepAlive
        awaitsContinue = request.headers["Expect"]?.lowercased() == "100-continue"
    }
}

extension WireRequest {
    /// Nil when the target of the request is none that a server can answer.
    init?(_ head: HTTPRequestHead) {
        var target = Substring(head.uri)
        var host: Substring?
        if target.utf8.first != UInt8(ascii: "/") {
            // Through a proxy, the whole address stands here.
            guard let scheme = target.firstRange(of: "://") else { return nil }
            let rest = target[scheme.upperBound...]
            let slash = rest.firstIndex(of: "/") ?? rest.endIndex
            host = rest[..<slash]
            target = slash == rest.endIndex ? "/" : rest[slash...]
        }
        let question = target.utf8.firstIndex(of: UInt8(ascii: "?"))
        var fields = HTTPFields()
        fields.all.reserveCapacity(head.headers.count)
        for (name, value) in head.headers { fields.all.append((name, value)) }
        if let host { fields["Host"] = String(host) }
        self.init(
            method: head.method.rawValue, path: String(target[..<(question ?? target.endIndex)]),
            query: question.map { String(target[target.index(after: $0)...]) } ?? "", headers: fields)
    }
}
