import Core
import Metering
public import OutgoingHTTP
public import Storage
import Synchronization

/// API destinations as targets: an HTTP request with the credentials of a connection.
///
/// 2xx is success; 401, 407, 409, 429 and 5xx are tried again, as is what cannot be reached; every other answer ends the
/// delivery, as AWS has it.
public final class APIDestinationTarget: DeliveryTarget {
    private let buses: BusService
    private let http: HTTPClient
    private let tokens: ConnectionTokens
    /// How often each destination was called within the last second.
    private let calls = Mutex<[String: (second: Int64, count: Int)]>([:])

    public init(_ buses: BusService, http: HTTPClient, tokens: ConnectionTokens) {
        self.buses = buses
        self.http = http
        self.tokens = tokens
    }

    public func deliver(_ delivery: Delivery) async -> DeliveryOutcome {
        let endpoints: (EventEndpoint?, EventEndpoint?)
        do {
            let buses = buses
            endpoints = try await buses.database.read { transaction in
                let destination = try buses.endpoint(arn: delivery.target, in: transaction)
                let arn = destination?.definition["ConnectionArn"]?.stringValue
                return (destination, try arn.flatMap { try buses.endpoint(arn: $0, in: transaction) })
            }
        } catch {
            return DeliveryOutcome(.throttled, error: ("ServiceUnavailable", String(describing: error)))
        }
        guard let destination = endpoints.0 else {
            return .rejected("RESOURCE_NOT_FOUND", "The API destination \(delivery.target) does not exist.")
        }
        guard let connection = endpoints.1 else {
            return .rejected("RESOURCE_NOT_FOUND", "The connection of the API destination does not exist.")
        }
        guard takeSlot(destination) else {
            return DeliveryOutcome(.throttled, error: ("RATE_LIMIT", "The destination's rate limit is reached."))
        }
        return await call(destination, connection, delivery)
    }

    /// Whether the destination's rate limit leaves room in this second.
    private func takeSlot(_ destination: EventEndpoint) -> Bool {
        let limit = Int(destination.definition["InvocationRateLimitPerSecond"]?.intValue ?? 300)
        let second = buses.clock.now.milliseconds / 1000
        return calls.withLock { calls in
            var current = calls[destination.arn] ?? (second, 0)
            if current.second != second { current = (second, 0) }
            guard current.count < limit else { return false }
            current.count += 1
            calls[destination.arn] = current
            return true
        }
    }

    private func call(
        _ destination: EventEndpoint, _ connection: EventEndpoint, _ delivery: Delivery
    ) async -> DeliveryOutcome {
        do {
            let token = try await tokens.token(of: connection)
            let request = APIDestinationRequest(destination, connection, delivery, token: token).request
            let response = try await http.send(request)
            if response.status == 401 { tokens.forget(connection) }
            return outcome(of: response, destination)
        } catch let error as HTTPClientError where error.kind == .refusedAddress || error.kind == .invalidRequest {
            return .rejected("INVALID_ENDPOINT", error.description)
        } catch {
            return DeliveryOutcome(.failed, error: ("CONNECTION_FAILURE", String(describing: error)))
        }
    }

    private func outcome(of response: HTTPResponse, _ destination: EventEndpoint) -> DeliveryOutcome {
        let (meter, now) = (buses.meter, buses.clock.now)
        let record: @Sendable (Transaction) throws -> Void = { transaction in
            meter.record(.apiDestination(destination.arn, in: destination.scope, at: now), in: transaction)
        }
        let message = "The destination answered with status \(response.status)."
        switch response.status {
        case 200..<300: return DeliveryOutcome(.done, response: response.body, record: record)
        case 401, 407, 409, 429, 500...:
            return DeliveryOutcome(.failed, error: ("SDK_CLIENT_ERROR", message), record: record)
        default: return DeliveryOutcome(.rejected, error: ("SDK_CLIENT_ERROR", message), record: record)
        }
    }
}

/// The targets whose ARNs belong to EventBridge: buses and API destinations.
public struct EventsTarget: TransactionalTarget {
    private let buses: BusTarget
    private let destinations: APIDestinationTarget

    public init(_ buses: BusService, http: HTTPClient, tokens: ConnectionTokens) {
        self.buses = BusTarget(buses)
        destinations = APIDestinationTarget(buses, http: http, tokens: tokens)
    }

    public func accept(_ delivery: NewDelivery, in transaction: Transaction) throws -> DeliveryOutcome {
        guard EventEndpoint.place(in: delivery.target) == nil else { return DeliveryOutcome(.throttled) }
        return try buses.accept(delivery, in: transaction)
    }

    public func deliver(_ delivery: Delivery) async -> DeliveryOutcome {
        EventEndpoint.place(in: delivery.target) == nil
            ? await buses.deliver(delivery) : await destinations.deliver(delivery)
    }
}
