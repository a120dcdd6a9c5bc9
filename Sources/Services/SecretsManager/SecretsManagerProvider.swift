public import AWSModels
public import Core
public import Events
public import Storage
public import Wire

/// AWS Secrets Manager: secrets with versions and staging labels. Resource policies are kept and not enforced.
public struct SecretsManagerProvider: SecretsManager.API {
    let database: Database
    let clock: any HostClock
    let random: any RandomSource
    let functions: FunctionDirectory
    let outbox: Outbox
    let store = SecretStore()
    let tags = TagStore()

    /// - Parameters:
    ///   - functions: those that rotate secrets.
    ///   - outbox: takes rotations, for a ``RotationTarget``.
    public init(
        database: Database, clock: any HostClock, random: any RandomSource, functions: FunctionDirectory, outbox: Outbox
    ) {
        self.functions = functions
        self.outbox = outbox
        self.database = database
        self.clock = clock
        self.random = random
    }

    // MARK: Finding

    /// The secret that a name, an ARN, or an ARN without its last six letters means.
    func find(_ id: String, _ context: RequestContext, in transaction: Transaction) throws -> Secret {
        guard let found = try optional(id, context, in: transaction) else {
            throw SecretsManager.Errors.resourceNotFoundException("Secrets Manager can't find the specified secret.")
        }
        return found
    }

    func optional(_ id: String, _ context: RequestContext, in transaction: Transaction) throws -> Secret? {
        guard id.hasPrefix("arn:") else {
            try Self.check(name: id)
            return try store.secret(named: id, context.scope, at: clock.now, in: transaction)
        }
        guard let arn = ARN(id), arn.service == "secretsmanager", arn.resource.hasPrefix("secret:") else {
            throw SecretsManager.Errors.invalidParameterException("The ARN \(id) is not the ARN of a secret.")
        }
        if let found = try store.secret(arn: id, at: clock.now, in: transaction) { return found }
        let name = String(arn.resource.dropFirst(7))
        // AWS takes a hyphen and six characters for the end of a whole ARN.
        guard !Self.hasSuffix(name) else { return nil }
        let scope = Scope(account: arn.account, region: arn.region)
        return try store.secret(named: name, scope, at: clock.now, in: transaction)
    }

    private static func hasSuffix(_ name: String) -> Bool {
        let end = Array(name.utf8.suffix(7))
        return end.count == 7 && end[0] == UInt8(ascii: "-") && end[1...].allSatisfy(isLetterOrDigit)
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }

    /// The secret, unless it is about to be deleted.
    func findLiving(_ id: String, _ context: RequestContext, in transaction: Transaction) throws -> Secret {
        let secret = try find(id, context, in: transaction)
        guard secret.deletion == nil else {
            throw SecretsManager.Errors.invalidRequestException(
                "You can't perform this operation on the secret because it was marked for deletion.")
        }
        return secret
    }

    /// Of another account's secret under the service's own key, nobody else sees or sets the value.
    static func checkKey(of secret: Secret, _ context: RequestContext) throws(AWSError) {
        guard secret.scope.account != context.scope.account, secret.kmsKey == nil else { return }
        throw SecretsManager.Errors.invalidRequestException(
            "You can't access a secret from a different AWS account if you encrypt the secret with the default KMS "
                + "service key.")
    }

    static func check(name: String) throws(AWSError) {
        let others = Set("-/_+=.@!".utf8)
        guard !name.isEmpty, name.utf8.allSatisfy({ isLetterOrDigit($0) || others.contains($0) }) else {
            throw AWSError(
                "ValidationException",
                "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: "
                    + "-/_+=.@!", status: 400)
        }
    }

    /// Six letters that tell secrets apart that have the same name one after the other.
    func suffix() -> String {
        var generator = SeededRandom(seed: random.nextUInt64())
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
        return String((0..<6).map { _ in letters[Int(generator.next() % UInt64(letters.count))] })
    }

    // MARK: Tags

    public func tagResource(_ input: SecretsManager.TagResourceRequest, _ context: RequestContext)
        async throws(AWSError)
    {
        try await write { [self] transaction in
            var secret = try findLiving(input.secretId, context, in: transaction)
            secret.wasTagged = true
            try store.put(secret, in: transaction)
            try tags.add(input.tags.map(Self.pair), to: secret.arn, in: transaction)
            guard try tags.tags(of: secret.arn, in: transaction).count <= 50 else {
                throw SecretsManager.Errors.limitExceededException("A secret has at most 50 tags.")
            }
        }
    }

    public func untagResource(
        _ input: SecretsManager.UntagResourceRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await write { [self] transaction in
            let secret = try findLiving(input.secretId, context, in: transaction)
            try tags.remove(input.tagKeys, from: secret.arn, in: transaction)
        }
    }

    static func pair(_ tag: SecretsManager.Tag) -> (name: String, value: String) { (tag.key ?? "", tag.value ?? "") }

    static func shapes(_ tags: [(name: String, value: String)]) -> [SecretsManager.Tag] {
        tags.map { tag in
            SecretsManager.Tag {
                $0.key = tag.name
                $0.value = tag.value
            }
        }
    }
}

extension SecretsManagerProvider: TransactingProvider {}
