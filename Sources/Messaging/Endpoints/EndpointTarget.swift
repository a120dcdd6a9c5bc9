import Core
import Events
import OutgoingHTTP

/// Adds to a request what must not be kept with the delivery, such as credentials.
public protocol EndpointAuthorization: Sendable {
    /// - Throws: ``HTTPClientError`` or any other error; the attempt then counts as failed.
    func authorize(_ request: inout HTTPRequest, for delivery: Delivery) async throws
}

/// A server on the web as the target of deliveries: topics' subscribers, API destinations, webhooks.
///
/// The delivery's payload is the body. Its context may hold `method` (`POST`), `headers` (an object of texts) and
/// `timeout` in milliseconds (15,000). An answer of 2xx ends the delivery; 429 counts as throttling, other answers
/// of 4xx as final refusals; everything else is tried again as the retry policy says.
public struct EndpointTarget: DeliveryTarget {
    private let client: HTTPClient
    private let authorization: (any EndpointAuthorization)?

    public init(_ client: HTTPClient, authorization: (any EndpointAuthorization)? = nil) {
        self.client = client
        self.authorization = authorization
    }

    /// Requests to one address at a time.
    public func concurrency(of target: String) -> Int { 16 }

    public func deliver(_ delivery: Delivery) async -> DeliveryOutcome {
        guard let url = EndpointAddress.url(of: delivery.target) else {
            return .rejected("InvalidTarget", "\(delivery.target) is no address of a web server.")
        }
        do {
            var request = Self.request(url, delivery)
            try await authorization?.authorize(&request, for: delivery)
            return Self.outcome(try await client.send(request))
        } catch let error as HTTPClientError {
            return Self.outcome(error)
        } catch {
            return DeliveryOutcome(.failed, error: ("Unauthorized", String(describing: error)))
        }
    }

    private static func request(_ url: String, _ delivery: Delivery) -> HTTPRequest {
        var headers = (delivery.context["headers"]?.objectValue ?? [:]).compactMap { name, value in
            value.stringValue.map { (name: name, value: $0) }
        }
        // Without a value the client sends none of its own.
        if !headers.contains(where: { $0.name.lowercased() == "accept" }) { headers.append(("Accept", "")) }
        return HTTPRequest(
            delivery.context["method"]?.stringValue ?? "POST", url, headers: headers, body: delivery.payload,
            timeout: Int(delivery.context["timeout"]?.intValue ?? 15_000))
    }

    static func outcome(_ response: HTTPResponse) -> DeliveryOutcome {
        let result: DeliveryOutcome.Result =
            switch response.status {
            case 200..<300: .done
            case 429: .throttled
            case 400..<500: .rejected
            default: .failed
            }
        return DeliveryOutcome(
            result, response: response.body,
            error: result == .done ? nil : ("HTTP \(response.status)", "The server answered \(response.status)."),
            responseContext: ["statusCode": JSON(response.status)])
    }

    private static func outcome(_ error: HTTPClientError) -> DeliveryOutcome {
        switch error.kind {
        case .invalidRequest, .refusedAddress: .rejected("InvalidRequest", error.description)
        case .stopped: DeliveryOutcome(.throttled, error: ("Stopped", error.description))
        default: DeliveryOutcome(.failed, error: ("Unreachable", error.description))
        }
    }
}
