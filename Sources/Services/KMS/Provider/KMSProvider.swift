public import AWSModels
import Core
import Storage
import Wire

/// AWS KMS: keys that do not leave the host, and what is done with them. Key policies and grants are kept and answered,
/// and nothing is refused because of them.
public struct KMSProvider: KMS.API {
    let keys: KMSKeys
    var store: KMSStore { keys.store }

    public init(_ keys: KMSKeys) { self.keys = keys }

    /// A key and the material that it has at present.
    struct Loaded: Sendable {
        var key: KMSKey
        var material: [UInt8]
        var materialID: String

        var pair: KeyPair? { KeyPair(pkcs8: material) }
    }

    // MARK: Finding keys

    /// The key for an operation that changes or describes it.
    ///
    /// - Parameter takesAliases: only some operations take other names than identifiers and ARNs of keys.
    func key(
        _ name: String, _ context: RequestContext, takesAliases: Bool = false
    ) async throws(AWSError) -> KMSKey {
        let scope = context.scope
        if takesAliases { try await keys.prepare(name, scope) }
        return try await keys.lookup { [keys] in
            try keys.find(name, scope, takesAliases: takesAliases, in: $0)
        }
    }

    /// The key for an operation that uses it.
    ///
    /// - Parameters:
    ///   - usage: what it must be made for.
    ///   - operation: named in the error where it is made for something else.
    func load(
        _ name: String, _ context: RequestContext, _ usage: KMS.KeyUsageType?, for operation: String
    ) async throws(AWSError) -> Loaded {
        let scope = context.scope
        try await keys.prepare(name, scope)
        return try await keys.lookup { [keys] transaction in
            let key = try keys.find(name, scope, takesAliases: true, in: transaction)
            try key.requireUsable()
            if let usage { try key.requireUsage(usage, for: operation) }
            guard let material = try keys.store.current(of: key, in: transaction), let bytes = material.bytes else {
                throw KMSError.state("\(key.arn) has no key material.")
            }
            return Loaded(key: key, material: bytes, materialID: material.id)
        }
    }

    /// Changes a key that is a customer's.
    @discardableResult
    func change(
        _ name: String, _ context: RequestContext,
        _ body: @escaping @Sendable (inout KMSKey, Transaction) throws -> Void
    ) async throws(AWSError) -> KMSKey {
        let scope = context.scope
        return try await keys.write { [keys] transaction in
            var key = try keys.find(name, scope, takesAliases: false, in: transaction)
            try key.requireCustomers()
            try body(&key, transaction)
            try keys.put(key, in: transaction)
            return key
        }
    }

    // MARK: What operations have in common

    /// Pages of lists go on after the last of the one before.
    static func marker(_ marker: String?) throws(AWSError) -> String {
        guard let marker else { return "" }
        guard let parts = ListToken.parts(marker, 1) else {
            throw KMS.Errors.invalidMarkerException("Could not deserialize marker '\(marker)'")
        }
        return parts[0]
    }

    /// Answers for enclaves are encrypted by a document that only they can have.
    static func refuse(_ recipient: KMS.RecipientInfo?, _ operation: String) throws(AWSError) {
        guard recipient == nil else { throw .notImplemented("\(operation) with a Recipient", of: "KMS") }
    }

    static func endIfDry(_ isDry: Bool?) throws(AWSError) {
        if isDry == true { throw KMSError.dryRun }
    }

    /// Runs what takes a processor for long.
    func compute<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async throws(AWSError) -> Value {
        do {
            return try await keys.pool.run(body)
        } catch {
            throw KMSKeys.failure(error)
        }
    }
}
