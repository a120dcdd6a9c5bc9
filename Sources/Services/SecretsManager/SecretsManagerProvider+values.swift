public import AWSModels
import Core
import Storage
public import Wire

extension SecretsManagerProvider {
    // MARK: Writing

    static func value(_ text: String?, _ binary: Blob?) throws(AWSError) -> SecretValue? {
        guard text == nil || binary == nil else {
            throw SecretsManager.Errors.invalidParameterException(
                "You can't specify both a binary secret value and a string secret value in the same secret.")
        }
        return text.map(SecretValue.text) ?? binary.map { .binary($0.bytes) }
    }

    /// The identifier of the version that a request makes. AWS's clients make one up when their caller gives none.
    static func token(_ given: String?) throws(AWSError) -> String {
        guard let given, !given.isEmpty else {
            throw SecretsManager.Errors.invalidRequestException(
                "You must provide a ClientRequestToken value. We recommend a UUID-type value.")
        }
        return given
    }

    public func putSecretValue(
        _ input: SecretsManager.PutSecretValueRequest, _ context: RequestContext
    ) async throws(AWSError) -> SecretsManager.PutSecretValueResponse {
        guard let value = try Self.value(input.secretString, input.secretBinary) else {
            throw SecretsManager.Errors.invalidRequestException(
                "You must provide either SecretString or SecretBinary.")
        }
        let token = try Self.token(input.clientRequestToken)
        let secret = try await write { [self] transaction in
            var secret = try findLiving(input.secretId, context, in: transaction)
            try Self.checkKey(of: secret, context)
            let stages = input.versionStages ?? [SecretVersion.current]
            try store.add(value, as: token, stages: stages, to: &secret, at: clock.now, in: transaction)
            return secret
        }
        return SecretsManager.PutSecretValueResponse {
            $0.arn = secret.arn
            $0.name = secret.name
            $0.versionId = token
            $0.versionStages = secret.version(token)?.stages
        }
    }

    public func updateSecretVersionStage(
        _ input: SecretsManager.UpdateSecretVersionStageRequest, _ context: RequestContext
    ) async throws(AWSError) -> SecretsManager.UpdateSecretVersionStageResponse {
        let secret = try await write { [self] transaction in
            var secret = try findLiving(input.secretId, context, in: transaction)
            try Self.move(input, in: &secret)
            secret.changedAt = clock.now
            try store.put(secret, in: transaction)
            return secret
        }
        return SecretsManager.UpdateSecretVersionStageResponse {
            $0.arn = secret.arn
            $0.name = secret.name
        }
    }

    private static func move(
        _ input: SecretsManager.UpdateSecretVersionStageRequest, in secret: inout Secret
    ) throws(AWSError) {
        let stage = input.versionStage
        for id in [input.moveToVersionId, input.removeFromVersionId].compactMap(\.self) where secret.version(id) == nil
        {
            throw SecretsManager.Errors.resourceNotFoundException(
                "Secrets Manager can't find the specified secret version for VersionId: \(id)")
        }
        let holder = secret.holder(of: stage)?.id
        if let holder, holder != input.moveToVersionId, holder != input.removeFromVersionId {
            throw SecretsManager.Errors.invalidParameterException(
                input.removeFromVersionId == nil
                    ? "The parameter RemoveFromVersionId can't be empty. Staging label \(stage) is currently attached to "
                        + "version \(holder), so you must explicitly reference that version in RemoveFromVersionId."
                    : "The staging label \(stage) is not attached to version \(input.removeFromVersionId ?? "").")
        }
        if let target = input.moveToVersionId {
            secret.versions.attach([stage], to: target)
        } else if stage == SecretVersion.current {
            throw SecretsManager.Errors.invalidParameterException(
                "You can only move staging label AWSCURRENT to a different secret version. "
                    + "It can\u{2019}t be completely removed.")
        } else {
            guard holder != nil else {
                throw SecretsManager.Errors.invalidParameterException(
                    "The staging label \(stage) is not attached to version \(input.removeFromVersionId ?? "").")
            }
            secret.versions.detach(stage)
        }
    }

