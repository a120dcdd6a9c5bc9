public import AWSModels
import Core
import Storage
public import Wire

extension KMSProvider {
    /// Rotations that one key may have on demand.
    private static let demandLimit = 10

    public func enableKeyRotation(
        _ input: KMS.EnableKeyRotationRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let now = keys.clock.now
        try await change(input.keyId, context) { key, _ in
            try key.requireUsable()
            try Self.requireRotatable(key)
            let days = input.rotationPeriodInDays ?? key.rotationDays ?? 365
            guard key.rotationDays != days else { return }
            key.rotationDays = days
            key.nextRotation = now.adding(milliseconds: Int64(days) * KMSKey.millisecondsOfDay)
        }
    }

    public func disableKeyRotation(
        _ input: KMS.DisableKeyRotationRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await change(input.keyId, context) { key, _ in
            try key.requireUsable()
            try Self.requireRotatable(key)
            (key.rotationDays, key.nextRotation) = (nil, nil)
        }
    }

    public func getKeyRotationStatus(
        _ input: KMS.GetKeyRotationStatusRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.GetKeyRotationStatusResponse {
        let key = try await key(input.keyId, context)
        // Keys that cannot be rotated are not refused here, and those that wait for their end are not rotated.
        let isRotated = key.rotationDays != nil && key.state != .pendingDeletion
        return KMS.GetKeyRotationStatusResponse {
            $0.keyId = key.arn
            $0.keyRotationEnabled = isRotated
            $0.rotationPeriodInDays = isRotated ? key.rotationDays : nil
            $0.nextRotationDate = isRotated ? key.nextRotation : nil
        }
    }

    public func rotateKeyOnDemand(
        _ input: KMS.RotateKeyOnDemandRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.RotateKeyOnDemandResponse {
        let now = keys.clock.now
        let key = try await change(input.keyId, context) { [keys] key, transaction in
            try key.requireUsable()
            guard key.spec == .symmetric, key.role != .replica else {
                throw KMS.Errors.unsupportedOperationException(nil)
            }
            let all = try keys.store.materials(of: key, in: transaction)
            guard all.count(where: { $0.rotation == .onDemand }) < Self.demandLimit else {
                throw KMS.Errors.limitExceededException(
                    """
                    The on-demand rotations limit has been reached for the given keyId. No more on-demand rotations \
                    can be performed for this key: \(key.arn)
                    """)
            }
            let next =
                key.origin == .external
                ? all.first { $0.state == .pendingRotation } : keys.newMaterial(of: key, at: now)
            guard let next else {
                throw KMSError.state("No available key material pending rotation for the key: \(key.arn).")
            }
            try keys.store.rotate(key, to: next, .onDemand, at: now, in: transaction)
        }
        return KMS.RotateKeyOnDemandResponse { $0.keyId = key.arn }
    }

    public func listKeyRotations(
        _ input: KMS.ListKeyRotationsRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.ListKeyRotationsResponse {
        let (scope, limit) = (context.scope, input.limit ?? 100)
        let after = try Self.marker(input.marker)
        let (key, all) = try await keys.read { [keys] transaction in
            let key = try keys.find(input.keyId, scope, takesAliases: false, in: transaction)
            return (key, try keys.store.materials(of: key, in: transaction))
        }
        guard key.spec == .symmetric else { throw KMS.Errors.unsupportedOperationException(nil) }
        let wanted = all.filter { input.includeKeyMaterial == .allKeyMaterial || $0.rotation != nil }
        let start = wanted.firstIndex { $0.id == after }.map { $0 + 1 } ?? 0
        let page = Page(Array(wanted[start...]), limit: limit)
        return KMS.ListKeyRotationsResponse {
            $0.rotations = page.items.map { Self.entry($0, of: key) }
            $0.nextMarker = page.last.map { ListToken.make($0.id) }
            $0.truncated = page.last != nil
        }
    }

    private static func entry(_ material: KMSMaterial, of key: KMSKey) -> KMS.RotationsListEntry {
        KMS.RotationsListEntry {
            $0.keyId = key.arn
            $0.keyMaterialId = material.id
            $0.keyMaterialDescription = material.description
            $0.keyMaterialState = material.state
            $0.rotationDate = material.rotatedAt
            $0.rotationType = material.rotation
            guard key.origin == .external else { return }
            $0.importState = material.bytes == nil ? .pendingImport : .imported
            $0.expirationModel = key.expiration
            $0.validTo = key.validTo
        }
    }

    private static func requireRotatable(_ key: KMSKey) throws(AWSError) {
        guard key.spec == .symmetric, key.role != .replica else {
            throw KMS.Errors.unsupportedOperationException(nil)
        }
        guard key.origin == .awsKms else { throw KMSError.origin(key) }
    }
}
