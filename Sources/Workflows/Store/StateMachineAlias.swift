public import Core
import Storage

/// A name for one or two versions of a state machine.
public struct StateMachineAlias: Sendable, Equatable {
    public struct Route: Sendable, Equatable {
        public var versionARN: String
        /// Percent; the weights of an alias add up to 100.
        public var weight: Int64

        public init(versionARN: String, weight: Int64) {
            self.versionARN = versionARN
            self.weight = weight
        }
    }

    public var arn: String
    public var machineARN: String
    public var name: String
    public var description: String?
    public var routing: [Route]
    public var createdAt: Timestamp
    public var updatedAt: Timestamp

    /// The version for an execution, drawn by weight.
    func route(draw: UInt64) -> String? {
        var left = Int64(draw % 100)
        for route in routing {
            if left < route.weight { return route.versionARN }
            left -= route.weight
        }
        return routing.last?.versionARN
    }
}

extension StateMachineAlias {
    private static let columns = "arn, machine, name, description, routing, created_at, updated_at"

    private init(_ row: Row) throws {
        let routing = try JSON(parsing: try row.text(4)).arrayValue ?? []
        self.init(
            arn: try row.text(0), machineARN: try row.text(1), name: try row.text(2),
            description: try row.textOrNil(3),
            routing: routing.map {
                Route(versionARN: $0["version"]?.stringValue ?? "", weight: $0["weight"]?.intValue ?? 0)
            }, createdAt: try row.time(5), updatedAt: try row.time(6))
    }

    private var storedRouting: String {
        JSON.array(routing.map { ["version": .string($0.versionARN), "weight": .int($0.weight)] }).text()
    }

    static func find(_ arn: String, in transaction: Transaction) throws -> StateMachineAlias? {
        try transaction.first("SELECT \(columns) FROM workflows_aliases WHERE arn = $1", .text(arn)).map {
            try StateMachineAlias($0)
        }
    }

    static func all(
        of machine: String, after name: String = "", limit: Int = 1000, in transaction: Transaction
    ) throws -> [StateMachineAlias] {
        try transaction.query(
            "SELECT \(columns) FROM workflows_aliases WHERE machine = $1 AND name > $2 ORDER BY name LIMIT $3",
            .text(machine), .text(name), .int(limit)
        ).map { try StateMachineAlias($0) }
    }

    func insert(in transaction: Transaction) throws {
        try transaction.execute(
            "INSERT INTO workflows_aliases (\(Self.columns)) VALUES ($1, $2, $3, $4, $5, $6, $7)", .text(arn),
            .text(machineARN), .text(name), .optional(description), .text(storedRouting), .time(createdAt),
            .time(updatedAt))
    }

    func update(in transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE workflows_aliases SET description = $2, routing = $3, updated_at = $4 WHERE arn = $1", .text(arn),
            .optional(description), .text(storedRouting), .time(updatedAt))
    }
}
