public import AWSModels
import Core
public import Wire

extension SecretsManagerProvider {
    public func putResourcePolicy(
        _ input: SecretsManager.PutResourcePolicyRequest, _ context: RequestContext
    ) async throws(AWSError) -> SecretsManager.PutResourcePolicyResponse {
        guard Self.isPolicy(input.resourcePolicy) else {
            throw SecretsManager.Errors.malformedPolicyDocumentException(
                "This resource policy contains a syntax error. Check the resource policy and try again.")
        }
        let secret = try await setPolicy(input.resourcePolicy, of: input.secretId, context)
        return SecretsManager.PutResourcePolicyResponse {
            $0.arn = secret.arn
            $0.name = secret.name
        }
    }

    public func deleteResourcePolicy(
        _ input: SecretsManager.DeleteResourcePolicyRequest, _ context: RequestContext
    ) async throws(AWSError) -> SecretsManager.DeleteResourcePolicyResponse {
        let secret = try await setPolicy(nil, of: input.secretId, context)
        return SecretsManager.DeleteResourcePolicyResponse {
            $0.arn = secret.arn
            $0.name = secret.name
        }
    }

    private func setPolicy(
        _ policy: String?, of id: String, _ context: RequestContext
    ) async throws(AWSError) -> Secret {
        try await write { [self] transaction in
            var secret = try findLiving(id, context, in: transaction)
            secret.policy = policy
            try store.put(secret, in: transaction)
            return secret
        }
    }

    public func getResourcePolicy(
        _ input: SecretsManager.GetResourcePolicyRequest, _ context: RequestContext
    ) async throws(AWSError) -> SecretsManager.GetResourcePolicyResponse {
        let secret = try await read { [self] in try findLiving(input.secretId, context, in: $0) }
        return SecretsManager.GetResourcePolicyResponse {
            $0.arn = secret.arn
            $0.name = secret.name
            $0.resourcePolicy = secret.policy
        }
    }

    public func validateResourcePolicy(
        _ input: SecretsManager.ValidateResourcePolicyRequest, _ context: RequestContext
    ) async throws(AWSError) -> SecretsManager.ValidateResourcePolicyResponse {
        if let id = input.secretId { _ = try await read { [self] in try findLiving(id, context, in: $0) } }
        let isPolicy = Self.isPolicy(input.resourcePolicy)
        return SecretsManager.ValidateResourcePolicyResponse {
            $0.policyValidationPassed = isPolicy
            $0.validationErrors =
                isPolicy
                ? []
                : [
                    SecretsManager.ValidationErrorsEntry {
                        $0.checkName = "Syntax"
                        $0.errorMessage = "This resource policy contains a syntax error."
                    }
                ]
        }
    }

    /// A JSON object with statements that say what they allow or deny to whom.
    private static func isPolicy(_ text: String) -> Bool {
        guard let document = try? JSON(parsing: Array(text.utf8)), let statement = document["Statement"] else {
            return false
        }
        let statements = statement.arrayValue ?? [statement]
        return !statements.isEmpty
            && statements.allSatisfy { statement in
                ["Allow", "Deny"].contains(statement["Effect"]?.stringValue ?? "")
                    && (statement["Action"] ?? statement["NotAction"]) != nil
                    && (statement["Principal"] ?? statement["NotPrincipal"]) != nil
            }
    }

    // MARK: Passwords

    public func getRandomPassword(
        _ input: SecretsManager.GetRandomPasswordRequest, _ context: RequestContext
    ) async throws(AWSError) -> SecretsManager.GetRandomPasswordResponse {
        let excluded = Set(input.excludeCharacters ?? "")
        let kinds = [
            (input.excludeLowercase ?? false, "abcdefghijklmnopqrstuvwxyz"),
            (input.excludeUppercase ?? false, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
            (input.excludeNumbers ?? false, "0123456789"),
            (input.excludePunctuation ?? false, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
            (!(input.includeSpace ?? false), " "),
        ].filter { !$0.0 }.map { $0.1.filter { !excluded.contains($0) } }.filter { !$0.isEmpty }.map(Array.init)
        let length = input.passwordLength ?? 32
        let requiresEach = input.requireEachIncludedType ?? true
        guard !kinds.isEmpty, !requiresEach || length >= kinds.count else {
            throw SecretsManager.Errors.invalidParameterException(
                "Password length is too short based on the required types.")
        }
        // Not from a seed: whoever knows one password must not be able to find the next.
        var generator = SystemRandomNumberGenerator()
        var password = requiresEach ? kinds.compactMap { $0.randomElement(using: &generator) } : []
        let all = kinds.flatMap(\.self)
        while password.count < length, let next = all.randomElement(using: &generator) { password.append(next) }
        password.shuffle(using: &generator)
        return SecretsManager.GetRandomPasswordResponse { [password] in $0.randomPassword = String(password) }
    }
}
