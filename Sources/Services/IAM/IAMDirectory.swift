import Core
public import Storage
import Wire

/// Who IAM says that callers and roles are, for the services that name them.
public struct IAMDirectory: Sendable {
    private let database: Database
    private let store = IAMStore()

    public init(_ database: Database) { self.database = database }

    /// The user to whom a long-lived key belongs.
    func user(of key: String, _ account: String) async throws(AWSError) -> (id: String, arn: String)? {
        guard !AccessKeyID.isTemporary(key) else { return nil }
        return try await read { transaction in
            guard let found = try store.find(.accessKey, key, account, in: transaction),
                let user = try store.find(id: found.owner, in: transaction)
            else { return nil }
            return (user.id, user.arn)
        }
    }

    /// Roles are trusted to exist: one that is not kept has an id all the same, always the same one.
    func roleID(_ role: ARN) async throws(AWSError) -> String {
        let name = role.resource.split(separator: "/").last.map(String.init) ?? ""
        let kept = try await read { try store.find(.role, name, role.account, in: $0) }
        return kept?.arn == "\(role)" ? kept?.id ?? "" : Self.derivedRoleID(role)
    }

    static func derivedRoleID(_ role: ARN) -> String { IAMEntity.derivedID(.role, of: "\(role)") }

    /// How assertions of the provider name it; nil when no such provider is kept.
    func issuer(ofSAMLProvider provider: ARN) async throws(AWSError) -> String? {
        let name = provider.resource.split(separator: "/", maxSplits: 1).last.map(String.init) ?? ""
        let kept = try await read { try store.find(.samlProvider, name, provider.account, in: $0) }
        return kept?.arn == "\(provider)" ? kept?["issuer"] : nil
    }

    /// The provider that issues such tokens, with the clients that it knows; nil when none is kept.
    func openIDProvider(
        issuer: String, _ account: String
    ) async throws(AWSError) -> (arn: String, clients: [String])? {
        guard issuer.hasPrefix("https://") else { return nil }
        let name = issuer.dropFirst(8)
        let kept = try await read { transaction in
            try store.find(
                .openIDProvider, String(name.hasSuffix("/") ? name.dropLast() : name), account, in: transaction)
        }
        return kept.map { ($0.arn, ($0.body["clients"]?.arrayValue ?? []).compactMap(\.stringValue)) }
    }

    private func read<Value: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(AWSError) -> Value {
        do {
            return try await database.read(body)
        } catch {
            throw .internalFailure(String(describing: error))
        }
    }
}
