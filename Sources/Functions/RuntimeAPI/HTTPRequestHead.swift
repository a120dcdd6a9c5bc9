/// The first part of a request to the Runtime API: as much of it as the API asks for.
struct HTTPRequestHead: Sendable {
    enum Method: Hashable, Sendable { case get, post, put, other }
    enum BodyLength: Hashable, Sendable {
        case known(Int)
        case chunked
    }

    var method: Method
    var path: String
    var body: BodyLength
    var keepsAlive: Bool
    var expectsContinue: Bool
    /// The fields whose names begin with `lambda-`, and `content-type`; names in lower case.
    var fields: [(name: String, value: String)]

    subscript(_ name: String) -> String? { fields.first { $0.name == name }?.value }
}

/// A request that is not HTTP as this server speaks it. The connection is closed after the answer.
struct HTTPRequestError: Error, Hashable, Sendable {
    var status: Int
    var message: String
}
