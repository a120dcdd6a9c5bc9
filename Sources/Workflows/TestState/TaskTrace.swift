import Synchronization

/// Gathers what a task that is tested exchanges with its service.
public final class TaskTrace: Sendable {
    /// A request and its response, as `inspectionData` shows them.
    public struct HTTPExchange: Sendable, Equatable {
        public var `protocol`: String
        public var method: String
        public var url: String
        /// `[name: value, …]`
        public var headers: String
        public var body: String?
        public var response: Response?

        public init(protocol name: String, method: String, url: String, headers: String, body: String?) {
            `protocol` = name
            self.method = method
            self.url = url
            self.headers = headers
            self.body = body
        }
    }

    public struct Response: Sendable, Equatable {
        public var statusCode: Int
        public var statusMessage: String
        /// `[name: value, …]`
        public var headers: String
        public var body: String

        public init(statusCode: Int, statusMessage: String, headers: String, body: String) {
            self.statusCode = statusCode
            self.statusMessage = statusMessage
            self.headers = headers
            self.body = body
        }
    }

    /// Whether what is secret may be shown.
    public let revealsSecrets: Bool
    private let exchange = Mutex<HTTPExchange?>(nil)

    public init(revealsSecrets: Bool) { self.revealsSecrets = revealsSecrets }

    public func record(_ recorded: HTTPExchange) { exchange.withLock { $0 = recorded } }

    public func record(_ response: Response) { exchange.withLock { $0?.response = response } }

    public var recorded: HTTPExchange? { exchange.withLock { $0 } }
}
