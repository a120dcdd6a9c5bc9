public import Core
public import Storage

extension FunctionStore {
    /// Publishes a layer as its next version; numbers are never used again. The record's own number is ignored.
    public func publishLayer(_ layer: LayerVersionRecord, in transaction: Transaction) throws -> LayerVersionRecord {
        let last = try transaction.first(
            "SELECT MAX(version) AS last FROM functions_layers WHERE account = $1 AND region = $2 AND name = $3",
            .text(layer.scope.account), .text(layer.scope.region), .text(layer.name)
        )?.intOrNil("last")
        var published = layer
        published.version = (last ?? 0) + 1
        try transaction.execute(
            """
            INSERT INTO functions_layers (account, region, name, version, created_at, is_deleted, document)
            VALUES ($1, $2, $3, $4, $5, 0, $6)
            """,
            .text(layer.scope.account), .text(layer.scope.region), .text(layer.name), .int(published.version),
            .time(layer.createdAt), .text(Self.document(published).text()))
        return published
    }

    public func layer(
        _ name: String, version: Int, _ scope: Scope, in transaction: Transaction
    ) throws -> LayerVersionRecord? {
        try transaction.first(
            """
            SELECT * FROM functions_layers
            WHERE account = $1 AND region = $2 AND name = $3 AND version = $4 AND is_deleted = 0
            """, .text(scope.account), .text(scope.region), .text(name), .int(version)
        ).map(Self.layer)
    }

    /// By number, newest first, those before `before`.
    public func layerVersions(
        of name: String, _ scope: Scope, before: Int = .max, limit: Int, in transaction: Transaction
    ) throws -> [LayerVersionRecord] {
        try transaction.query(
            """
            SELECT * FROM functions_layers
            WHERE account = $1 AND region = $2 AND name = $3 AND version < $4 AND is_deleted = 0
            ORDER BY version DESC LIMIT $5
            """, .text(scope.account), .text(scope.region), .text(name), .int(before), .int(limit)
        ).map(Self.layer)
    }

    /// Every version of every scope.
    public func allLayers(in transaction: Transaction) throws -> [LayerVersionRecord] {
        try transaction.query("SELECT * FROM functions_layers WHERE is_deleted = 0").map(Self.layer)
    }

    /// The newest version of each layer by name, those after `after`.
    public func layers(
        _ scope: Scope, after: String = "", limit: Int, in transaction: Transaction
    ) throws -> [LayerVersionRecord] {
        try transaction.query(
            """
            SELECT * FROM functions_layers AS layer
            WHERE account = $1 AND region = $2 AND name > $3 AND is_deleted = 0 AND version = (
                SELECT MAX(version) FROM functions_layers AS other
                WHERE other.account = layer.account AND other.region = layer.region AND other.name = layer.name
                    AND other.is_deleted = 0)
            ORDER BY name LIMIT $4
            """, .text(scope.account), .text(scope.region), .text(after), .int(limit)
        ).map(Self.layer)
    }

    /// The row stays, so that its number is not given out again. Deleting what is not there succeeds, as in Lambda.
    public func deleteLayer(_ name: String, version: Int, _ scope: Scope, in transaction: Transaction) throws {
        try transaction.execute(
            """
            UPDATE functions_layers SET is_deleted = 1
            WHERE account = $1 AND region = $2 AND name = $3 AND version = $4
            """, .text(scope.account), .text(scope.region), .text(name), .int(version))
    }

    /// The layers that a function's configuration names by ARN, in its order.
    public func layers(named arns: [String], in transaction: Transaction) throws -> [LayerVersionRecord] {
        try arns.map { text in
            let parts = ARN(text)?.resource.split(separator: ":") ?? []
            guard let arn = ARN(text), parts.count == 3, parts[0] == "layer", let version = Int(parts[2]) else {
                throw RegistryError(.invalidParameterValue, "\(text) is not the ARN of a layer version")
            }
            let scope = Scope(account: arn.account, region: arn.region)
            guard let layer = try layer(String(parts[1]), version: version, scope, in: transaction) else {
                throw RegistryError(.invalidParameterValue, "Layer version \(text) does not exist.")
            }
            return layer
        }
    }

    private static func document(_ layer: LayerVersionRecord) -> JSON {
        [
            "summary": .string(layer.summary), "license": .string(layer.licenseInfo),
            "runtimes": .array(layer.compatibleRuntimes.map(JSON.string)),
            "architectures": .array(layer.compatibleArchitectures.map(JSON.string)),
            "directory": .string(layer.code.directory), "sha256": .string(layer.code.sha256),
            "size": JSON(layer.code.size),
        ]
    }

    private static func layer(_ row: Row) throws -> LayerVersionRecord {
        let document = try StoredJSON(row.text("document"), "functions_layers")
        return LayerVersionRecord(
            scope: Scope(account: try row.text("account"), region: try row.text("region")),
            name: try row.text("name"), version: try row.int("version"), summary: try document.text("summary"),
            licenseInfo: try document.text("license"), compatibleRuntimes: document.list("runtimes"),
            compatibleArchitectures: document.list("architectures"),
            code: FunctionCode(
                directory: try document.text("directory"), sha256: try document.text("sha256"),
                size: try document.integer("size")), createdAt: try row.time("created_at"))
    }
}
