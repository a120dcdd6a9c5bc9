public import AWSModels
import Core
import Storage
public import Wire

/// Providers of identities that speak OpenID Connect. Each is named by its address without the scheme.
extension IAMProvider {
    private static let openIDProviderLimit = 100
    private static let clientIDLimit = 100
    private static let thumbprintLimit = 5

    public func createOpenIDConnectProvider(
        _ input: IAM.CreateOpenIDConnectProviderRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.CreateOpenIDConnectProviderResponse {
        let clients = input.clientIDList ?? []
        let thumbprints = input.thumbprintList ?? []
        try Self.check(thumbprints: thumbprints)
        try Self.check(clients: clients)
        let provider = IAMEntity(
            kind: .openIDProvider, account: context.scope.account,
            id: IAMEntity.makeID(.openIDProvider, using: random), name: try Self.name(of: input.url), createdAt: now,
            body: ["clients": Self.json(clients), "thumbprints": Self.json(thumbprints)])
        let tags = try await write { transaction in
            try create(provider, tags: input.tags, limit: Self.openIDProviderLimit, in: transaction)
            return try shapes(ofTagsOf: provider, in: transaction)
        }
        return IAM.CreateOpenIDConnectProviderResponse {
            $0.openIDConnectProviderArn = provider.arn
            $0.tags = tags
        }
    }

    public func getOpenIDConnectProvider(
        _ input: IAM.GetOpenIDConnectProviderRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.GetOpenIDConnectProviderResponse {
        let (provider, tags) = try await read { transaction in
            let arn = input.openIDConnectProviderArn
            let provider = try require(.openIDProvider, arn: arn, context, in: transaction)
            return (provider, try shapes(ofTagsOf: provider, in: transaction))
        }
        return IAM.GetOpenIDConnectProviderResponse {
            $0.url = provider.name
            $0.clientIDList = Self.texts(provider, "clients")
            $0.thumbprintList = Self.texts(provider, "thumbprints")
            $0.createDate = provider.createdAt
            $0.tags = tags
        }
    }

    public func listOpenIDConnectProviders(
        _ input: IAM.ListOpenIDConnectProvidersRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListOpenIDConnectProvidersResponse {
        let providers = try await read { try store.list(.openIDProvider, context.scope.account, in: $0) }
        return IAM.ListOpenIDConnectProvidersResponse {
            $0.openIDConnectProviderList = providers.map { provider in
                IAM.OpenIDConnectProviderListEntry { $0.arn = provider.arn }
            }
        }
    }

    /// One that is not there is deleted already.
    public func deleteOpenIDConnectProvider(
        _ input: IAM.DeleteOpenIDConnectProviderRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await write { transaction in
            let arn = input.openIDConnectProviderArn
            guard let found = try? require(.openIDProvider, arn: arn, context, in: transaction) else { return }
            try remove(found, in: transaction)
        }
    }

    public func addClientIDToOpenIDConnectProvider(
        _ input: IAM.AddClientIDToOpenIDConnectProviderRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await change(input.openIDConnectProviderArn, context) { provider in
            var clients = Self.texts(provider, "clients")
            if !clients.contains(input.clientID) { clients.append(input.clientID) }
            try Self.check(clients: clients)
            provider.body["clients"] = Self.json(clients)
        }
    }

    public func removeClientIDFromOpenIDConnectProvider(
        _ input: IAM.RemoveClientIDFromOpenIDConnectProviderRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await change(input.openIDConnectProviderArn, context) { provider in
            let clients = Self.texts(provider, "clients").filter { $0 != input.clientID }
            provider.body["clients"] = Self.json(clients)
        }
    }

    public func updateOpenIDConnectProviderThumbprint(
        _ input: IAM.UpdateOpenIDConnectProviderThumbprintRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try Self.check(thumbprints: input.thumbprintList)
        try await change(input.openIDConnectProviderArn, context) { provider in
            provider.body["thumbprints"] = Self.json(input.thumbprintList)
        }
    }

    // MARK: Tags

    public func tagOpenIDConnectProvider(
        _ input: IAM.TagOpenIDConnectProviderRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await tag(.openIDProvider, input.openIDConnectProviderArn, input.tags, context)
    }

    public func untagOpenIDConnectProvider(
        _ input: IAM.UntagOpenIDConnectProviderRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await untag(.openIDProvider, input.openIDConnectProviderArn, input.tagKeys, context)
    }

    public func listOpenIDConnectProviderTags(
        _ input: IAM.ListOpenIDConnectProviderTagsRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListOpenIDConnectProviderTagsResponse {
        let arn = input.openIDConnectProviderArn
        let page = try await page(.openIDProvider, arn, input.marker, input.maxItems, context)
        return IAM.ListOpenIDConnectProviderTagsResponse {
            $0.tags = page.items
            $0.isTruncated = page.isTruncated
            $0.marker = page.marker
        }
    }

    // MARK: Pieces

    private func change(
        _ arn: String, _ context: RequestContext, _ body: @escaping @Sendable (inout IAMEntity) throws -> Void
    ) async throws(AWSError) {
        try await write { transaction in
            var provider = try require(.openIDProvider, arn: arn, context, in: transaction)
            try body(&provider)
            try store.update(provider, in: transaction)
        }
    }

    /// Host and path of an address. A query and a fragment are no part of an issuer's name.
    private static func name(of url: String) throws(AWSError) -> String {
        let failure = IAMError.invalid("Invalid Open ID Connect Provider URL")
        guard url.lowercased().hasPrefix("https://") else { throw failure }
        let name = url.dropFirst(8)
        guard let host = name.split(separator: "/", omittingEmptySubsequences: false).first, !host.isEmpty,
            name.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"?#@\"<>\\^`{|}".utf8.contains($0) })
        else { throw failure }
        return String(name.hasSuffix("/") ? name.dropLast() : name)
    }

    private static func check(clients: [String]) throws(AWSError) {
        guard clients.count <= clientIDLimit else {
            throw IAMError.quota("ClientIdsPerOpenIdConnectProvider", clientIDLimit)
        }
    }

    private static func check(thumbprints: [String]) throws(AWSError) {
        guard thumbprints.count <= thumbprintLimit else {
            throw IAM.Errors.invalidInputException("Thumbprint list must contain fewer than 5 entries.")
        }
    }

    private static func texts(_ provider: IAMEntity, _ list: String) -> [String] {
        (provider.body[list]?.arrayValue ?? []).compactMap(\.stringValue)
    }

    private static func json(_ texts: [String]) -> JSON { .array(texts.map(JSON.string)) }
}
