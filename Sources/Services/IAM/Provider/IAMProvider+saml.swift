public import AWSModels
import Core
import Storage
public import Wire

/// Providers of identities that speak SAML 2.0.
extension IAMProvider {
    private static let samlProviderLimit = 100
    private static let privateKeysPerProvider = 2
    /// Metadata that names no end is good for so long.
    private static let validity: Int64 = 100 * 365 * 86_400_000

    public func createSAMLProvider(
        _ input: IAM.CreateSAMLProviderRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.CreateSAMLProviderResponse {
        var provider = IAMEntity(
            kind: .samlProvider, account: context.scope.account, id: IAMEntity.letters(32, using: random),
            name: input.name, createdAt: now)
        try setMetadata(input.samlMetadataDocument, of: &provider)
        if let mode = input.assertionEncryptionMode { provider["encryption"] = mode.rawValue }
        if let key = input.addPrivateKey { try addPrivateKey(key, to: &provider) }
        let made = provider
        let tags = try await write { transaction in
            try create(made, tags: input.tags, limit: Self.samlProviderLimit, in: transaction)
            return try shapes(ofTagsOf: made, in: transaction)
        }
        return IAM.CreateSAMLProviderResponse {
            $0.samlProviderArn = made.arn
            $0.tags = tags
        }
    }

    public func getSAMLProvider(
        _ input: IAM.GetSAMLProviderRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.GetSAMLProviderResponse {
        let (provider, tags) = try await read { transaction in
            let provider = try require(.samlProvider, arn: input.samlProviderArn, context, in: transaction)
            return (provider, try shapes(ofTagsOf: provider, in: transaction))
        }
        return IAM.GetSAMLProviderResponse {
            $0.samlProviderUUID = provider.id
            $0.samlMetadataDocument = provider["metadata"]
            $0.createDate = provider.createdAt
            $0.validUntil = Self.validUntil(provider)
            $0.tags = tags
            $0.assertionEncryptionMode = provider["encryption"].map(IAM.AssertionEncryptionModeType.init(rawValue:))
            let keys = Self.privateKeys(of: provider)
            if !keys.isEmpty {
                $0.privateKeyList = keys.map { key in
                    IAM.SAMLPrivateKey {
                        $0.keyId = key.id
                        $0.timestamp = key.addedAt
                    }
                }
            }
        }
    }

    public func listSAMLProviders(
        _ input: IAM.ListSAMLProvidersRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListSAMLProvidersResponse {
        let providers = try await read { try store.list(.samlProvider, context.scope.account, in: $0) }
        return IAM.ListSAMLProvidersResponse {
            $0.samlProviderList = providers.map { provider in
                IAM.SAMLProviderListEntry {
                    $0.arn = provider.arn
                    $0.validUntil = Self.validUntil(provider)
                    $0.createDate = provider.createdAt
                }
            }
        }
    }

    public func updateSAMLProvider(
        _ input: IAM.UpdateSAMLProviderRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.UpdateSAMLProviderResponse {
        let arn = try await write { transaction in
            var provider = try require(.samlProvider, arn: input.samlProviderArn, context, in: transaction)
            if let document = input.samlMetadataDocument { try setMetadata(document, of: &provider) }
            if let mode = input.assertionEncryptionMode { provider["encryption"] = mode.rawValue }
            if let id = input.removePrivateKey {
                guard Self.privateKeys(of: provider).contains(where: { $0.id == id }) else {
                    throw IAMError.noSuchEntity("The private key with id \(id) cannot be found.")
                }
                var keys = provider.body["keys"]?.objectValue ?? [:]
                keys[id] = nil
                provider.body["keys"] = .object(keys)
            }
            if let key = input.addPrivateKey { try addPrivateKey(key, to: &provider) }
            try store.update(provider, in: transaction)
            return provider.arn
        }
        return IAM.UpdateSAMLProviderResponse { $0.samlProviderArn = arn }
    }

    public func deleteSAMLProvider(
        _ input: IAM.DeleteSAMLProviderRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await write { transaction in
            let provider = try require(.samlProvider, arn: input.samlProviderArn, context, in: transaction)
            try remove(provider, in: transaction)
        }
    }

    // MARK: Tags

    public func tagSAMLProvider(
        _ input: IAM.TagSAMLProviderRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await tag(.samlProvider, input.samlProviderArn, input.tags, context)
    }

    public func untagSAMLProvider(
        _ input: IAM.UntagSAMLProviderRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await untag(.samlProvider, input.samlProviderArn, input.tagKeys, context)
    }

    public func listSAMLProviderTags(
        _ input: IAM.ListSAMLProviderTagsRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListSAMLProviderTagsResponse {
        let page = try await page(.samlProvider, input.samlProviderArn, input.marker, input.maxItems, context)
        return IAM.ListSAMLProviderTagsResponse {
            $0.tags = page.items
            $0.isTruncated = page.isTruncated
            $0.marker = page.marker
        }
    }

    // MARK: Pieces

    private func setMetadata(_ document: String, of provider: inout IAMEntity) throws(AWSError) {
        let metadata = try SAMLMetadata(document)
        let end = metadata.validUntil ?? now.adding(milliseconds: Self.validity)
        provider["metadata"] = document
        provider["issuer"] = metadata.issuer
        provider.body["validUntil"] = .int(end.milliseconds)
    }

    private static func validUntil(_ provider: IAMEntity) -> Timestamp? {
        provider.body["validUntil"]?.intValue.map { Timestamp(milliseconds: $0) }
    }

    /// Keys open assertions that are encrypted, which none is here: that there is one is all that is kept.
    private func addPrivateKey(_ text: String, to provider: inout IAMEntity) throws(AWSError) {
        guard PrivateKey(pem: text) != nil else {
            throw IAM.Errors.invalidInputException("Unable to parse the private key. It must be in PEM format.")
        }
        var keys = provider.body["keys"]?.objectValue ?? [:]
        guard keys.count < Self.privateKeysPerProvider else {
            throw IAMError.quota("PrivateKeysPerSAMLProvider", Self.privateKeysPerProvider)
        }
        keys[IAMEntity.letters(32, using: random)] = .int(now.milliseconds)
        provider.body["keys"] = .object(keys)
    }

    private static func privateKeys(of provider: IAMEntity) -> [(id: String, addedAt: Timestamp)] {
        (provider.body["keys"]?.objectValue ?? [:])
            .map { ($0.key, Timestamp(milliseconds: $0.value.intValue ?? 0)) }
    }
}
