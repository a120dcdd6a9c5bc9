/// A request to a server somewhere else.
public struct HTTPRequest: Sendable {
    public var method: String
    /// `http://` or `https://`
    public var url: String
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]
    /// Milliseconds for the whole exchange.
    public var timeout: Int
    /// Bytes of the response's body; more ends the exchange with an error.
    public var responseLimit: Int

    public init(
        _ method: String = "GET", _ url: String, headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        timeout: Int = 15_000, responseLimit: Int = 1_048_576
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
        self.responseLimit = responseLimit
    }
}

public struct HTTPResponse: Sendable {
    public var status: Int
    /// In the order received; of redirects and interim responses only the last one's.
    public var headers: [(name: String, value: String)]
    public var body: [UInt8]

    /// The value of a header, whatever the case of its name.
    public func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// Why there is no response.
public struct HTTPClientError: Error, Sendable, CustomStringConvertible {
    public enum Kind: Sendable {
        case invalidRequest, refusedAddress, unreachable, timedOut, tooLarge, insecure, stopped
    }

    public var kind: Kind
    public var description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
