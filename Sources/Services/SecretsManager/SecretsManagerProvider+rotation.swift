public import AWSModels
import Core
import Schedules
import Storage
public import Wire

extension SecretsManagerProvider {
    public func rotateSecret(
        _ input: SecretsManager.RotateSecretRequest, _ context: RequestContext
    ) async throws(AWSError) -> SecretsManager.RotateSecretResponse {
        let token = try Self.token(input.clientRequestToken)
        try Self.check(input.rotationRules)
        if let function = input.rotationLambdaARN, functions.resolve(function) == nil {
            throw AWSError(
                "AccessDeniedException",
                "Secrets Manager cannot invoke the specified Lambda function. Ensure that the function policy grants "
                    + "access to the principal secretsmanager.amazonaws.com.", status: 400)
        }
        let isImmediate = input.rotateImmediately ?? true
        let secret = try await write { [self] transaction in
            var secret = try findLiving(input.secretId, context, in: transaction)
            guard let function = input.rotationLambdaARN ?? secret.rotation?.function else {
                throw SecretsManager.Errors.invalidRequestException(
                    "No Lambda rotation function ARN is associated with this secret.")
            }
            if isImmediate, let pending = secret.holder(of: SecretVersion.pending), pending.id != token,
                !pending.stages.contains(SecretVersion.current)
            {
                throw SecretsManager.Errors.invalidRequestException(
                    "A previous rotation isn't complete. That rotation will be reattempted.")
            }
            var rotation = secret.rotation ?? SecretRotation(function: function)
            rotation.function = function
            rotation.isEnabled = true
            if let rules = input.rotationRules { rotation.rules = rules.json }
            rotation.generation += 1
            secret.rotation = rotation
            if isImmediate {
                rotation.nextAt = rotation.next(after: clock.now)
                secret.rotation = rotation
                let plan = RotationTarget.Plan(token: token, generation: rotation.generation)
                try RotationTarget.enqueue(plan, of: secret.arn, outbox, in: transaction)
            } else {
                try RotationTarget.plan(&secret, after: clock.now, random, outbox, in: transaction)
            }
            try store.put(secret, in: transaction)
            return secret
        }
        return SecretsManager.RotateSecretResponse {
            $0.arn = secret.arn
            $0.name = secret.name
            $0.versionId = isImmediate ? token : nil
        }
    }

    private static func check(_ rules: SecretsManager.RotationRulesType?) throws(AWSError) {
        guard let rules else { return }
        guard rules.automaticallyAfterDays == nil || rules.scheduleExpression == nil else {
            throw SecretsManager.Errors.invalidParameterException(
                "You can't specify both AutomaticallyAfterDays and ScheduleExpression in RotationRules.")
        }
        guard let expression = rules.scheduleExpression else { return }
        do {
            _ = try ScheduleExpression(expression, dialect: .rule)
        } catch {
            throw SecretsManager.Errors.invalidParameterException("Invalid ScheduleExpression: \(error)")
        }
    }

    public func cancelRotateSecret(
        _ input: SecretsManager.CancelRotateSecretRequest, _ context: RequestContext
    ) async throws(AWSError) -> SecretsManager.CancelRotateSecretResponse {
        let secret = try await write { [self] transaction in
            var secret = try findLiving(input.secretId, context, in: transaction)
            guard var rotation = secret.rotation else {
                throw SecretsManager.Errors.invalidRequestException(
                    "You tried to cancel the rotation of a secret that has none configured.")
            }
            rotation.isEnabled = false
            rotation.nextAt = nil
            rotation.generation += 1
            secret.rotation = rotation
            try store.put(secret, in: transaction)
            return secret
        }
        return SecretsManager.CancelRotateSecretResponse {
            $0.arn = secret.arn
            $0.name = secret.name
            $0.versionId = secret.holder(of: SecretVersion.pending)?.id
        }
    }
}
