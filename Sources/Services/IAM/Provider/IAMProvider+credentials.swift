public import AWSModels
import Core
import Storage
public import Wire

/// Names and passwords with which a user signs in to one service.
extension IAMProvider {
    private static let credentialsPerUserAndService = 2
    private static let services: Set = [
        "bedrock.amazonaws.com", "cassandra.amazonaws.com", "codecommit.amazonaws.com",
    ]

    public func createServiceSpecificCredential(
        _ input: IAM.CreateServiceSpecificCredentialRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.CreateServiceSpecificCredentialResponse {
        var generator = SeededRandom(seed: random.nextUInt64())
        let id = IAMEntity.makeID(.credential, using: random)
        let password = SecretText.make(length: 44, using: &generator)
        let createdAt = now
        let shape = try await write { transaction in
            let user = try requireUser(input.userName, context, in: transaction)
            try Self.requireService(input.serviceName)
            let known = try store.owned(.credential, by: user.id, in: transaction)
                .filter { $0["service"] == input.serviceName }
            guard known.count < Self.credentialsPerUserAndService else {
                throw IAMError.quota("ServiceSpecificCredentialsPerUser", Self.credentialsPerUserAndService)
            }
            let suffix = known.isEmpty ? "" : "+\(known.count)"
            let credential = IAMEntity(
                kind: .credential, account: user.account, id: id, name: id, owner: user.id, createdAt: createdAt,
                body: [
                    "service": .string(input.serviceName), "status": "Active", "password": .string(password),
                    "userName": .string("\(user.name)\(suffix)-at-\(user.account)"),
                ])
            try create(credential, in: transaction)
            return Self.shape(credential, of: user)
        }
        return IAM.CreateServiceSpecificCredentialResponse { $0.serviceSpecificCredential = shape }
    }

    public func listServiceSpecificCredentials(
        _ input: IAM.ListServiceSpecificCredentialsRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListServiceSpecificCredentialsResponse {
        if let service = input.serviceName { try Self.requireService(service) }
        let all = try await read { transaction in
            let users =
                try input.allUsers == true
                ? store.list(.user, context.scope.account, in: transaction)
                : [requireUser(input.userName, context, in: transaction)]
            return try users.flatMap { user in
                try store.owned(.credential, by: user.id, in: transaction)
                    .filter { input.serviceName == nil || $0["service"] == input.serviceName }
                    .map { Self.metadata($0, of: user) }
            }
        }
        let page = try MarkedPage(all, after: input.marker, input.maxItems, key: \.serviceSpecificCredentialId)
        return IAM.ListServiceSpecificCredentialsResponse {
            $0.serviceSpecificCredentials = page.items
            $0.isTruncated = page.isTruncated ? true : nil
            $0.marker = page.marker
        }
    }

    public func updateServiceSpecificCredential(
        _ input: IAM.UpdateServiceSpecificCredentialRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await write { transaction in
            var (credential, _) = try credential(
                input.serviceSpecificCredentialId, of: input.userName, context, in: transaction)
            credential["status"] = input.status.rawValue
            try store.update(credential, in: transaction)
        }
    }

    public func resetServiceSpecificCredential(
        _ input: IAM.ResetServiceSpecificCredentialRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ResetServiceSpecificCredentialResponse {
        var generator = SeededRandom(seed: random.nextUInt64())
        let password = SecretText.make(length: 44, using: &generator)
        let shape = try await write { transaction in
            var (credential, user) = try credential(
                input.serviceSpecificCredentialId, of: input.userName, context, in: transaction)
            credential["password"] = password
            try store.update(credential, in: transaction)
            return Self.shape(credential, of: user)
        }
        return IAM.ResetServiceSpecificCredentialResponse { $0.serviceSpecificCredential = shape }
    }

    public func deleteServiceSpecificCredential(
        _ input: IAM.DeleteServiceSpecificCredentialRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await write { transaction in
            let (credential, _) = try credential(
                input.serviceSpecificCredentialId, of: input.userName, context, in: transaction)
            try remove(credential, in: transaction)
        }
    }

    // MARK: Finding and showing

    private static func requireService(_ name: String) throws(AWSError) {
        guard !services.contains(name) else { return }
        throw IAMError.noSuchEntity("No such service \(name) is supported for Service Specific Credentials")
    }

    private func credential(
        _ id: String, of name: String?, _ context: RequestContext, in transaction: Transaction
    ) throws -> (credential: IAMEntity, user: IAMEntity) {
        let named = try name.map { try require(.user, $0, context, in: transaction) }
        let credential = try require(.credential, id, context, in: transaction)
        guard let owner = try store.find(id: credential.owner, in: transaction), named == nil || named?.id == owner.id
        else { throw IAMError.missing(.credential, id) }
        return (credential, owner)
    }

    private static func shape(_ credential: IAMEntity, of user: IAMEntity) -> IAM.ServiceSpecificCredential {
        IAM.ServiceSpecificCredential {
            $0.createDate = credential.createdAt
            $0.serviceName = credential["service"] ?? ""
            $0.serviceUserName = credential["userName"]
            $0.servicePassword = credential["password"]
            $0.serviceSpecificCredentialId = credential.id
            $0.userName = user.name
            $0.status = IAM.StatusType(rawValue: credential["status"] ?? "")
        }
    }

    private static func metadata(
        _ credential: IAMEntity, of user: IAMEntity
    ) -> IAM.ServiceSpecificCredentialMetadata {
        IAM.ServiceSpecificCredentialMetadata {
            $0.createDate = credential.createdAt
            $0.serviceName = credential["service"] ?? ""
            $0.serviceUserName = credential["userName"]
            $0.serviceSpecificCredentialId = credential.id
            $0.userName = user.name
            $0.status = IAM.StatusType(rawValue: credential["status"] ?? "")
        }
    }
}
