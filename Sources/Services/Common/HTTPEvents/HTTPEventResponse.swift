import Core
public import Wire

/// What a function's answer means as an HTTP response: payload format 2.0.
///
/// An object with a `statusCode` is a response; anything else is the body of a 200 of type JSON.
public struct HTTPEventResponse: Sendable {
    public var status = 200
    public var headers: [(name: String, value: String)] = []
    public var cookies: [String] = []
    public var body: [UInt8] = []

    public init(status: Int = 200, headers: [(name: String, value: String)] = [], body: [UInt8] = []) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// - Parameter payload: what the function returned.
    /// - Throws: ``MalformedHTTPEventResponse`` for an object with a `statusCode` that is no response.
    public init(payload: [UInt8]) throws(MalformedHTTPEventResponse) {
        guard let json = try? JSON(parsing: payload) else {
            // Only executables of one's own answer with something else than JSON.
            let isText = payload.isEmpty || String(validating: payload, as: UTF8.self) != nil
            self.init(
                headers: [("content-type", isText ? "text/plain; charset=utf-8" : "application/octet-stream")],
                body: payload)
            return
        }
        if let object = json.objectValue, object["statusCode"] != nil {
            try self.init(object)
        } else {
            self.init(body: json.stringValue.map { Array($0.utf8) } ?? json.bytes())
        }
        if !hasHeader("content-type") { headers.append(("content-type", "application/json")) }
    }

    /// The head of a streamed answer, which carries no body.
    init(prelude: [UInt8]) throws(MalformedHTTPEventResponse) {
        guard let object = (try? JSON(parsing: prelude))?.objectValue else {
            throw MalformedHTTPEventResponse("the prelude of the streamed answer is no JSON object")
        }
        try self.init(object)
    }

    private init(_ object: JSONObject) throws(MalformedHTTPEventResponse) {
        status = try Self.status(object["statusCode"])
        for (name, value) in object["headers"]?.objectValue ?? [:] {
            guard let text = Self.text(value) else {
                throw MalformedHTTPEventResponse("header \(name) is \(value.typeName); make it a string")
            }
            guard Self.isValidHeader(name, text) else {
                throw MalformedHTTPEventResponse("header \(name) has characters that no header may have")
            }
            headers.append((name, text))
        }
        cookies = try (object["cookies"]?.arrayValue ?? []).map { cookie throws(MalformedHTTPEventResponse) in
            guard let text = cookie.stringValue, Self.isValidHeader("set-cookie", text) else {
                throw MalformedHTTPEventResponse("cookies holds something that no cookie can be")
            }
            return text
        }
        body = try Self.body(object)
    }

    private static func status(_ value: JSON?) throws(MalformedHTTPEventResponse) -> Int {
        let number = value?.intValue ?? value?.stringValue.flatMap(Int64.init)
        guard let value else { return 200 }
        guard let number, (100...599).contains(number) else {
            throw MalformedHTTPEventResponse("statusCode is \(value.text()); it must be from 100 to 599")
        }
        return Int(number)
    }

    private static func body(_ object: JSONObject) throws(MalformedHTTPEventResponse) -> [UInt8] {
        guard let body = object["body"], !body.isNull else { return [] }
        guard let text = body.stringValue else { return body.bytes() }
        guard object["isBase64Encoded"]?.boolValue == true else { return Array(text.utf8) }
        guard let bytes = Base64.decode(text) else {
            throw MalformedHTTPEventResponse("isBase64Encoded is true and body is not Base64")
        }
        return bytes
    }

    private static func text(_ value: JSON) -> String? {
        switch value {
        case .string(let text): text
        case .array, .object, .null: nil
        default: value.text()
        }
    }

    private static func isValidHeader(_ name: String, _ value: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: ":") }
            && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
    }

    public func hasHeader(_ name: String) -> Bool { headers.contains { $0.name.asciiLowercased == name } }

    /// The response with its cookies; fields that belong to the connection are the server's own.
    public var fields: HTTPFields {
        var fields = HTTPFields(
            headers.filter { !Self.ownedByServer.contains($0.name.asciiLowercased) }
                .map { (name: $0.name, value: $0.value) })
        for cookie in cookies { fields.append("Set-Cookie", cookie) }
        return fields
    }

    private static let ownedByServer: Set<String> = [
        "connection", "content-length", "transfer-encoding", "keep-alive", "upgrade",
    ]

    public var wire: WireResponse { WireResponse(status: status, headers: fields, body: ByteStream(body)) }
}

/// A function answered with something that is no HTTP response; its caller sees 502.
public struct MalformedHTTPEventResponse: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, for the function's log.
    public var description: String

    public init(_ description: String) { self.description = description }
}
