public import Core
public import Wire

/// An HTTP request as a function receives it: payload format 2.0, which function URLs and HTTP APIs share.
///
/// ```swift
/// var event = HTTPEvent(request, body: body, peer: peer)
/// event.routeKey = "POST /orders/{id}"
/// event.pathParameters = [("id", "17")]
/// let payload = event.bytes(requestID: id, at: clock.now)
/// ```
public struct HTTPEvent: Sendable {
    /// `$default`, or a route such as `GET /orders/{id}`.
    public var routeKey = "$default"
    public var stage = "$default"
    public var method: String
    /// As the function is to see it.
    public var path: String
    /// What follows the question mark, as it was sent.
    public var query: String
    public var headers: HTTPFields
    public var pathParameters: [(name: String, value: String)] = []
    public var stageVariables: [(name: String, value: String)] = []
    public var body: [UInt8]
    /// The caller's account; `anonymous` without a signature.
    public var accountID = "anonymous"
    public var apiID = ""
    /// The host name by which the function was reached.
    public var domainName: String
    public var sourceIP: String
    public var port: Int?
    public var isSecure = false
    /// `requestContext.authorizer`: who was let in, and why.
    public var authorizer: JSON?

    /// - Parameters:
    ///   - body: the whole of it; the request's own is not read.
    ///   - peer: the caller's address.
    public init(_ request: WireRequest, body: [UInt8], peer: String) {
        method = request.method
        path = request.path
        query = request.query
        headers = request.headers
        self.body = body
        sourceIP = peer
        let host = request.headers["Host"] ?? ""
        let parts = host.split(separator: ":", omittingEmptySubsequences: false)
        let hasPort = parts.count == 2
        domainName = hasPort ? String(parts[0]) : host
        port = hasPort ? Int(parts[1]) : nil
    }

    /// The event as JSON.
    ///
    /// - Parameter requestID: the identifier of this request.
    public func bytes(requestID: String, at time: Timestamp) -> [UInt8] {
        var event: JSONObject = [
            "version": "2.0", "routeKey": .string(routeKey), "rawPath": .string(path), "rawQueryString": .string(query),
        ]
        let cookies = cookies
        if !cookies.isEmpty { event["cookies"] = .array(cookies.map(JSON.string)) }
        event["headers"] = .object(headerMembers(at: time))
        let parameters = queryParameters
        if !parameters.isEmpty { event["queryStringParameters"] = .object(parameters) }
        event["requestContext"] = context(requestID, at: time)
        if !pathParameters.isEmpty { event["pathParameters"] = Self.object(pathParameters) }
        if !stageVariables.isEmpty { event["stageVariables"] = Self.object(stageVariables) }
        let text = bodyText
        if !body.isEmpty { event["body"] = .string(text ?? Base64.encode(body)) }
        event["isBase64Encoded"] = .bool(!body.isEmpty && text == nil)
        return JSON.object(event).bytes()
    }

    // MARK: Parts

    private func context(_ requestID: String, at time: Timestamp) -> JSON {
        var context: JSONObject = [
            "accountId": .string(accountID), "apiId": .string(apiID), "domainName": .string(domainName),
            "domainPrefix": .string(String(domainName.prefix { $0 != "." })),
            "http": [
                "method": .string(method), "path": .string(PercentCoding.decode(path) ?? path),
                "protocol": "HTTP/1.1",
                "sourceIp": .string(sourceIP), "userAgent": .string(headers["User-Agent"] ?? ""),
            ],
            "requestId": .string(requestID), "routeKey": .string(routeKey), "stage": .string(stage),
            "time": .string(CivilTime(time).commonLogDate), "timeEpoch": .int(time.milliseconds),
        ]
        context["authorizer"] = authorizer
        return .object(context)
    }

    /// Names in lower case, several values of one name joined by commas, cookies left out.
    private func headerMembers(at time: Timestamp) -> JSONObject {
        var members: JSONObject = [:]
        for (name, value) in headers.all {
            let name = name.asciiLowercased
            guard name != "cookie", !Self.perHop.contains(name) else { continue }
            if let before = members[name]?.stringValue {
                members[name] = .string("\(before),\(value)")
            } else {
                members[name] = .string(value)
            }
        }
        let forwarded = members["x-forwarded-for"]?.stringValue.map { "\($0), \(sourceIP)" } ?? sourceIP
        members["x-forwarded-for"] = .string(forwarded)
        members["x-forwarded-proto"] = .string(isSecure ? "https" : "http")
        members["x-forwarded-port"] = .string("\(port ?? (isSecure ? 443 : 80))")
        if members["x-amzn-trace-id"] == nil { members["x-amzn-trace-id"] = .string(traceID(at: time)) }
        return members
    }

    /// Of one connection between two programs; they say nothing about the request.
    private static let perHop: Set<String> = ["connection", "keep-alive", "transfer-encoding", "upgrade", "te"]

    private func traceID(at time: Timestamp) -> String {
        let digest = Digest.sha256(Array("\(time) \(sourceIP) \(method) \(path)?\(query)".utf8))
        let seconds = String(time.milliseconds / 1000, radix: 16)
        return "Root=1-\(seconds)-\(hexadecimal(Array(digest.prefix(12))))"
    }

    private var cookies: [String] {
        headers.values("Cookie").flatMap { header in
            header.split(separator: ";").map { String($0.drop { $0 == " " }) }.filter { !$0.isEmpty }
        }
    }

    /// Decoded; several values of one name joined by commas.
    private var queryParameters: JSONObject {
        var members: JSONObject = [:]
        for part in query.split(separator: "&") {
            // A broken escape is passed on as it is.
            let pair = PercentCoding.pairs(String(part))?.first ?? (String(part), "")
            if let before = members[pair.name]?.stringValue {
                members[pair.name] = .string("\(before),\(pair.value)")
            } else {
                members[pair.name] = .string(pair.value)
            }
        }
        return members
    }

    /// The body where it is text: by its type, when it says one, and because it is UTF-8.
    private var bodyText: String? {
        guard headers["Content-Encoding"] == nil || headers["Content-Encoding"] == "identity" else { return nil }
        let type = (headers["Content-Type"] ?? "text/plain").asciiLowercased.prefix { $0 != ";" && $0 != " " }
        let isText =
            type.hasPrefix("text/") || Self.textTypes.contains(String(type)) || type.hasSuffix("+json")
            || type.hasSuffix("+xml")
        return isText ? String(validating: body, as: UTF8.self) : nil
    }

    private static let textTypes: Set<String> = [
        "application/json", "application/xml", "application/javascript", "application/graphql",
    ]

    private static func object(_ pairs: [(name: String, value: String)]) -> JSON {
        .object(JSONObject(pairs.map { ($0.name, .string($0.value)) }))
    }
}

extension String {
    /// ASCII letters in lower case.
    var asciiLowercased: String {
        String(decoding: utf8.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }, as: UTF8.self)
    }
}
