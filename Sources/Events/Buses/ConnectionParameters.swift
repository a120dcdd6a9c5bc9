import Core

/// What a connection adds to every request that is made with it: its credentials, and parameters of its own.
public struct ConnectionParameters: Sendable {
    /// The credentials last.
    public let headers: [(name: String, value: String)]
    public let query: [(name: String, value: String)]
    public let body: [(name: String, value: String)]

    /// - Parameter token: of a connection with OAuth client credentials.
    public init(_ connection: EventEndpoint, token: String?) {
        let authorization = connection.definition["AuthParameters"]
        let common = authorization?["InvocationHttpParameters"]
        headers = Self.pairs(common?["HeaderParameters"]) + [Self.credentials(authorization, token)].compactMap { $0 }
        query = Self.pairs(common?["QueryStringParameters"])
        body = Self.pairs(common?["BodyParameters"])
    }

    /// `[{Key, Value, IsValueSecret}]`
    private static func pairs(_ list: JSON?) -> [(name: String, value: String)] {
        (list?.arrayValue ?? []).compactMap { item in
            item["Key"]?.stringValue.map { ($0, item["Value"]?.stringValue ?? "") }
        }
    }

    private static func credentials(_ authorization: JSON?, _ token: String?) -> (name: String, value: String)? {
        if let token { return ("Authorization", "Bearer \(token)") }
        if let basic = authorization?["BasicAuthParameters"] {
            let text = "\(basic["Username"]?.stringValue ?? ""):\(basic["Password"]?.stringValue ?? "")"
            return ("Authorization", "Basic \(Base64.encode(Array(text.utf8)))")
        }
        if let key = authorization?["ApiKeyAuthParameters"], let name = key["ApiKeyName"]?.stringValue {
            return (name, key["ApiKeyValue"]?.stringValue ?? "")
        }
        return nil
    }
}
