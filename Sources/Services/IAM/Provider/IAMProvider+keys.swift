public import AWSModels
import Core
import Storage
public import Wire

/// Access keys of users.
extension IAMProvider {
    private static let keysPerUser = 2

    public func createAccessKey(
        _ input: IAM.CreateAccessKeyRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.CreateAccessKeyResponse {
        var generator = SeededRandom(seed: random.nextUInt64())
        let id = AccessKeyID.make(account: context.scope.account, isTemporary: false, using: &generator)
        let secret = SecretText.make(length: 40, using: &generator)
        let createdAt = now
        let user = try await write { transaction in
            let user = try requireUser(input.userName, context, in: transaction)
            guard try store.owned(.accessKey, by: user.id, in: transaction).count < Self.keysPerUser else {
                throw IAMError.quota("AccessKeysPerUser", Self.keysPerUser)
            }
            let key = IAMEntity(
                kind: .accessKey, account: user.account, id: id, name: id, owner: user.id, createdAt: createdAt,
                body: ["secret": .string(secret), "status": "Active"])
            try create(key, in: transaction)
            return user
        }
        return IAM.CreateAccessKeyResponse {
            $0.accessKey = IAM.AccessKey {
                $0.userName = user.name
                $0.accessKeyId = id
                $0.status = .active
                $0.secretAccessKey = secret
                $0.createDate = createdAt
            }
        }
    }

    public func listAccessKeys(
        _ input: IAM.ListAccessKeysRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListAccessKeysResponse {
        let (user, keys) = try await read { transaction in
            let user = try requireUser(input.userName, context, in: transaction)
            return (user, try store.owned(.accessKey, by: user.id, in: transaction))
        }
        let page = try MarkedPage(keys, after: input.marker, input.maxItems, key: \.id)
        return IAM.ListAccessKeysResponse {
            $0.accessKeyMetadata = page.items.map { key in
                IAM.AccessKeyMetadata {
                    $0.userName = user.name
                    $0.accessKeyId = key.id
                    $0.status = key["status"].map(IAM.StatusType.init)
                    $0.createDate = key.createdAt
                }
            }
            $0.isTruncated = page.isTruncated
            $0.marker = page.marker
        }
    }

    public func updateAccessKey(_ input: IAM.UpdateAccessKeyRequest, _ context: RequestContext) async throws(AWSError) {
        try await write { transaction in
            var key = try key(input.accessKeyId, of: input.userName, context, in: transaction)
            key["status"] = input.status.rawValue
            try store.update(key, in: transaction)
        }
    }

    public func deleteAccessKey(_ input: IAM.DeleteAccessKeyRequest, _ context: RequestContext) async throws(AWSError) {
        try await write { transaction in
            try remove(key(input.accessKeyId, of: input.userName, context, in: transaction), in: transaction)
        }
    }

    /// When a key was used is not kept.
    public func getAccessKeyLastUsed(
        _ input: IAM.GetAccessKeyLastUsedRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.GetAccessKeyLastUsedResponse {
        let user = try await read { transaction in
            let key = try require(.accessKey, input.accessKeyId, context, in: transaction)
            return try store.find(id: key.owner, in: transaction)
        }
        return IAM.GetAccessKeyLastUsedResponse {
            $0.userName = user?.name
            $0.accessKeyLastUsed = IAM.AccessKeyLastUsed {
                $0.serviceName = "N/A"
                $0.region = "N/A"
            }
        }
    }

    private func key(
        _ id: String, of name: String?, _ context: RequestContext, in transaction: Transaction
    ) throws -> IAMEntity {
        let user = try requireUser(name, context, in: transaction)
        let key = try require(.accessKey, id, context, in: transaction)
        guard key.owner == user.id else { throw IAMError.missing(.accessKey, id) }
        return key
    }
}
