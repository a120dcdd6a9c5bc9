import Core
import Storage

extension BusStore {
    func put(_ endpoint: EventEndpoint, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO event_endpoints (account, region, kind, name, suffix, state, definition, created_at,
                updated_at, authorized_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
            ON CONFLICT (account, region, kind, name) DO UPDATE SET
                state = $6, definition = $7, updated_at = $9, authorized_at = $10
            """,
            .text(endpoint.scope.account), .text(endpoint.scope.region), .text(endpoint.kind.rawValue),
            .text(endpoint.name), .text(endpoint.suffix), .text(endpoint.state),
            .text(JSON.object(endpoint.definition).text()), .time(endpoint.createdAt), .time(endpoint.updatedAt),
            .time(endpoint.authorizedAt))
    }

    func delete(_ endpoint: EventEndpoint, in transaction: Transaction) throws {
        try transaction.execute(
            "DELETE FROM event_endpoints WHERE account = $1 AND region = $2 AND kind = $3 AND name = $4",
            .text(endpoint.scope.account), .text(endpoint.scope.region), .text(endpoint.kind.rawValue),
            .text(endpoint.name))
    }

    func endpoint(
        _ kind: EventEndpoint.Kind, _ name: String, _ scope: Scope, in transaction: Transaction
    ) throws -> EventEndpoint? {
        try transaction.first(
            Self.selectEndpoints + " WHERE account = $1 AND region = $2 AND kind = $3 AND name = $4",
            .text(scope.account), .text(scope.region), .text(kind.rawValue), .text(name)
        ).map(Self.endpoint)
    }

    func endpoints(
        _ kind: EventEndpoint.Kind, _ scope: Scope, namePrefix: String, after: String, limit: Int,
        in transaction: Transaction
    ) throws -> [EventEndpoint] {
        try transaction.query(
            Self.selectEndpoints
                + """
                 WHERE account = $1 AND region = $2 AND kind = $3 AND name > $4 AND substr(name, 1, $5) = $6
                ORDER BY name LIMIT $7
                """,
            .text(scope.account), .text(scope.region), .text(kind.rawValue), .text(after),
            .int(namePrefix.unicodeScalars.count), .text(namePrefix), .int(limit)
        ).map(Self.endpoint)
    }

    private static let selectEndpoints = """
        SELECT kind, account, region, name, suffix, state, definition, created_at, updated_at, authorized_at
        FROM event_endpoints
        """

    private static func endpoint(_ row: Row) throws -> EventEndpoint {
        var endpoint = EventEndpoint(
            EventEndpoint.Kind(rawValue: try row.text(0)) ?? .connection,
            Scope(account: try row.text(1), region: try row.text(2)), name: try row.text(3), suffix: try row.text(4),
            state: try row.text(5), definition: (try? JSON(parsing: try row.text(6)))?.objectValue ?? [:],
            at: try row.time(7))
        endpoint.updatedAt = try row.time(8)
        endpoint.authorizedAt = try row.timeOrNil(9)
        return endpoint
    }
}
