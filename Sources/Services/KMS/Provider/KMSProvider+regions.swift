public import AWSModels
import Core
import Storage
public import Wire

extension KMSProvider {
    public func replicateKey(
        _ input: KMS.ReplicateKeyRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.ReplicateKeyResponse {
        let tags = try KMSTags.checked(input.tags ?? [])
        let policy = try input.policy.map(KMSPolicy.checked)
        let (scope, now) = (context.scope, keys.clock.now)
        let (replica, metadata) = try await keys.write { [keys] transaction in
            let key = try keys.find(input.keyId, scope, takesAliases: false, in: transaction)
            try Self.requirePrimary(key)
            try key.requireUsable()
            guard key.origin == .awsKms else { throw KMSError.origin(key) }
            var replica = key
            replica.scope.region = input.replicaRegion
            guard try keys.store.key(key.id, replica.scope, in: transaction) == nil else {
                throw KMS.Errors.alreadyExistsException("\(replica.arn) already exists.")
            }
            (replica.role, replica.createdAt, replica.description) = (.replica, now, input.description ?? "")
            replica.policy = policy ?? KMSPolicy.standard(scope.account)
            // The primary is rotated, and its replicas with it.
            (replica.rotationDays, replica.nextRotation) = (nil, nil)
            try keys.put(replica, in: transaction)
            try keys.tags.add(tags, to: replica.arn, in: transaction)
            return (replica, try Self.metadata(replica, keys.store, in: transaction))
        }
        return KMS.ReplicateKeyResponse {
            var metadata = metadata
            // What AWS answers while it makes the replica.
            (metadata.keyState, metadata.enabled, metadata.currentKeyMaterialId) = (.creating, false, nil)
            $0.replicaKeyMetadata = metadata
            $0.replicaPolicy = replica.policy
            $0.replicaTags = tags.isEmpty ? nil : KMSTags.shape(tags)
        }
    }

    public func updatePrimaryRegion(
        _ input: KMS.UpdatePrimaryRegionRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let scope = context.scope
        try await keys.write { [keys] transaction in
            var primary = try keys.find(input.keyId, scope, takesAliases: false, in: transaction)
            try Self.requirePrimary(primary)
            try primary.requireUsable()
            let target = Scope(account: primary.scope.account, region: input.primaryRegion)
            guard var replica = try keys.store.key(primary.id, target, in: transaction) else {
                throw KMSError.noKey(primary.id, target)
            }
            guard replica.role == .replica else { return }
            try replica.requireUsable()
            (replica.rotationDays, replica.nextRotation) = (primary.rotationDays, primary.nextRotation)
            (primary.rotationDays, primary.nextRotation) = (nil, nil)
            (primary.role, replica.role) = (.replica, .primary)
            try keys.put(primary, in: transaction)
            try keys.put(replica, in: transaction)
        }
    }

    private static func requirePrimary(_ key: KMSKey) throws(AWSError) {
        guard key.role == .primary else {
            throw KMS.Errors.unsupportedOperationException("\(key.arn) is not a multi-region primary key.")
        }
    }
}
