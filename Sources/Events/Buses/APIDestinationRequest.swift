import Core
import OutgoingHTTP

/// The request to an API destination: the endpoint with the target's path, query and header parameters, and what the
/// connection adds to every request.
struct APIDestinationRequest {
    let request: HTTPRequest

    init(_ destination: EventEndpoint, _ connection: EventEndpoint, _ delivery: Delivery, token: String?) {
        let parameters = delivery.context["httpParameters"]
        let common = ConnectionParameters(connection, token: token)
        var headers: [(name: String, value: String)] = [
            ("User-Agent", "Amazon/EventBridge/ApiDestinations"), ("Range", "bytes=0-1048575"),
            ("Content-Type", "application/json; charset=utf-8"),
        ]
        for (name, value) in parameters?["HeaderParameters"]?.objectValue ?? [:] {
            Self.set(name, value.stringValue ?? "", in: &headers)
        }
        for (name, value) in common.headers { Self.set(name, value, in: &headers) }
        var query = (parameters?["QueryStringParameters"]?.objectValue ?? [:]).map {
            (name: $0.key, value: $0.value.stringValue ?? "")
        }
        query += common.query
        let url = Self.url(
            destination.definition["InvocationEndpoint"]?.stringValue ?? "",
            path: (parameters?["PathParameterValues"]?.arrayValue ?? []).compactMap(\.stringValue), query: query)
        request = HTTPRequest(
            destination.definition["HttpMethod"]?.stringValue ?? "POST", url, headers: headers,
            body: Self.body(delivery.payload, adding: common.body), timeout: 5000)
    }

    private static func set(_ name: String, _ value: String, in headers: inout [(name: String, value: String)]) {
        headers.removeAll { $0.name.lowercased() == name.lowercased() }
        headers.append((name, value))
    }

    /// Every `*` of the endpoint is replaced by the next path parameter.
    private static func url(_ endpoint: String, path: [String], query: [(name: String, value: String)]) -> String {
        var values = path[...]
        var url = ""
        for character in endpoint {
            if character == "*", let value = values.popFirst() {
                url += percentEncoded(value)
            } else {
                url.append(character)
            }
        }
        guard !query.isEmpty else { return url }
        let pairs = query.map { "\(percentEncoded($0.name))=\(percentEncoded($0.value))" }
        return url + (url.contains("?") ? "&" : "?") + pairs.joined(separator: "&")
    }

    private static func body(_ payload: [UInt8], adding pairs: [(name: String, value: String)]) -> [UInt8] {
        guard !pairs.isEmpty, let parsed = try? JSON(parsing: payload), case .object(var object) = parsed else {
            return payload
        }
        for (name, value) in pairs { object[name] = .string(value) }
        return JSON.object(object).bytes()
    }
}

/// The request for a token of a connection with OAuth client credentials.
struct OAuthRequest {
    let request: HTTPRequest

    init(_ parameters: JSON) {
        let client = parameters["ClientParameters"]
        var form = [
            ("grant_type", "client_credentials"), ("client_id", client?["ClientID"]?.stringValue ?? ""),
            ("client_secret", client?["ClientSecret"]?.stringValue ?? ""),
        ]
        let extra = parameters["OAuthHttpParameters"]
        for item in extra?["BodyParameters"]?.arrayValue ?? [] {
            form.append((item["Key"]?.stringValue ?? "", item["Value"]?.stringValue ?? ""))
        }
        var headers: [(name: String, value: String)] = [("Content-Type", "application/x-www-form-urlencoded")]
        for item in extra?["HeaderParameters"]?.arrayValue ?? [] {
            headers.append((item["Key"]?.stringValue ?? "", item["Value"]?.stringValue ?? ""))
        }
        let text = form.map { "\(percentEncoded($0.0))=\(percentEncoded($0.1))" }.joined(separator: "&")
        request = HTTPRequest(
            parameters["HttpMethod"]?.stringValue?.uppercased() ?? "POST",
            parameters["AuthorizationEndpoint"]?.stringValue ?? "",
            headers: headers, body: Array(text.utf8), timeout: 5000)
    }
}

/// RFC 3986: everything but unreserved characters.
private func percentEncoded(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
        let isUnreserved =
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-._~".utf8.contains(byte)
        if isUnreserved {
            encoded.unicodeScalars.append(Unicode.Scalar(byte))
        } else {
            encoded += "%" + hexadecimal([byte]).uppercased()
        }
    }
    return encoded
}