    // MARK: Reading

    public func getSecretValue(
        _ input: SecretsManager.GetSecretValueRequest, _ context: RequestContext
    ) async throws(AWSError) -> SecretsManager.GetSecretValueResponse {
        let found = try await read { [self] transaction in
            let secret = try findLiving(input.secretId, context, in: transaction)
            try Self.checkKey(of: secret, context)
            return try value(of: secret, id: input.versionId, stage: input.versionStage, in: transaction)
        }
        try await noteAccess([found])
        return SecretsManager.GetSecretValueResponse {
            $0.arn = found.secret.arn
            $0.name = found.secret.name
            $0.versionId = found.version.id
            $0.versionStages = found.version.stages
            $0.createdDate = found.version.createdAt
            ($0.secretString, $0.secretBinary) = found.members
        }
    }

    /// A version with what it holds.
    struct Found: Sendable {
        var secret: Secret
        var version: SecretVersion
        var value: SecretValue

        var members: (String?, Blob?) {
            switch value {
            case .text(let text): (text, nil)
            case .binary(let bytes): (nil, Blob(bytes))
            }
        }
    }

    func value(of secret: Secret, id: String?, stage: String?, in transaction: Transaction) throws -> Found {
        let named = id.flatMap(secret.version)
        if let named, let stage, !named.stages.contains(stage) {
            throw SecretsManager.Errors.invalidRequestException(
                "You provided a VersionStage that is not associated to the provided VersionId.")
        }
        let label = stage ?? SecretVersion.current
        guard let version = id == nil ? secret.holder(of: label) : named,
            let value = try store.value(of: version.id, secret.arn, in: transaction)
        else {
            let what = id.map { "VersionId: \($0)" } ?? "staging label: \(label)"
            throw SecretsManager.Errors.resourceNotFoundException(
                "Secrets Manager can't find the specified secret value for \(what)")
        }
        return Found(secret: secret, version: version, value: value)
    }

    /// Remembers the day on which values were read; it is written once a day.
    func noteAccess(_ found: [Found]) async throws(AWSError) {
        let now = clock.now.milliseconds
        let today = Timestamp(milliseconds: now - now % 86_400_000)
        let unnoted = found.filter { $0.version.accessedOn != today }
        guard !unnoted.isEmpty else { return }
        try await write { [store] transaction in
            for read in unnoted {
                try store.noteAccess(to: read.version.id, of: read.secret.arn, on: today, in: transaction)
            }
        }
    }

    public func listSecretVersionIds(
        _ input: SecretsManager.ListSecretVersionIdsRequest, _ context: RequestContext
    ) async throws(AWSError) -> SecretsManager.ListSecretVersionIdsResponse {
        let secret = try await read { [self] in try find(input.secretId, context, in: $0) }
        let shown = secret.versions.filter { !$0.stages.isEmpty || input.includeDeprecated == true }
        let page = try Self.page(shown, of: input.maxResults ?? Self.mostVersions, after: input.nextToken, by: \.id)
        return SecretsManager.ListSecretVersionIdsResponse {
            $0.arn = secret.arn
            $0.name = secret.name
            $0.nextToken = page.next
            $0.versions = page.items.map { version in
                SecretsManager.SecretVersionsListEntry {
                    $0.versionId = version.id
                    $0.versionStages = version.stages.isEmpty ? nil : version.stages
                    $0.createdDate = version.createdAt
                    $0.lastAccessedDate = version.accessedOn
                    $0.kmsKeyIds = [secret.kmsKey ?? "DefaultEncryptionKey"]
                }
            }
        }
    }

    /// A hundred deprecated ones, and one for each of the twenty labels there can be.
    private static let mostVersions = 120

    static func page<Item>(
        _ items: [Item], of limit: Int, after token: String?, by name: (Item) -> String
    ) throws(AWSError) -> PlacedPage<Item> {
        try PlacedPage(
            items, of: limit, after: token, by: name,
            orThrow: SecretsManager.Errors.invalidNextTokenException("The NextToken value is invalid."))
    }
}
