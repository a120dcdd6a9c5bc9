/// An HTTP request as the protocols see it.
public struct WireRequest: Sendable {
    public var method: String
    /// The path as it was sent, percent-encoded, without the query.
    public var path: String
    /// What follows the question mark, as it was sent.
    public var query: String
    public var headers: HTTPFields
    public var body: ByteStream

    public init(
        method: String, path: String, query: String = "", headers: HTTPFields = HTTPFields(),
        body: ByteStream = ByteStream([])
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }
}

/// An HTTP response as the protocols see it.
public struct WireResponse: Sendable {
    public var status: Int
    public var headers: HTTPFields
    public var body: ByteStream

    public init(status: Int, headers: HTTPFields = HTTPFields(), body: ByteStream = ByteStream([])) {
        self.status = status
        self.headers = headers
        self.body = body
    }
}
