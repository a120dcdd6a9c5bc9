public import Core
public import Storage

extension FunctionStore {
    /// Keeps a document for a function or one of its qualifiers, in place of what was there.
    public func set(
        _ setting: FunctionSetting, _ document: JSON, of name: String, qualifier: String, _ scope: Scope,
        in transaction: Transaction
    ) throws {
        guard try function(name, scope, in: transaction) != nil else {
            throw RegistryError.functionNotFound(
                FunctionVersionReference(scope: scope, functionName: name, version: qualifier))
        }
        try transaction.execute(
            """
            INSERT INTO functions_settings (account, region, name, kind, qualifier, document)
            VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (account, region, name, kind, qualifier) DO UPDATE SET document = excluded.document
            """,
            .text(scope.account), .text(scope.region), .text(name), .text(setting.rawValue), .text(qualifier),
            .text(document.text()))
    }

    public func get(
        _ setting: FunctionSetting, of name: String, qualifier: String, _ scope: Scope, in transaction: Transaction
    ) throws -> JSON? {
        try transaction.first(
            """
            SELECT document FROM functions_settings
            WHERE account = $1 AND region = $2 AND name = $3 AND kind = $4 AND qualifier = $5
            """,
            .text(scope.account), .text(scope.region), .text(name), .text(setting.rawValue), .text(qualifier)
        ).map { try JSON(parsing: $0.text("document")) }
    }

    /// All documents of a kind, by qualifier.
    public func all(
        _ setting: FunctionSetting, of name: String, _ scope: Scope, in transaction: Transaction
    ) throws -> [(qualifier: String, document: JSON)] {
        try transaction.query(
            """
            SELECT qualifier, document FROM functions_settings
            WHERE account = $1 AND region = $2 AND name = $3 AND kind = $4 ORDER BY qualifier
            """,
            .text(scope.account), .text(scope.region), .text(name), .text(setting.rawValue)
        ).map { (try $0.text("qualifier"), try JSON(parsing: $0.text("document"))) }
    }

    /// Whether there was one.
    @discardableResult
    public func remove(
        _ setting: FunctionSetting, of name: String, qualifier: String, _ scope: Scope, in transaction: Transaction
    ) throws -> Bool {
        try transaction.execute(
            """
            DELETE FROM functions_settings
            WHERE account = $1 AND region = $2 AND name = $3 AND kind = $4 AND qualifier = $5
            """,
            .text(scope.account), .text(scope.region), .text(name), .text(setting.rawValue), .text(qualifier)) > 0
    }

    // MARK: Asynchronous invocation

    public func setEventInvoke(
        _ configuration: EventInvokeConfiguration, of name: String, qualifier: String, _ scope: Scope,
        in transaction: Transaction
    ) throws {
        var document: JSON = ["modifiedAt": .int(configuration.modifiedAt.milliseconds)]
        document["retries"] = configuration.maximumRetryAttempts.map { JSON($0) }
        document["age"] = configuration.maximumEventAgeSeconds.map { JSON($0) }
        document["onSuccess"] = configuration.onSuccess.map(JSON.string)
        document["onFailure"] = configuration.onFailure.map(JSON.string)
        try set(.eventInvoke, document, of: name, qualifier: qualifier, scope, in: transaction)
    }

    public func eventInvoke(
        of name: String, qualifier: String, _ scope: Scope, in transaction: Transaction
    ) throws -> EventInvokeConfiguration? {
        try get(.eventInvoke, of: name, qualifier: qualifier, scope, in: transaction).map { document in
            EventInvokeConfiguration(
                maximumRetryAttempts: document["retries"]?.intValue.map(Int.init),
                maximumEventAgeSeconds: document["age"]?.intValue.map(Int.init),
                onSuccess: document["onSuccess"]?.stringValue, onFailure: document["onFailure"]?.stringValue,
                modifiedAt: Timestamp(milliseconds: document["modifiedAt"]?.intValue ?? 0))
        }
    }
}
