public import Core
public import Functions
public import Storage

/// The functions of the database, running: every change is made in a transaction and takes effect with its commit.
///
/// The Lambda service and the project directory both create their functions here; they differ in where the code lies.
public struct FunctionDeployment: Sendable {
    public let database: Database
    public let directory: FunctionDirectory
    public let host: FunctionHost
    public let store = FunctionStore()
    private let random: any RandomSource

    public init(
        database: Database, directory: FunctionDirectory, host: FunctionHost,
        random: any RandomSource = SystemRandomSource()
    ) {
        self.database = database
        self.directory = directory
        self.host = host
        self.random = random
    }

    /// Starts everything that the database holds. Call it once, before requests are taken. A function that cannot be
    /// started, because its interpreter is gone for example, does not keep the others from it: it is among the returned
    /// messages, and so is every invocation of it.
    public func loadAll() async throws -> [String] {
        let functions = try await database.read { [store] transaction in
            let names = Set(try store.everything(in: transaction).map { Self.name(of: $0.reference) })
            return try names.compactMap {
                try DeployedFunction($0.name, $0.scope, from: store, in: transaction)
            }
        }
        return functions.flatMap { start($0, $0.record.name, $0.record.scope) }
    }

    // MARK: Changes

    /// Creates the function of the record, or changes its `$LATEST` to be so. Its revision is made anew. Nothing
    /// happens when the function is so already.
    ///
    /// - Parameters:
    ///   - version: a `$LATEST`; for a project's function, its code's directory is the project's own.
    ///   - reservedConcurrency: nil draws on the account's limit.
    /// - Throws: ``FunctionError`` when this machine cannot run it, ``RegistryError``.
    @discardableResult
    public func apply(
        _ version: FunctionVersionRecord, tags: [String: String] = [:], reservedConcurrency: Int? = nil,
        in transaction: Transaction
    ) throws -> FunctionVersionRecord {
        let reference = version.reference
        try check(version)
        var applied = version
        applied.revisionID = UUIDText.random(using: random)
        if let before = try store.version(reference, in: transaction) {
            applied = try store.updateLatest(
                of: reference.functionName, reference.scope, newRevision: applied.revisionID, at: version.modifiedAt,
                in: transaction
            ) { $0 = $0.isSame(as: version) ? before : applied }
            try store.setTags(tags, of: reference.functionName, reference.scope, in: transaction)
        } else {
            try store.create(applied, tags: tags, in: transaction)
        }
        try store.setReservedConcurrency(
            reservedConcurrency, of: reference.functionName, reference.scope, in: transaction)
        try refresh(reference.functionName, reference.scope, in: transaction)
        return applied
    }

    /// Ends the function with everything that belongs to it.
    public func delete(_ name: String, _ scope: Scope, in transaction: Transaction) throws {
        try store.delete(name, scope, in: transaction)
        try refresh(name, scope, in: transaction)
    }

    /// What the store says of the function takes effect when the transaction is committed. Call it after every change
    /// of a version, an alias or a setting.
    public func refresh(_ name: String, _ scope: Scope, in transaction: Transaction) throws {
        let function = try DeployedFunction(name, scope, from: store, in: transaction)
        transaction.afterCommit { _ = start(function, name, scope) }
    }

    /// Whether this machine can run the version; returns warnings, such as an interpreter of another release.
    @discardableResult
    public func check(_ version: FunctionVersionRecord) throws(FunctionError) -> [String] {
        try host.check(
            version.configuration(layerDirectories: version.layers.compactMap { version.layerCode($0)?.directory }))
    }

    // MARK: Taking effect

    private func start(_ function: DeployedFunction?, _ name: String, _ scope: Scope) -> [String] {
        let before = directory.set(function, name, scope)
        var messages: [String] = []
        for configuration in function?.configurations ?? [] {
            messages += start(configuration)
        }
        let gone = Set((before?.versions ?? [:]).keys).subtracting((function?.versions ?? [:]).keys)
        for version in gone {
            host.withdraw(FunctionVersionReference(scope: scope, functionName: name, version: version))
        }
        return messages
    }

    private func start(_ configuration: FunctionConfiguration) -> [String] {
        let reference = configuration.reference
        host.setReservedConcurrency(configuration.reservedConcurrency, of: reference)
        // Warm instances outlive a change of the concurrency.
        if var running = host.configuration(of: reference) {
            let provisioned = running.provisionedConcurrency
            running.reservedConcurrency = configuration.reservedConcurrency
            running.provisionedConcurrency = configuration.provisionedConcurrency
            if running == configuration {
                if provisioned != configuration.provisionedConcurrency {
                    host.setProvisionedConcurrency(configuration.provisionedConcurrency, of: reference)
                }
                return []
            }
        }
        do throws(FunctionError) {
            let warnings = try host.deploy(configuration)
            directory.setFailure(nil, of: reference)
            return warnings
        } catch {
            host.withdraw(reference)
            directory.setFailure(error.message, of: reference)
            return [error.message]
        }
    }

    private static func name(of reference: FunctionVersionReference) -> FunctionDirectory.Key {
        FunctionDirectory.Key(scope: reference.scope, name: reference.functionName)
    }
}

extension FunctionVersionRecord {
    /// Equal but for what every change makes new.
    fileprivate func isSame(as other: FunctionVersionRecord) -> Bool {
        var other = other
        other.modifiedAt = modifiedAt
        other.revisionID = revisionID
        return self == other
    }
}
