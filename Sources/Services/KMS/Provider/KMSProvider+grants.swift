public import AWSModels
import Core
import Storage
public import Wire

extension KMSProvider {
    public func createGrant(
        _ input: KMS.CreateGrantRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.CreateGrantResponse {
        let (scope, now, random) = (context.scope, keys.clock.now, keys.random)
        let grant = try await keys.write { [keys] transaction in
            let key = try keys.find(input.keyId, scope, takesAliases: false, in: transaction)
            if key.state != .disabled { try key.requireUsable() }
            let grant = KMSGrant(
                scope: key.scope, keyID: key.id, id: hexadecimal(random.bytes(32)),
                token: Base64.encode(random.bytes(96)), createdAt: now, name: input.name,
                grantee: input.granteePrincipal, retiring: input.retiringPrincipal, operations: input.operations,
                constraints: input.constraints)
            if let same = try Self.same(as: grant, of: key, keys.store, in: transaction) { return same }
            if input.dryRun == true { throw KMSError.dryRun }
            try keys.store.insert(grant, in: transaction)
            return grant
        }
        return KMS.CreateGrantResponse {
            $0.grantId = grant.id
            $0.grantToken = grant.token
        }
    }

    /// A grant with a name is made once, however often it is asked for.
    private static func same(
        as grant: KMSGrant, of key: KMSKey, _ store: KMSStore, in transaction: Transaction
    ) throws -> KMSGrant? {
        guard let name = grant.name else { return nil }
        return try store.grant(named: name, of: key, in: transaction).first {
            $0.grantee == grant.grantee && $0.retiring == grant.retiring
                && Set($0.operations.map(\.rawValue)) == Set(grant.operations.map(\.rawValue))
                && $0.constraints?.json == grant.constraints?.json
        }
    }

    public func listGrants(
        _ input: KMS.ListGrantsRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.ListGrantsResponse {
        let (scope, limit) = (context.scope, input.limit ?? 50)
        let after = try Self.marker(input.marker)
        let found = try await keys.read { [keys] transaction in
            let key = try keys.find(input.keyId, scope, takesAliases: false, in: transaction)
            return try keys.store.grants(
                of: key, after: after, limit: limit + 1, id: input.grantId, grantee: input.granteePrincipal,
                in: transaction)
        }
        return Self.page(found, limit)
    }

    public func listRetirableGrants(
        _ input: KMS.ListRetirableGrantsRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.ListGrantsResponse {
        let (scope, limit) = (context.scope, input.limit ?? 50)
        let after = try Self.marker(input.marker)
        let found = try await keys.read { [store] in
            try store.grants(scope, retiring: input.retiringPrincipal, after: after, limit: limit + 1, in: $0)
        }
        return Self.page(found, limit)
    }

    public func retireGrant(_ input: KMS.RetireGrantRequest, _ context: RequestContext) async throws(AWSError) {
        if let token = input.grantToken {
            try Self.endIfDry(input.dryRun)
            let isGone = try await keys.write { [store] in try store.removeGrant(token: token, in: $0) }
            guard isGone else { throw KMS.Errors.invalidGrantTokenException(nil) }
            return
        }
        guard let name = input.keyId, let id = input.grantId else {
            throw KMSError.invalid("Either a GrantToken, or both a GrantId and a KeyId are required.")
        }
        try await removeGrant(id, name, isDry: input.dryRun, context)
    }

    public func revokeGrant(_ input: KMS.RevokeGrantRequest, _ context: RequestContext) async throws(AWSError) {
        try await removeGrant(input.grantId, input.keyId, isDry: input.dryRun, context)
    }

    private func removeGrant(
        _ id: String, _ name: String, isDry: Bool?, _ context: RequestContext
    ) async throws(AWSError) {
        let scope = context.scope
        try await keys.write { [keys] transaction in
            let key = try keys.find(name, scope, takesAliases: false, in: transaction)
            guard try keys.store.removeGrant(id, of: key, in: transaction) else {
                throw KMS.Errors.notFoundException("Grant ID \(id) not found")
            }
            // What throws is undone.
            try Self.endIfDry(isDry)
        }
    }

    private static func page(_ found: [KMSGrant], _ limit: Int) -> KMS.ListGrantsResponse {
        let page = Page(found, limit: limit)
        return KMS.ListGrantsResponse {
            $0.grants = page.items.map(\.entry)
            $0.nextMarker = page.last.map { ListToken.make($0.id) }
            $0.truncated = page.last != nil
        }
    }
}
