public import AWSModels
import Core
import Storage
public import Wire

extension SecretsManagerProvider {
    public func listSecrets(
        _ input: SecretsManager.ListSecretsRequest, _ context: RequestContext
    ) async throws(AWSError) -> SecretsManager.ListSecretsResponse {
        let filters = (input.filters ?? []).map(SecretFilter.init)
        var listed = try await listed(filters, context) { $0.deletion == nil || input.includePlannedDeletion == true }
        // Without a wish, the newest are first.
        listed.sort { Self.precedes($0, $1, input.sortBy) }
        if input.sortOrder == .asc { listed.reverse() }
        let page = try Self.page(listed, of: input.maxResults ?? 100, after: input.nextToken, by: \.secret.arn)
        return SecretsManager.ListSecretsResponse {
            $0.nextToken = page.next
            $0.secretList = page.items.map(Self.entry)
        }
    }

    /// A secret with its tags.
    struct Listed: Sendable {
        var secret: Secret
        var tags: [(name: String, value: String)]
    }

    private func listed(
        _ filters: [SecretFilter], _ context: RequestContext, where isShown: @escaping @Sendable (Secret) -> Bool
    ) async throws(AWSError) -> [Listed] {
        try await read { [self] transaction in
            try store.secrets(of: context.scope, at: clock.now, in: transaction).filter(isShown).compactMap { secret in
                let tags = try tags.tags(of: secret.arn, in: transaction)
                guard filters.allSatisfy({ $0.matches(secret, tags) }) else { return nil }
                var secret = secret
                secret.versions = try store.versions(of: secret.arn, in: transaction)
                return Listed(secret: secret, tags: tags)
            }
        }
    }

    /// In descending order.
    private static func precedes(_ left: Listed, _ right: Listed, _ order: SecretsManager.SortByType?) -> Bool {
        let (first, second) = (left.secret, right.secret)
        switch order {
        case .name: return first.name > second.name
        case .lastAccessedDate:
            let (one, other) = (first.accessedOn?.milliseconds ?? 0, second.accessedOn?.milliseconds ?? 0)
            return (one, first.name) > (other, second.name)
        case .lastChangedDate: return (first.changedAt, first.name) > (second.changedAt, second.name)
        default: return (first.createdAt, first.name) > (second.createdAt, second.name)
        }
    }

    private static func entry(_ listed: Listed) -> SecretsManager.SecretListEntry {
        let secret = listed.secret
        return SecretsManager.SecretListEntry {
            $0.arn = secret.arn
            $0.name = secret.name
            $0.description = secret.description
            $0.kmsKeyId = secret.kmsKey
            $0.createdDate = secret.createdAt
            $0.lastChangedDate = secret.changedAt
            $0.lastAccessedDate = secret.accessedOn
            $0.deletedDate = secret.deletion?.requestedAt
            $0.owningService = secret.owner
            $0.tags = secret.wasTagged ? shapes(listed.tags) : nil
            if let rotation = secret.rotation {
                $0.rotationEnabled = rotation.isEnabled
                $0.rotationLambdaARN = rotation.function
                $0.rotationRules = SecretsManager.RotationRulesType(json: .object(rotation.rules))
                $0.lastRotatedDate = rotation.lastAt
                $0.nextRotationDate = rotation.nextAt
            }
            $0.secretVersionsToStages = secret.stages
        }
    }

    public func batchGetSecretValue(
        _ input: SecretsManager.BatchGetSecretValueRequest, _ context: RequestContext
    ) async throws(AWSError) -> SecretsManager.BatchGetSecretValueResponse {
        guard (input.secretIdList == nil) != (input.filters == nil) else {
            throw SecretsManager.Errors.invalidParameterException(
                "Either 'SecretIdList' or 'Filters' must be provided, but not both.")
        }
        guard input.filters != nil || input.maxResults == nil else {
            throw SecretsManager.Errors.invalidParameterException(
                "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided.")
        }
        var (ids, next) = (input.secretIdList ?? [], String?.none)
        if let filters = input.filters?.map(SecretFilter.init) {
            let listed = try await listed(filters, context) { $0.deletion == nil }
            let page = try Self.page(listed, of: input.maxResults ?? 20, after: input.nextToken, by: \.secret.arn)
            ids = page.items.map(\.secret.arn)
            next = page.next
        }
        let results = try await read { [self, ids] transaction in
            try ids.map { id in try result(id, context, in: transaction) }
        }
        try await noteAccess(results.compactMap { try? $0.get() })
        return SecretsManager.BatchGetSecretValueResponse {
            $0.nextToken = next
            $0.secretValues = results.compactMap { try? $0.get() }.map(Self.valueEntry)
            $0.errors = zip(ids, results).compactMap(Self.errorEntry)
        }
    }

    /// What is wrong with one of several secrets is no reason to keep back the others.
    private func result(
        _ id: String, _ context: RequestContext, in transaction: Transaction
    ) throws -> Result<Found, AWSError> {
        do {
            let secret = try findLiving(id, context, in: transaction)
            return .success(try value(of: secret, id: nil, stage: nil, in: transaction))
        } catch let error as AWSError {
            return .failure(error)
        }
    }

    private static func valueEntry(_ found: Found) -> SecretsManager.SecretValueEntry {
        SecretsManager.SecretValueEntry {
            $0.arn = found.secret.arn
            $0.name = found.secret.name
            $0.versionId = found.version.id
            $0.versionStages = found.version.stages
            $0.createdDate = found.version.createdAt
            ($0.secretString, $0.secretBinary) = found.members
        }
    }

    private static func errorEntry(
        _ id: String, _ result: Result<Found, AWSError>
    ) -> SecretsManager.APIErrorType? {
        guard case .failure(let error) = result else { return nil }
        return SecretsManager.APIErrorType {
            $0.secretId = id
            $0.errorCode = error.code
            $0.message = error.message
        }
    }
}
