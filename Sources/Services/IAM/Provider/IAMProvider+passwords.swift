public import AWSModels
import Core
import Storage
public import Wire

/// Passwords of users. There is no console to sign in to: they are checked against the account's policy and not kept.
extension IAMProvider {
    // MARK: The account's policy

    /// What is not given goes back to what it is without a policy.
    public func updateAccountPasswordPolicy(
        _ input: IAM.UpdateAccountPasswordPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) {
        let policy = IAM.PasswordPolicy {
            $0.minimumPasswordLength = input.minimumPasswordLength ?? 6
            $0.requireSymbols = input.requireSymbols ?? false
            $0.requireNumbers = input.requireNumbers ?? false
            $0.requireUppercaseCharacters = input.requireUppercaseCharacters ?? false
            $0.requireLowercaseCharacters = input.requireLowercaseCharacters ?? false
            $0.allowUsersToChangePassword = input.allowUsersToChangePassword ?? false
            $0.expirePasswords = (input.maxPasswordAge ?? 0) > 0
            $0.maxPasswordAge = input.maxPasswordAge
            $0.passwordReusePrevention = input.passwordReusePrevention
            $0.hardExpiry = input.hardExpiry
        }
        let entity = IAMEntity(
            kind: .passwordPolicy, account: context.scope.account, id: "password-policy/\(context.scope.account)",
            name: "PasswordPolicy", createdAt: now, body: RecordDocument.json(policy.record))
        try await write { transaction in
            if try !store.insert(entity, in: transaction) { try store.update(entity, in: transaction) }
        }
    }

    public func getAccountPasswordPolicy(
        _ input: Unit, _ context: RequestContext
    ) async throws(AWSError) -> IAM.GetAccountPasswordPolicyResponse {
        guard let policy = try await read({ try passwordPolicy(context, in: $0) }) else {
            throw IAMError.missing(.passwordPolicy, context.scope.account)
        }
        return IAM.GetAccountPasswordPolicyResponse { $0.passwordPolicy = policy }
    }

    public func deleteAccountPasswordPolicy(_ input: Unit, _ context: RequestContext) async throws(AWSError) {
        try await write { transaction in
            let account = context.scope.account
            guard let found = try store.find(.passwordPolicy, "PasswordPolicy", account, in: transaction) else {
                throw IAMError.noSuchEntity("The account policy with name PasswordPolicy cannot be found.")
            }
            try remove(found, in: transaction)
        }
    }

    private func passwordPolicy(
        _ context: RequestContext, in transaction: Transaction
    ) throws -> IAM.PasswordPolicy? {
        try store.find(.passwordPolicy, "PasswordPolicy", context.scope.account, in: transaction).map {
            IAM.PasswordPolicy(record: RecordDocument.record($0.body, IAM.PasswordPolicy.schema))
        }
    }

    private func check(_ password: String, _ context: RequestContext, in transaction: Transaction) throws {
        let policy = try passwordPolicy(context, in: transaction)
        let rules = policy.map { policy in
            PasswordRules(
                minimumLength: policy.minimumPasswordLength ?? 6, requiresSymbols: policy.requireSymbols ?? false,
                requiresNumbers: policy.requireNumbers ?? false,
                requiresCapitals: policy.requireUppercaseCharacters ?? false,
                requiresSmallLetters: policy.requireLowercaseCharacters ?? false)
        }
        guard (rules ?? .usual).allow(password) else {
            throw IAM.Errors.passwordPolicyViolationException(
                "Password does not conform to the account password policy.")
        }
    }

    // MARK: Login profiles

    public func createLoginProfile(
        _ input: IAM.CreateLoginProfileRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.CreateLoginProfileResponse {
        let time = now
        let shape = try await write { transaction in
            let user = try requireUser(input.userName, context, in: transaction)
            guard let password = input.password else {
                throw IAMError.invalid("Password is required.")
            }
            try check(password, context, in: transaction)
            let profile = IAMEntity(
                kind: .loginProfile, account: user.account, id: "login-profile/\(user.id)", name: user.id,
                owner: user.id, createdAt: time, body: ["reset": .bool(input.passwordResetRequired ?? false)])
            guard try store.insert(profile, in: transaction) else {
                throw IAM.Errors.entityAlreadyExistsException("Login Profile for user \(user.name) already exists.")
            }
            return Self.shape(profile, of: user)
        }
        return IAM.CreateLoginProfileResponse { $0.loginProfile = shape }
    }

    public func getLoginProfile(
        _ input: IAM.GetLoginProfileRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.GetLoginProfileResponse {
        let shape = try await read { transaction in
            let (profile, user) = try loginProfile(input.userName, context, in: transaction)
            return Self.shape(profile, of: user)
        }
        return IAM.GetLoginProfileResponse { $0.loginProfile = shape }
    }

    public func updateLoginProfile(
        _ input: IAM.UpdateLoginProfileRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await write { transaction in
            var (profile, _) = try loginProfile(input.userName, context, in: transaction)
            if let password = input.password { try check(password, context, in: transaction) }
            if let reset = input.passwordResetRequired { profile.body["reset"] = .bool(reset) }
            try store.update(profile, in: transaction)
        }
    }

    public func deleteLoginProfile(
        _ input: IAM.DeleteLoginProfileRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await write { transaction in
            try remove(loginProfile(input.userName, context, in: transaction).profile, in: transaction)
        }
    }

    private func loginProfile(
        _ name: String?, _ context: RequestContext, in transaction: Transaction
    ) throws -> (profile: IAMEntity, user: IAMEntity) {
        let user = try requireUser(name, context, in: transaction)
        guard let found = try store.owned(.loginProfile, by: user.id, in: transaction).first else {
            throw IAMError.missing(.loginProfile, user.name)
        }
        return (found, user)
    }

    private static func shape(_ profile: IAMEntity, of user: IAMEntity) -> IAM.LoginProfile {
        IAM.LoginProfile {
            $0.userName = user.name
            $0.createDate = profile.createdAt
            $0.passwordResetRequired = profile.body["reset"]?.boolValue ?? false
        }
    }
}
