import AWSModels
public import Core
public import Storage
import Wire

/// The keys of KMS, as KMS itself and the services that encrypt with them see them; and what happens to keys by itself:
/// deletion after the waiting period, rotation, and the end of imported material.
public final class KMSKeys: Sendable {
    let database: Database
    let clock: any HostClock
    let random: any RandomSource
    let store = KMSStore()
    let tags = TagStore()
    let alarm: Alarm
    /// Making keys takes up to seconds of a processor.
    let pool = BlockingPool(name: "keys", maximumThreads: 2)

    public init(database: Database, clock: any HostClock, random: any RandomSource = SystemRandomSource()) {
        self.database = database
        self.clock = clock
        self.random = random
        alarm = Alarm(clock: clock)
    }

    // MARK: Transactions

    @discardableResult
    func write<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(AWSError) -> Value {
        do {
            return try await database.write(body)
        } catch {
            throw Self.failure(error)
        }
    }

    func read<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(AWSError) -> Value {
        do {
            return try await database.read(body)
        } catch {
            throw Self.failure(error)
        }
    }

    /// For a few rows by their keys.
    func lookup<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(AWSError) -> Value {
        do {
            return try await database.lookup(body)
        } catch {
            throw Self.failure(error)
        }
    }

    static func failure(_ error: any Error) -> AWSError {
        error as? AWSError ?? AWSError("KMSInternalException", String(describing: error), status: 500, isSender: false)
    }

    // MARK: Finding

    /// Where a key is, by an identifier, an alias or the ARN of either.
    ///
    /// - Throws: `NotFoundException` for names of nothing.
    func find(_ name: String, _ scope: Scope, takesAliases: Bool, in transaction: Transaction) throws -> KMSKey {
        let (resource, scope) = try Self.place(name, scope)
        if resource.hasPrefix(KMSAlias.prefix) {
            guard takesAliases else { throw KMSError.invalidID(name) }
            guard let alias = try store.alias(resource, scope, in: transaction),
                let key = try store.key(alias.keyID, scope, in: transaction)
            else { throw KMSError.noAlias(resource, scope) }
            return key
        }
        guard KMSKey.isID(resource) else { throw KMSError.invalidID(name) }
        guard let key = try store.key(resource, scope, in: transaction) else {
            throw KMSError.noKey(resource, scope)
        }
        return key
    }

    /// The identifier or alias that a name stands for, and where.
    private static func place(_ name: String, _ scope: Scope) throws(AWSError) -> (String, Scope) {
        guard name.hasPrefix("arn:") else { return (name, scope) }
        guard let arn = ARN(name), arn.service == "kms" else {
            throw KMS.Errors.invalidArnException("Invalid arn \(name)")
        }
        guard arn.region == scope.region else { throw KMS.Errors.notFoundException("Invalid arn \(arn.region)") }
        let resource = arn.resource.hasPrefix("key/") ? String(arn.resource.dropFirst(4)) : arn.resource
        return (resource, Scope(account: arn.account, region: arn.region))
    }

    /// Sees to it that the key of an alias such as `alias/aws/s3` is there: it comes into being on its first use.
    func prepare(_ name: String, _ scope: Scope) async throws(AWSError) {
        guard let (resource, scope) = try? Self.place(name, scope),
            let service = KMSManagedKey.service(ofAlias: resource)
        else { return }
        _ = try await managed(service, scope)
    }

    /// The key that AWS keeps for a service in an account and region.
    func managed(_ service: String, _ scope: Scope) async throws(AWSError) -> KMSKey {
        let id = KMSManagedKey.id(service, scope)
        if let found = try await lookup({ [store] in try store.key(id, scope, in: $0) }) { return found }
        let now = clock.now
        let material = random.bytes(AuthenticatedCipher.keySize)
        return try await write { [self] transaction in
            if let found = try store.key(id, scope, in: transaction) { return found }
            let key = KMSKey(
                scope: scope, id: id, createdAt: now, isManaged: true, spec: .symmetric, usage: .encryptDecrypt,
                description: KMSManagedKey.description(service), policy: KMSManagedKey.policy(service, scope),
                rotationDays: 365, nextRotation: now.adding(milliseconds: 365 * KMSKey.millisecondsOfDay))
            try put(key, in: transaction)
            try store.put(
                KMSMaterial(
                    id: KMSMaterial.id(of: material, key: id), account: scope.account, keyID: id, bytes: material,
                    createdAt: now), in: transaction)
            let alias = KMSAlias(
                scope: scope, name: KMSAlias.managedPrefix + service, keyID: id, createdAt: now, updatedAt: now)
            _ = try store.insert(alias, in: transaction)
            return key
        }
    }

    /// Keeps the key as it is now, and remembers when something is to happen to it.
    func put(_ key: KMSKey, in transaction: Transaction) throws {
        try store.put(key, in: transaction)
        guard let due = key.due else { return }
        transaction.afterCommit { [alarm] in alarm.set(for: due) }
    }

    // MARK: Other services

    /// The ARN of a symmetric key that a service may encrypt with.
    ///
    /// - Parameters:
    ///   - name: an identifier, an alias or an ARN; nil for the key that AWS keeps for the service.
    ///   - service: such as `s3`.
    /// - Throws: KMS's errors for keys that are not there or cannot be used.
    func usable(_ name: String?, for service: String, _ scope: Scope) async throws(AWSError) -> String {
        guard let name, !name.isEmpty else {
            let key = try await managed(service, scope)
            try key.requireUsable()
            return key.arn
        }
        try await prepare(name, scope)
        return try await lookup { [self] transaction in
            let key = try find(name, scope, takesAliases: true, in: transaction)
            try key.requireUsable()
            try key.requireUsage(.encryptDecrypt, for: "GenerateDataKey")
            try key.requireAlgorithm("SYMMETRIC_DEFAULT", key.spec == .symmetric)
            return key.arn
        }
    }
}
