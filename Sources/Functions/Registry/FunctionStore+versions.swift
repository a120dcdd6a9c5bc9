public import Core
public import Storage

extension FunctionStore {
    public func version(
        _ reference: FunctionVersionReference, in transaction: Transaction
    ) throws -> FunctionVersionRecord? {
        guard let number = Self.number(of: reference.version) else { return nil }
        return try transaction.first(
            """
            SELECT * FROM functions_versions WHERE account = $1 AND region = $2 AND name = $3 AND number = $4
            """, .text(reference.scope.account), .text(reference.scope.region), .text(reference.functionName),
            .int(number)
        ).map(FunctionVersionRecord.init)
    }

    /// `$LATEST` and the published versions in their order, those after the number `after`.
    public func versions(
        of name: String, _ scope: Scope, after: Int = -1, limit: Int, in transaction: Transaction
    ) throws -> [FunctionVersionRecord] {
        try transaction.query(
            """
            SELECT * FROM functions_versions
            WHERE account = $1 AND region = $2 AND name = $3 AND number > $4 ORDER BY number LIMIT $5
            """, .text(scope.account), .text(scope.region), .text(name), .int(after), .int(limit)
        ).map(FunctionVersionRecord.init)
    }

    /// Changes `$LATEST`.
    ///
    /// - Parameters:
    ///   - expectedRevision: refuses the change when the function has changed since.
    ///   - newRevision: the revision after the change.
    public func updateLatest(
        of name: String, _ scope: Scope, expectedRevision: String? = nil, newRevision: String, at now: Timestamp,
        in transaction: Transaction, _ change: (inout FunctionVersionRecord) throws -> Void
    ) throws -> FunctionVersionRecord {
        let reference = FunctionVersionReference(scope: scope, functionName: name)
        guard var record = try version(reference, in: transaction) else {
            throw RegistryError.functionNotFound(reference)
        }
        if let expectedRevision, expectedRevision != record.revisionID { throw RegistryError.revisionMismatch }
        try change(&record)
        record.reference = reference
        record.modifiedAt = now
        record.revisionID = newRevision
        try put(record, number: 0, in: transaction)
        return record
    }

    /// Publishes `$LATEST` as the next number. When nothing has changed since the last one, that is returned.
    public func publish(
        _ name: String, _ scope: Scope, summary: String? = nil, expectedCodeSHA256: String? = nil,
        expectedRevision: String? = nil, newRevision: String, in transaction: Transaction
    ) throws -> FunctionVersionRecord {
        let reference = FunctionVersionReference(scope: scope, functionName: name)
        guard let latest = try version(reference, in: transaction),
            let function = try function(name, scope, in: transaction)
        else { throw RegistryError.functionNotFound(reference) }
        if let expectedRevision, expectedRevision != latest.revisionID { throw RegistryError.revisionMismatch }
        if let expectedCodeSHA256, expectedCodeSHA256 != latest.code.sha256 {
            throw RegistryError(
                .invalidParameterValue,
                "CodeSHA256 (\(expectedCodeSHA256)) is different from current CodeSHA256 in $LATEST "
                    + "(\(latest.code.sha256)). Please try again with the CodeSHA256 in $LATEST.")
        }
        if let last = try lastPublished(function, in: transaction), last.modifiedAt == latest.modifiedAt,
            last.hasSameContent(as: latest)
        {
            return last
        }
        var published = latest
        published.reference.version = "\(function.publishedVersions + 1)"
        published.summary = summary ?? latest.summary
        published.revisionID = newRevision
        try put(published, number: function.publishedVersions + 1, in: transaction)
        try transaction.execute(
            "UPDATE functions_functions SET published = published + 1 WHERE account = $1 AND region = $2 AND name = $3",
            .text(scope.account), .text(scope.region), .text(name))
        return published
    }

    private func lastPublished(
        _ function: FunctionRecord, in transaction: Transaction
    ) throws -> FunctionVersionRecord? {
        guard function.publishedVersions > 0 else { return nil }
        return try version(
            FunctionVersionReference(
                scope: function.scope, functionName: function.name, version: "\(function.publishedVersions)"),
            in: transaction)
    }

    /// Deletes a published version with what is configured for it. One that an alias names stays.
    public func deleteVersion(_ reference: FunctionVersionReference, in transaction: Transaction) throws {
        guard let number = Self.number(of: reference.version), number > 0 else {
            throw RegistryError(
                .invalidParameterValue,
                "$LATEST version cannot be deleted without deleting the function.")
        }
        let users = try aliases(of: reference.functionName, reference.scope, limit: 10_000, in: transaction).filter {
            $0.version == reference.version || $0.additionalVersionWeights[reference.version] != nil
        }
        guard users.isEmpty else {
            throw RegistryError(
                .resourceConflict,
                "Version \(reference.version) is in use by alias \(users.map(\.name).joined(separator: ", "))")
        }
        try transaction.execute(
            "DELETE FROM functions_versions WHERE account = $1 AND region = $2 AND name = $3 AND number = $4",
            .text(reference.scope.account), .text(reference.scope.region), .text(reference.functionName),
            .int(number))
        try transaction.execute(
            "DELETE FROM functions_settings WHERE account = $1 AND region = $2 AND name = $3 AND qualifier = $4",
            .text(reference.scope.account), .text(reference.scope.region), .text(reference.functionName),
            .text(reference.version))
    }

    func put(_ record: FunctionVersionRecord, number: Int, in transaction: Transaction) throws {
        try transaction.execute(
            """
            INSERT INTO functions_versions
                (account, region, name, version, number, modified_at, revision, document)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            ON CONFLICT (account, region, name, number)
            DO UPDATE SET modified_at = excluded.modified_at, revision = excluded.revision,
                document = excluded.document
            """,
            .text(record.reference.scope.account), .text(record.reference.scope.region),
            .text(record.reference.functionName), .text(record.reference.version), .int(number),
            .time(record.modifiedAt), .text(record.revisionID), .text(record.document.text()))
    }

    /// `$LATEST` is 0.
    static func number(of version: String) -> Int? {
        if version == FunctionVersionReference.latest { return 0 }
        guard let number = Int(version), number > 0, "\(number)" == version else { return nil }
        return number
    }
}
