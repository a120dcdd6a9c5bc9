public import AWSModels
import Core
import Storage
public import Wire

extension IAMProvider {
    // MARK: Shapes

    func shape(user: IAMEntity) -> IAM.User {
        IAM.User {
            $0.path = user.path
            $0.userName = user.name
            $0.userId = user.id
            $0.arn = user.arn
            $0.createDate = user.createdAt
        }
    }

    private func details(_ user: IAMEntity, in transaction: Transaction) throws -> IAM.User {
        var shape = shape(user: user)
        shape.tags = try shapes(ofTagsOf: user, in: transaction)
        shape.permissionsBoundary = try boundary(of: user, in: transaction)
        return shape
    }

    // MARK: The caller

    /// The user of that name, or the one whose key signed the request where none is named.
    func requireUser(_ name: String?, _ context: RequestContext, in transaction: Transaction) throws -> IAMEntity {
        if let name { return try require(.user, name, context, in: transaction) }
        guard let key = context.accessKeyID,
            let found = try store.find(.accessKey, key, context.scope.account, in: transaction),
            let user = try store.find(id: found.owner, in: transaction)
        else { throw IAMError.invalid("Must specify userName when calling with non-User credentials") }
        return user
    }

    // MARK: Operations

    public func createUser(
        _ input: IAM.CreateUserRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.CreateUserResponse {
        let user = try entity(.user, input.userName, path: input.path, context)
        let shape = try await write { transaction in
            try create(user, tags: input.tags, in: transaction)
            if let boundary = input.permissionsBoundary {
                try setBoundary(boundary, of: user, context, in: transaction)
            }
            return try details(user, in: transaction)
        }
        return IAM.CreateUserResponse { $0.user = shape }
    }

    public func getUser(
        _ input: IAM.GetUserRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.GetUserResponse {
        let account = context.scope.account
        let isTemporary = context.accessKeyID.map(AccessKeyID.isTemporary) ?? false
        let shape = try await read { transaction in
            if input.userName == nil, !isTemporary,
                try context.accessKeyID.flatMap({ try store.find(.accessKey, $0, account, in: transaction) }) == nil
            {
                return IAM.User {
                    $0.path = "/"
                    $0.userName = ""
                    $0.userId = account
                    $0.arn = "arn:aws:iam::\(account):root"
                    $0.createDate = now
                }
            }
            return try details(requireUser(input.userName, context, in: transaction), in: transaction)
        }
        return IAM.GetUserResponse { $0.user = shape }
    }

    public func listUsers(
        _ input: IAM.ListUsersRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListUsersResponse {
        let page = try await entities(.user, input.pathPrefix, input.marker, input.maxItems, context)
        return IAM.ListUsersResponse {
            $0.users = page.items.map(shape(user:))
            $0.isTruncated = page.last != nil
            $0.marker = page.last.map { ListToken.make($0.name) }
        }
    }

    public func updateUser(_ input: IAM.UpdateUserRequest, _ context: RequestContext) async throws(AWSError) {
        try await rename(.user, input.userName, to: input.newUserName, path: input.newPath, context)
    }

    /// Gives a user or a group another name or path. Its id stays.
    func rename(
        _ kind: IAMEntity.Kind, _ name: String, to new: String?, path: String?, _ context: RequestContext
    ) async throws(AWSError) {
        if let new { try IAMName.check(new, "new\(kind.title)Name") }
        if let path { try IAMName.checkPath(path) }
        try await write { transaction in
            var entity = try require(kind, name, context, in: transaction)
            if let new {
                let taken = try store.find(kind, new, entity.account, in: transaction)
                guard taken == nil || taken?.id == entity.id else { throw IAMError.exists(kind, new) }
                entity.name = new
            }
            if let path { entity.path = path }
            try store.update(entity, in: transaction)
        }
    }

    public func deleteUser(_ input: IAM.DeleteUserRequest, _ context: RequestContext) async throws(AWSError) {
        try await write { transaction in
            let user = try require(.user, input.userName, context, in: transaction)
            guard try store.objects(.member, of: user, in: transaction).isEmpty else {
                throw IAMError.conflict("remove users from group")
            }
            try requireNoPolicies(user, in: transaction)
            guard try store.owned(.accessKey, by: user.id, in: transaction).isEmpty else {
                throw IAMError.conflict("delete access keys")
            }
            guard try store.owned(.loginProfile, by: user.id, in: transaction).isEmpty else {
                throw IAMError.conflict("delete login profile")
            }
            guard try store.owned(.credential, by: user.id, in: transaction).isEmpty else {
                throw IAMError.conflict("remove referenced objects")
            }
            try remove(user, in: transaction)
        }
    }
}
