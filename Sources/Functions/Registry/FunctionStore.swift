public import Core
public import Storage

/// Functions, their versions, aliases and layers in the database. Every function works within the caller's transaction.
public struct FunctionStore: Sendable {
    public init() {}

    public static let schema = [
        Migration(
            "functions", 1,
            [
                """
                CREATE TABLE functions_functions (
                    account TEXT NOT NULL,
                    region TEXT NOT NULL,
                    name TEXT NOT NULL,
                    created_at BIGINT NOT NULL,
                    reserved_concurrency BIGINT,
                    published BIGINT NOT NULL,
                    tags TEXT NOT NULL,
                    PRIMARY KEY (account, region, name)
                )
                """,
                """
                CREATE TABLE functions_versions (
                    account TEXT NOT NULL,
                    region TEXT NOT NULL,
                    name TEXT NOT NULL,
                    version TEXT NOT NULL,
                    number BIGINT NOT NULL,
                    modified_at BIGINT NOT NULL,
                    revision TEXT NOT NULL,
                    document TEXT NOT NULL,
                    PRIMARY KEY (account, region, name, number)
                )
                """,
                """
                CREATE TABLE functions_aliases (
                    account TEXT NOT NULL,
                    region TEXT NOT NULL,
                    name TEXT NOT NULL,
                    alias TEXT NOT NULL,
                    version TEXT NOT NULL,
                    summary TEXT NOT NULL,
                    weights TEXT NOT NULL,
                    revision TEXT NOT NULL,
                    PRIMARY KEY (account, region, name, alias)
                )
                """,
                """
                CREATE TABLE functions_settings (
                    account TEXT NOT NULL,
                    region TEXT NOT NULL,
                    name TEXT NOT NULL,
                    kind TEXT NOT NULL,
                    qualifier TEXT NOT NULL,
                    document TEXT NOT NULL,
                    PRIMARY KEY (account, region, name, kind, qualifier)
                )
                """,
                """
                CREATE TABLE functions_layers (
                    account TEXT NOT NULL,
                    region TEXT NOT NULL,
                    name TEXT NOT NULL,
                    version BIGINT NOT NULL,
                    created_at BIGINT NOT NULL,
                    is_deleted BIGINT NOT NULL,
                    document TEXT NOT NULL,
                    PRIMARY KEY (account, region, name, version)
                )
                """,
            ])
    ]

    // MARK: Functions

    /// Creates a function with its `$LATEST`.
    public func create(
        _ version: FunctionVersionRecord, tags: [String: String] = [:], in transaction: Transaction
    ) throws {
        let reference = version.reference
        let inserted = try transaction.execute(
            """
            INSERT INTO functions_functions (account, region, name, created_at, published, tags)
            VALUES ($1, $2, $3, $4, 0, $5) ON CONFLICT (account, region, name) DO NOTHING
            """,
            .text(reference.scope.account), .text(reference.scope.region), .text(reference.functionName),
            .time(version.modifiedAt), .text(Self.document(tags)))
        guard inserted == 1 else {
            throw RegistryError(.resourceConflict, "Function already exist: \(reference.functionName)")
        }
        try put(version, number: 0, in: transaction)
    }

    public func function(_ name: String, _ scope: Scope, in transaction: Transaction) throws -> FunctionRecord? {
        try transaction.first(
            """
            SELECT * FROM functions_functions WHERE account = $1 AND region = $2 AND name = $3
            """, .text(scope.account), .text(scope.region), .text(name)
        ).map(Self.function)
    }

    /// The `$LATEST` of every function of the scope by name, those after `after`.
    public func functions(
        _ scope: Scope, after: String = "", limit: Int, in transaction: Transaction
    ) throws -> [FunctionVersionRecord] {
        try transaction.query(
            """
            SELECT * FROM functions_versions
            WHERE account = $1 AND region = $2 AND number = 0 AND name > $3 ORDER BY name LIMIT $4
            """, .text(scope.account), .text(scope.region), .text(after), .int(limit)
        ).map(FunctionVersionRecord.init)
    }

    /// Every version of every scope, in order: what a host loads when it starts.
    public func everything(in transaction: Transaction) throws -> [FunctionVersionRecord] {
        try transaction.query("SELECT * FROM functions_versions ORDER BY account, region, name, number")
            .map(FunctionVersionRecord.init)
    }

    /// Deletes a function with everything that belongs to it.
    public func delete(_ name: String, _ scope: Scope, in transaction: Transaction) throws {
        let deleted = try transaction.execute(
            "DELETE FROM functions_functions WHERE account = $1 AND region = $2 AND name = $3",
            .text(scope.account), .text(scope.region), .text(name))
        guard deleted == 1 else {
            throw RegistryError.functionNotFound(FunctionVersionReference(scope: scope, functionName: name))
        }
        for table in ["functions_versions", "functions_aliases", "functions_settings"] {
            try transaction.execute(
                "DELETE FROM \(table) WHERE account = $1 AND region = $2 AND name = $3",
                .text(scope.account), .text(scope.region), .text(name))
        }
    }

    public func setReservedConcurrency(
        _ concurrency: Int?, of name: String, _ scope: Scope, in transaction: Transaction
    ) throws {
        try update("reserved_concurrency", .int(concurrency), of: name, scope, in: transaction)
    }

    public func setTags(_ tags: [String: String], of name: String, _ scope: Scope, in transaction: Transaction) throws {
        try update("tags", .text(Self.document(tags)), of: name, scope, in: transaction)
    }

    private func update(
        _ column: String, _ value: SQLValue, of name: String, _ scope: Scope, in transaction: Transaction
    ) throws {
        let updated = try transaction.execute(
            "UPDATE functions_functions SET \(column) = $4 WHERE account = $1 AND region = $2 AND name = $3",
            .text(scope.account), .text(scope.region), .text(name), value)
        guard updated == 1 else {
            throw RegistryError.functionNotFound(FunctionVersionReference(scope: scope, functionName: name))
        }
    }

    private static func function(_ row: Row) throws -> FunctionRecord {
        FunctionRecord(
            scope: Scope(account: try row.text("account"), region: try row.text("region")),
            name: try row.text("name"), createdAt: try row.time("created_at"),
            reservedConcurrency: try row.intOrNil("reserved_concurrency"), tags: try texts(row.text("tags")),
            publishedVersions: try row.int("published"))
    }

    static func document(_ texts: [String: String]) -> String {
        JSON.object(JSONObject(texts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })).text()
    }

    private static func texts(_ text: String) throws -> [String: String] {
        var texts: [String: String] = [:]
        for (key, value) in try JSON(parsing: text).objectValue ?? JSONObject() { texts[key] = value.stringValue }
        return texts
    }
}
