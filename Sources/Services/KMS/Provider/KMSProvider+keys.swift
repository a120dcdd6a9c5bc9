public import AWSModels
import Core
import Storage
public import Wire

extension KMSProvider {
    public func createKey(
        _ input: KMS.CreateKeyRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.CreateKeyResponse {
        let tags = try KMSTags.checked(input.tags ?? [])
        var key = try newKey(input, context)
        if let policy = input.policy { key.policy = try KMSPolicy.checked(policy) }
        let (spec, random) = (key.spec, keys.random)
        let material = key.origin == .external ? nil : try await compute { spec.makeMaterial(random) }
        let metadata = try await keys.write { [keys, key] transaction in
            try keys.put(key, in: transaction)
            if let material {
                try keys.store.put(
                    KMSMaterial(
                        id: KMSMaterial.id(of: material, key: key.id), account: key.scope.account, keyID: key.id,
                        bytes: material, createdAt: key.createdAt), in: transaction)
            }
            try keys.tags.add(tags, to: key.arn, in: transaction)
            return try Self.metadata(key, keys.store, in: transaction)
        }
        return KMS.CreateKeyResponse { $0.keyMetadata = metadata }
    }

    private func newKey(_ input: KMS.CreateKeyRequest, _ context: RequestContext) throws(AWSError) -> KMSKey {
        guard input.keySpec == nil || input.customerMasterKeySpec == nil else {
            throw KMSError.invalid(
                "You cannot specify KeySpec and CustomerMasterKeySpec in the same request. CustomerMasterKeySpec is deprecated."
            )
        }
        guard input.customKeyStoreId == nil, input.xksKeyId == nil else {
            throw .notImplemented("CreateKey in a custom key store", of: "KMS")
        }
        let name = input.keySpec?.rawValue ?? input.customerMasterKeySpec?.rawValue ?? "SYMMETRIC_DEFAULT"
        guard let spec = KMSKeySpec(rawValue: name) else {
            throw KMS.Errors.unsupportedOperationException("KeySpec \(name) is not supported in this Region.")
        }
        guard spec == .symmetric || input.keyUsage != nil else {
            throw KMSError.invalid(
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys.")
        }
        let usage = input.keyUsage ?? .encryptDecrypt
        guard spec.usages.contains(usage) else {
            throw KMSError.invalid("KeyUsage \(usage.rawValue) is not compatible with KeySpec \(name)")
        }
        let origin = input.origin ?? .awsKms
        guard origin == .awsKms || origin == .external else {
            throw KMSError.invalid("A KMS key with origin \(origin.rawValue) needs a CustomKeyStoreId.")
        }
        let isMultiRegion = input.multiRegion == true
        let uuid = UUIDText.random(using: keys.random)
        return KMSKey(
            scope: context.scope, id: isMultiRegion ? "mrk-" + uuid.filter { $0 != "-" } : uuid,
            createdAt: keys.clock.now, spec: spec, usage: usage, origin: origin,
            state: origin == .external ? .pendingImport : .enabled, role: isMultiRegion ? .primary : nil,
            description: input.description ?? "", policy: KMSPolicy.standard(context.scope.account))
    }

    public func describeKey(
        _ input: KMS.DescribeKeyRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.DescribeKeyResponse {
        let scope = context.scope
        try await keys.prepare(input.keyId, scope)
        let metadata = try await keys.lookup { [keys] transaction in
            let key = try keys.find(input.keyId, scope, takesAliases: true, in: transaction)
            return try Self.metadata(key, keys.store, in: transaction)
        }
        return KMS.DescribeKeyResponse { $0.keyMetadata = metadata }
    }

    public func listKeys(
        _ input: KMS.ListKeysRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.ListKeysResponse {
        let (scope, limit) = (context.scope, input.limit ?? 100)
        let after = try Self.marker(input.marker)
        let found = try await keys.read { [store] in try store.keys(scope, after: after, limit: limit + 1, in: $0) }
        let page = Page(found, limit: limit)
        return KMS.ListKeysResponse {
            $0.keys = page.items.map { key in
                KMS.KeyListEntry {
                    $0.keyId = key.id
                    $0.keyArn = key.arn
                }
            }
            $0.nextMarker = page.last.map { ListToken.make($0.id) }
            $0.truncated = page.last != nil
        }
    }

    public func updateKeyDescription(
        _ input: KMS.UpdateKeyDescriptionRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await change(input.keyId, context) { key, _ in
            try key.requireNotDeleted()
            key.description = input.description
        }
    }

    // MARK: State

    public func enableKey(_ input: KMS.EnableKeyRequest, _ context: RequestContext) async throws(AWSError) {
        try await change(input.keyId, context) { key, _ in
            if key.state != .disabled { try key.requireUsable() }
            key.state = .enabled
        }
    }

    public func disableKey(_ input: KMS.DisableKeyRequest, _ context: RequestContext) async throws(AWSError) {
        try await change(input.keyId, context) { key, _ in
            if key.state != .disabled { try key.requireUsable() }
            key.state = .disabled
        }
    }

    public func scheduleKeyDeletion(
        _ input: KMS.ScheduleKeyDeletionRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.ScheduleKeyDeletionResponse {
        let window = input.pendingWindowInDays ?? 30
        guard (7...30).contains(window) else {
            throw KMSError.invalid("The PendingWindowInDays must be between 7 and 30 days.")
        }
        let end = keys.clock.now.adding(milliseconds: Int64(window) * KMSKey.millisecondsOfDay)
        let key = try await change(input.keyId, context) { [store] key, transaction in
            try key.requireNotDeleted()
            let hasReplicas = try key.role == .primary && store.related(key, in: transaction).count > 1
            key.state = hasReplicas ? .pendingReplicaDeletion : .pendingDeletion
            key.deletionDate = hasReplicas ? nil : end
            key.deletionWindow = window
        }
        return KMS.ScheduleKeyDeletionResponse {
            $0.keyId = key.arn
            $0.deletionDate = key.deletionDate
            $0.keyState = KMS.KeyState(rawValue: key.state.rawValue)
            $0.pendingWindowInDays = window
        }
    }

    public func cancelKeyDeletion(
        _ input: KMS.CancelKeyDeletionRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.CancelKeyDeletionResponse {
        let key = try await change(input.keyId, context) { [store] key, transaction in
            guard key.state == .pendingDeletion || key.state == .pendingReplicaDeletion else {
                throw KMSError.state("\(key.arn) is not pending deletion.")
            }
            let hasMaterial = try store.current(of: key, in: transaction)?.bytes != nil
            key.state = hasMaterial ? .disabled : .pendingImport
            (key.deletionDate, key.deletionWindow) = (nil, nil)
        }
        return KMS.CancelKeyDeletionResponse { $0.keyId = key.arn }
    }

    // MARK: Shapes

    static func metadata(_ key: KMSKey, _ store: KMSStore, in transaction: Transaction) throws -> KMS.KeyMetadata {
        let material = key.spec == .symmetric ? try store.current(of: key, in: transaction)?.id : nil
        let related = key.role == nil ? [] : try store.related(key, in: transaction)
        return KMS.KeyMetadata {
            $0.awsAccountId = key.scope.account
            $0.keyId = key.id
            $0.arn = key.arn
            $0.creationDate = key.createdAt
            $0.enabled = key.state == .enabled
            $0.description = key.description
            $0.keyUsage = key.usage
            $0.keyState = KMS.KeyState(rawValue: key.state.rawValue)
            $0.deletionDate = key.deletionDate
            $0.pendingDeletionWindowInDays = key.state == .pendingReplicaDeletion ? key.deletionWindow : nil
            $0.validTo = key.validTo
            $0.origin = key.origin
            $0.expirationModel = key.expiration
            $0.keyManager = key.isManaged ? .aws : .customer
            $0.customerMasterKeySpec = KMS.CustomerMasterKeySpec(rawValue: key.spec.rawValue)
            $0.keySpec = KMS.KeySpec(rawValue: key.spec.rawValue)
            describeAlgorithms(key, &$0)
            $0.multiRegion = key.role != nil
            $0.multiRegionConfiguration = key.role.map { regions(related, $0) }
            $0.currentKeyMaterialId = material
        }
    }

    private static func describeAlgorithms(_ key: KMSKey, _ metadata: inout KMS.KeyMetadata) {
        switch key.usage {
        case .encryptDecrypt: metadata.encryptionAlgorithms = key.spec.encryptionAlgorithms
        case .signVerify: metadata.signingAlgorithms = key.spec.signingAlgorithms
        case .keyAgreement: metadata.keyAgreementAlgorithms = [.ecdh]
        default: metadata.macAlgorithms = key.spec.macAlgorithm.map { [$0] }
        }
    }

    private static func regions(_ keys: [KMSKey], _ role: KMS.MultiRegionKeyType) -> KMS.MultiRegionConfiguration {
        func shape(_ key: KMSKey) -> KMS.MultiRegionKey {
            KMS.MultiRegionKey {
                $0.arn = key.arn
                $0.region = key.scope.region
            }
        }
        return KMS.MultiRegionConfiguration {
            $0.multiRegionKeyType = role
            $0.primaryKey = keys.first { $0.role == .primary }.map(shape)
            $0.replicaKeys = keys.filter { $0.role == .replica }.map(shape)
        }
    }
}
