public import AWSModels
import Core
public import Wire

extension KMSProvider {
    public func createAlias(_ input: KMS.CreateAliasRequest, _ context: RequestContext) async throws(AWSError) {
        try Self.checkAlias(input.aliasName)
        try Self.checkTarget(input.targetKeyId)
        let (scope, now) = (context.scope, keys.clock.now)
        try await keys.write { [keys] transaction in
            let key = try keys.find(input.targetKeyId, scope, takesAliases: false, in: transaction)
            try key.requireCustomers()
            try key.requireNotDeleted()
            let alias = KMSAlias(scope: scope, name: input.aliasName, keyID: key.id, createdAt: now, updatedAt: now)
            guard try keys.store.insert(alias, in: transaction) else {
                throw KMS.Errors.alreadyExistsException(
                    "An alias with the name \(KMSAlias.arn(alias.name, scope)) already exists")
            }
        }
    }

    public func updateAlias(_ input: KMS.UpdateAliasRequest, _ context: RequestContext) async throws(AWSError) {
        try Self.checkAlias(input.aliasName)
        try Self.checkTarget(input.targetKeyId)
        let (scope, now) = (context.scope, keys.clock.now)
        try await keys.write { [keys] transaction in
            guard var alias = try keys.store.alias(input.aliasName, scope, in: transaction) else {
                throw KMSError.noAlias(input.aliasName, scope)
            }
            let key = try keys.find(input.targetKeyId, scope, takesAliases: false, in: transaction)
            try key.requireCustomers()
            try key.requireNotDeleted()
            if let former = try keys.store.key(alias.keyID, scope, in: transaction), former.usage != key.usage {
                throw KMSError.invalid(
                    "Cannot change the key of an alias from key usage \(former.usage.rawValue) to \(key.usage.rawValue)"
                )
            }
            (alias.keyID, alias.updatedAt) = (key.id, now)
            try keys.store.update(alias, in: transaction)
        }
    }

    public func deleteAlias(_ input: KMS.DeleteAliasRequest, _ context: RequestContext) async throws(AWSError) {
        try Self.checkAlias(input.aliasName)
        let scope = context.scope
        try await keys.write { [store] transaction in
            guard try store.removeAlias(input.aliasName, scope, in: transaction) else {
                throw KMSError.noAlias(input.aliasName, scope)
            }
        }
    }

    public func listAliases(
        _ input: KMS.ListAliasesRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.ListAliasesResponse {
        let (scope, limit) = (context.scope, input.limit ?? 50)
        let after = try Self.marker(input.marker)
        let found = try await keys.read { [keys] transaction in
            let key = try input.keyId.map { try keys.find($0, scope, takesAliases: false, in: transaction) }
            return try keys.store.aliases(scope, of: key?.id, after: after, limit: limit + 1, in: transaction)
        }
        let page = Page(found, limit: limit)
        return KMS.ListAliasesResponse {
            $0.aliases = page.items.map { alias in
                KMS.AliasListEntry {
                    $0.aliasName = alias.name
                    $0.aliasArn = KMSAlias.arn(alias.name, scope)
                    $0.targetKeyId = alias.keyID
                    $0.creationDate = alias.createdAt
                    $0.lastUpdatedDate = alias.updatedAt
                }
            }
            $0.nextMarker = page.last.map { ListToken.make($0.name) }
            $0.truncated = page.last != nil
        }
    }

    private static func checkAlias(_ name: String) throws(AWSError) {
        guard name.hasPrefix(KMSAlias.prefix) else {
            throw KMSError.invalid(
                """
                Alias must start with the prefix "alias/". Please see \
                https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html
                """)
        }
        guard !name.hasPrefix(KMSAlias.managedPrefix) else {
            throw AWSError("NotAuthorizedException", nil, status: 400)
        }
    }

    private static func checkTarget(_ name: String) throws(AWSError) {
        guard !name.hasPrefix(KMSAlias.prefix), !name.contains(":alias/") else {
            throw KMSError.invalid("Aliases must refer to keys. Not aliases")
        }
    }
}
