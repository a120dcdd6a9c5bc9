import Core
public import OutgoingHTTP
import Storage
import Synchronization

/// The tokens of connections with OAuth client credentials, fetched when they are needed and kept for their time.
public final class ConnectionTokens: Sendable {
    private struct Token: Sendable {
        var text: String
        var connectionChanged: Timestamp
        var expiresAt: Timestamp
    }

    private let buses: BusService
    private let http: HTTPClient
    private let tokens = Mutex<[String: Token]>([:])

    public init(_ buses: BusService, http: HTTPClient) {
        self.buses = buses
        self.http = http
    }

    /// The token of a connection; nil for the kinds that need none.
    ///
    /// - Throws: ``HTTPClientError`` when the authorization endpoint gives none.
    public func token(of connection: EventEndpoint) async throws -> String? {
        guard let parameters = connection.definition["AuthParameters"]?["OAuthParameters"] else { return nil }
        let now = buses.clock.now
        let known = tokens.withLock { $0[connection.arn] }
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
        tokens.withLock { $0[connection.arn] = token }
        if connection.state != "AUTHORIZED" { _ = try await mark(connection, "AUTHORIZED", nil) }
        return text
    }

    /// Has the next request fetch a token anew: the service did not take this one.
    public func forget(_ connection: EventEndpoint) { tokens.withLock { $0[connection.arn] = nil } }

    /// How long a connection is being authorized at least, in milliseconds.
    private static let authorizationTime: Int64 = 250

    /// The connection as it is once its authorization endpoint has been asked for a token, which is done here for
    /// those that nothing has used yet.
    public func settled(_ connection: EventEndpoint) async throws -> EventEndpoint {
        guard connection.state == "AUTHORIZING",
            buses.clock.now.milliseconds(since: connection.updatedAt) >= Self.authorizationTime
        else { return connection }
        do {
            _ = try await token(of: connection)
            return try await mark(connection, "AUTHORIZED", nil)
        } catch let error as HTTPClientError {
            return try await mark(connection, "DEAUTHORIZED", String(describing: error))
        }
    }

    private func mark(_ connection: EventEndpoint, _ state: String, _ reason: String?) async throws -> EventEndpoint {
        let (store, now) = (buses.store, buses.clock.now)
        return try await buses.database.write { transaction in
            guard var current = try store.endpoint(.connection, connection.name, connection.scope, in: transaction),
                current.arn == connection.arn, current.updatedAt == connection.updatedAt
            else { return connection }
            current.state = state
            current.definition["StateReason"] = reason.map(JSON.string)
            if state == "AUTHORIZED" { current.authorizedAt = now }
            try store.put(current, in: transaction)
            return current
        }
    }
}
