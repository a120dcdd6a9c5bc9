public import Core
public import Storage

extension FunctionStore {
    public func createAlias(_ alias: AliasRecord, in transaction: Transaction) throws {
        try check(alias, in: transaction)
        let inserted = try write(alias, "DO NOTHING", in: transaction)
        guard inserted == 1 else {
            throw RegistryError(.resourceConflict, "Alias already exists: \(alias.arn)")
        }
    }

    public func alias(
        _ alias: String, of name: String, _ scope: Scope, in transaction: Transaction
    ) throws -> AliasRecord? {
        try transaction.first(
            """
            SELECT * FROM functions_aliases WHERE account = $1 AND region = $2 AND name = $3 AND alias = $4
            """, .text(scope.account), .text(scope.region), .text(name), .text(alias)
        ).map(Self.alias)
    }

    /// By name, those after `after`; only those that name the version, when one is given.
    public func aliases(
        of name: String, _ scope: Scope, version: String? = nil, after: String = "", limit: Int,
        in transaction: Transaction
    ) throws -> [AliasRecord] {
        try transaction.query(
            """
            SELECT * FROM functions_aliases
            WHERE account = $1 AND region = $2 AND name = $3 AND alias > $4 AND ($5 = '' OR version = $5)
            ORDER BY alias LIMIT $6
            """, .text(scope.account), .text(scope.region), .text(name), .text(after), .text(version ?? ""),
            .int(limit)
        ).map(Self.alias)
    }

    public func updateAlias(
        _ alias: String, of name: String, _ scope: Scope, expectedRevision: String? = nil, newRevision: String,
        in transaction: Transaction, _ change: (inout AliasRecord) throws -> Void
    ) throws -> AliasRecord {
        guard var record = try self.alias(alias, of: name, scope, in: transaction) else {
            throw RegistryError(
                .resourceNotFound, "Alias not found: \(scope.arn("lambda", "function:\(name):\(alias)"))")
        }
        if let expectedRevision, expectedRevision != record.revisionID { throw RegistryError.revisionMismatch }
        try change(&record)
        record.revisionID = newRevision
        try check(record, in: transaction)
        _ = try write(
            record,
            """
            DO UPDATE SET version = excluded.version, summary = excluded.summary, weights = excluded.weights,
                revision = excluded.revision
            """, in: transaction)
        return record
    }

    /// Deleting an alias that is not there succeeds, as in Lambda.
    public func deleteAlias(_ alias: String, of name: String, _ scope: Scope, in transaction: Transaction) throws {
        try transaction.execute(
            "DELETE FROM functions_aliases WHERE account = $1 AND region = $2 AND name = $3 AND alias = $4",
            .text(scope.account), .text(scope.region), .text(name), .text(alias))
        try transaction.execute(
            "DELETE FROM functions_settings WHERE account = $1 AND region = $2 AND name = $3 AND qualifier = $4",
            .text(scope.account), .text(scope.region), .text(name), .text(alias))
    }

    /// The version that a qualifier means: itself, or the one to which an alias sends this invocation.
    ///
    /// - Parameters:
    ///   - qualifier: `$LATEST`, a number, an alias, or nil for `$LATEST`.
    ///   - point: a random number from 0 up to 1, for aliases that share between versions.
    public func resolve(
        _ name: String, qualifier: String?, _ scope: Scope, point: Double, in transaction: Transaction
    ) throws -> FunctionVersionRecord {
        let qualifier = qualifier ?? FunctionVersionReference.latest
        var reference = FunctionVersionReference(scope: scope, functionName: name, version: qualifier)
        if Self.number(of: qualifier) == nil {
            guard let alias = try alias(qualifier, of: name, scope, in: transaction) else {
                throw RegistryError.functionNotFound(reference)
            }
            reference.version = alias.version(at: point)
        }
        guard let record = try version(reference, in: transaction) else {
            throw RegistryError.functionNotFound(
                FunctionVersionReference(scope: scope, functionName: name, version: qualifier))
        }
        return record
    }

    private func check(_ alias: AliasRecord, in transaction: Transaction) throws {
        guard alias.additionalVersionWeights.count <= 1 else {
            throw RegistryError(
                .invalidParameterValue, "Number of items in AdditionalVersionWeights cannot be greater than 1")
        }
        for (version, weight) in alias.additionalVersionWeights {
            guard (0...1).contains(weight) else {
                throw RegistryError(
                    .invalidParameterValue, "The weight of version \(version) is \(weight); it must be from 0 to 1")
            }
            guard version != alias.version, version != FunctionVersionReference.latest,
                alias.version != FunctionVersionReference.latest
            else {
                throw RegistryError(
                    .invalidParameterValue,
                    "Invalid function version \(version). The versions of a routing configuration are two different "
                        + "published ones")
            }
        }
        for version in [alias.version] + alias.additionalVersionWeights.keys {
            let reference = FunctionVersionReference(
                scope: alias.scope, functionName: alias.functionName, version: version)
            guard try self.version(reference, in: transaction) != nil else {
                throw RegistryError.functionNotFound(reference)
            }
        }
    }

    private func write(_ alias: AliasRecord, _ onConflict: String, in transaction: Transaction) throws -> Int {
        let weights = alias.additionalVersionWeights.sorted { $0.key < $1.key }.map { ($0.key, JSON($0.value)) }
        return try transaction.execute(
            """
            INSERT INTO functions_aliases (account, region, name, alias, version, summary, weights, revision)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (account, region, name, alias) \(onConflict)
            """,
            .text(alias.scope.account), .text(alias.scope.region), .text(alias.functionName), .text(alias.name),
            .text(alias.version), .text(alias.summary), .text(JSON.object(JSONObject(weights)).text()),
            .text(alias.revisionID))
    }

    private static func alias(_ row: Row) throws -> AliasRecord {
        var weights: [String: Double] = [:]
        for (version, weight) in try JSON(parsing: row.text("weights")).objectValue ?? JSONObject() {
            weights[version] = weight.doubleValue
        }
        return AliasRecord(
            scope: Scope(account: try row.text("account"), region: try row.text("region")),
            functionName: try row.text("name"), name: try row.text("alias"), version: try row.text("version"),
            summary: try row.text("summary"), additionalVersionWeights: weights, revisionID: try row.text("revision"))
    }
}
