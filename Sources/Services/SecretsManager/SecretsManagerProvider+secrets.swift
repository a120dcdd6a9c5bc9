public import AWSModels
import Core
import Storage
public import Wire

extension SecretsManagerProvider {
    public func createSecret(
        _ input: SecretsManager.CreateSecretRequest, _ context: RequestContext
    ) async throws(AWSError) -> SecretsManager.CreateSecretResponse {
        try Self.check(name: input.name)
        guard input.addReplicaRegions?.isEmpty ?? true else {
            throw SecretsManager.Errors.invalidParameterException(
                "Secrets are not replicated to other regions here. Leave AddReplicaRegions out.")
        }
        let token = try Self.token(input.clientRequestToken)
        let value = try Self.value(input.secretString, input.secretBinary)
        let suffix = suffix()
        let secret = try await write { [self] transaction in
            try store.removeEnded(at: clock.now, in: transaction)
            if let found = try store.secret(named: input.name, context.scope, at: clock.now, in: transaction) {
                return try repeated(found, token, value, in: transaction)
            }
            var secret = Secret(input.name, context.scope, suffix: suffix, at: clock.now)
            secret.description = Self.nonEmpty(input.description)
            secret.wasTagged = !(input.tags?.isEmpty ?? true)
            secret.kmsKey = input.kmsKeyId
            try store.put(secret, in: transaction)
            try tags.add((input.tags ?? []).map(Self.pair), to: secret.arn, in: transaction)
            if let value {
                try store.add(
                    value, as: token, stages: [SecretVersion.current], to: &secret, at: clock.now, in: transaction)
            }
            return secret
        }
        return SecretsManager.CreateSecretResponse {
            $0.arn = secret.arn
            $0.name = secret.name
            $0.versionId = value == nil ? nil : token
        }
    }

    private static func nonEmpty(_ text: String?) -> String? { text.flatMap { $0.isEmpty ? nil : $0 } }

    /// A request that is made once more, with its token and its value, has the same answer.
    private func repeated(
        _ secret: Secret, _ token: String, _ value: SecretValue?, in transaction: Transaction
    ) throws -> Secret {
        guard secret.deletion == nil else {
            throw SecretsManager.Errors.invalidRequestException(
                "You can't create this secret because a secret with this name is already scheduled for deletion.")
        }
        guard let value, secret.version(token) != nil,
            try store.value(of: token, secret.arn, in: transaction) == value
        else {
            throw SecretsManager.Errors.resourceExistsException(
                "The operation failed because the secret \(secret.name) already exists.")
        }
        return secret
    }

    public func describeSecret(
        _ input: SecretsManager.DescribeSecretRequest, _ context: RequestContext
    ) async throws(AWSError) -> SecretsManager.DescribeSecretResponse {
        let (secret, shapes) = try await read { [self] transaction in
            let secret = try find(input.secretId, context, in: transaction)
            return (secret, Self.shapes(try tags.tags(of: secret.arn, in: transaction)))
        }
        return SecretsManager.DescribeSecretResponse {
            $0.arn = secret.arn
            $0.name = secret.name
            $0.description = secret.description
            $0.kmsKeyId = secret.kmsKey
            $0.createdDate = secret.createdAt
            $0.lastChangedDate = secret.changedAt
            $0.lastAccessedDate = secret.accessedOn
            $0.deletedDate = secret.deletion?.requestedAt
            $0.owningService = secret.owner
            $0.tags = secret.wasTagged ? shapes : nil
            if let rotation = secret.rotation {
                $0.rotationEnabled = rotation.isEnabled
                $0.rotationLambdaARN = rotation.function
                $0.rotationRules = SecretsManager.RotationRulesType(json: .object(rotation.rules))
                $0.lastRotatedDate = rotation.lastAt
                $0.nextRotationDate = rotation.nextAt
            }
            $0.versionIdsToStages = secret.stages
        }
    }

    public func updateSecret(
        _ input: SecretsManager.UpdateSecretRequest, _ context: RequestContext
    ) async throws(AWSError) -> SecretsManager.UpdateSecretResponse {
        let value = try Self.value(input.secretString, input.secretBinary)
        let token = try Self.token(input.clientRequestToken)
        let secret = try await write { [self] transaction in
            var secret = try findLiving(input.secretId, context, in: transaction)
            if let description = input.description { secret.description = Self.nonEmpty(description) }
            if let key = input.kmsKeyId { secret.kmsKey = key }
            secret.changedAt = clock.now
            if let value {
                try store.add(
                    value, as: token, stages: [SecretVersion.current], to: &secret, at: clock.now, in: transaction)
            } else {
                try store.put(secret, in: transaction)
            }
            return secret
        }
        return SecretsManager.UpdateSecretResponse {
            $0.arn = secret.arn
            $0.name = secret.name
            $0.versionId = value == nil ? nil : token
        }
    }

    // MARK: Deletion

    public func deleteSecret(
        _ input: SecretsManager.DeleteSecretRequest, _ context: RequestContext
    ) async throws(AWSError) -> SecretsManager.DeleteSecretResponse {
        let isForced = input.forceDeleteWithoutRecovery ?? false
        guard !isForced || input.recoveryWindowInDays == nil else {
            throw SecretsManager.Errors.invalidParameterException(
                "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
        }
        let days = input.recoveryWindowInDays ?? 30
        guard (7...30).contains(days) else {
            throw SecretsManager.Errors.invalidParameterException(
                "The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).")
        }
        let suffix = suffix()
        let (secret, end) = try await write { [self] transaction in
            let now = clock.now
            let end = isForced ? now : now.adding(milliseconds: Int64(days) * 86_400_000)
            guard var secret = try optional(input.secretId, context, in: transaction) else {
                // Whoever wants it gone without fail is told that it is.
                guard isForced, !input.secretId.hasPrefix("arn:") else {
                    throw SecretsManager.Errors.resourceNotFoundException(
                        "Secrets Manager can't find the specified secret.")
                }
                return (Secret(input.secretId, context.scope, suffix: suffix, at: now), end)
            }
            if isForced {
                try store.remove(secret.arn, in: transaction)
            } else {
                guard secret.deletion == nil else {
                    throw SecretsManager.Errors.invalidRequestException(
                        "You can't perform this operation on the secret because it was marked for deletion.")
                }
                secret.deletion = Secret.Deletion(requestedAt: now, endsAt: end)
                try store.put(secret, in: transaction)
            }
            return (secret, end)
        }
        return SecretsManager.DeleteSecretResponse {
            $0.arn = secret.arn
            $0.name = secret.name
            $0.deletionDate = end
        }
    }

    public func restoreSecret(
        _ input: SecretsManager.RestoreSecretRequest, _ context: RequestContext
    ) async throws(AWSError) -> SecretsManager.RestoreSecretResponse {
        let secret = try await write { [self] transaction in
            var secret = try find(input.secretId, context, in: transaction)
            secret.deletion = nil
            try store.put(secret, in: transaction)
            return secret
        }
        return SecretsManager.RestoreSecretResponse {
            $0.arn = secret.arn
            $0.name = secret.name
        }
    }
}
