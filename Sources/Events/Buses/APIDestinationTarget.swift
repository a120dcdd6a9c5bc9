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
    private struct Token: Sendable {
        var text: String
        var connectionChanged: Timestamp
        var expiresAt: Timestamp
    }

    /// When each destination was called within the last second.
    private struct State {
        var tokens: [String: Token] = [:]
        var calls: [String: (second: Int64, count: Int)] = [:]
    }

    private let buses: BusService
    private let http: HTTPClient
    private let state = Mutex(State())

    public init(_ buses: BusService, http: HTTPClient) {
        self.buses = buses
        self.http = http
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
        return state.withLock { state in
            var calls = state.calls[destination.arn] ?? (second, 0)
            if calls.second != second { calls = (second, 0) }
            guard calls.count < limit else { return false }
            calls.count += 1
            state.calls[destination.arn] = calls
            return true
        }
    }

    private func call(
        _ destination: EventEndpoint, _ connection: EventEndpoint, _ delivery: Delivery
    ) async -> DeliveryOutcome {
        do {
            let token = try await token(of: connection)
            let request = APIDestinationRequest(destination, connection, delivery, token: token).request
            let response = try await http.send(request)
            if response.status == 401 { state.withLock { $0.tokens[connection.arn] = nil } }
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

    // MARK: Tokens

    /// The token of a connection with OAuth client credentials; nil for the other kinds.
    private func token(of connection: EventEndpoint) async throws -> String? {
        guard let parameters = connection.definition["AuthParameters"]?["OAuthParameters"] else { return nil }
        let now = buses.clock.now
        let known = state.withLock { $0.tokens[connection.arn] }
        if let known, known.expiresAt > now, known.connectionChanged == connection.updatedAt { return known.text }
        let response = try await http.send(OAuthRequest(parameters).request)
        let answer = try? JSON(parsing: response.body)
        guard (200..<300).contains(response.status), let text = answer?["access_token"]?.stringValue else {
            throw HTTPClientError(
                .unreachable, "the authorization endpoint answered with status \(response.status) and no access_token")
        }
        let seconds = answer?["expires_in"]?.intValue ?? 300
        let token = Token(
            text: text, connectionChanged: connection.updatedAt,
            expiresAt: now.adding(milliseconds: max(seconds - 30, 10) * 1000))
        state.withLock { $0.tokens[connection.arn] = token }
        if connection.state != "AUTHORIZED" { try await markAuthorized(connection) }
        return text
    }

    private func markAuthorized(_ connection: EventEndpoint) async throws {
        let (store, now) = (buses.store, buses.clock.now)
        try await buses.database.write { transaction in
            guard var current = try store.endpoint(.connection, connection.name, connection.scope, in: transaction),
                current.arn == connection.arn
            else { return }
            current.state = "AUTHORIZED"
            current.authorizedAt = now
            try store.put(current, in: transaction)
        }
    }
}

/// The targets whose ARNs belong to EventBridge: buses and API destinations.
public struct EventsTarget: TransactionalTarget {
    private let buses: BusTarget
    private let destinations: APIDestinationTarget

    public init(_ buses: BusService, http: HTTPClient) {
        self.buses = BusTarget(buses)
        destinations = APIDestinationTarget(buses, http: http)
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
