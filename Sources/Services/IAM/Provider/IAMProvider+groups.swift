public import AWSModels
import Core
import Storage
public import Wire

extension IAMProvider {
    private static let groupsPerUser = 10

    private func shape(group: IAMEntity) -> IAM.Group {
        IAM.Group {
            $0.path = group.path
            $0.groupName = group.name
            $0.groupId = group.id
            $0.arn = group.arn
            $0.createDate = group.createdAt
        }
    }

    public func createGroup(
        _ input: IAM.CreateGroupRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.CreateGroupResponse {
        let group = try entity(.group, input.groupName, path: input.path, context)
        try await write { try create(group, in: $0) }
        return IAM.CreateGroupResponse { $0.group = shape(group: group) }
    }

    public func getGroup(
        _ input: IAM.GetGroupRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.GetGroupResponse {
        let (group, users) = try await read { transaction in
            let group = try require(.group, input.groupName, context, in: transaction)
            return (group, try store.subjects(.member, of: group.id, group.account, in: transaction))
        }
        let page = try MarkedPage(users, after: input.marker, input.maxItems, key: \.name)
        return IAM.GetGroupResponse {
            $0.group = shape(group: group)
            $0.users = page.items.map(shape(user:))
            $0.isTruncated = page.isTruncated
            $0.marker = page.marker
        }
    }

    public func listGroups(
        _ input: IAM.ListGroupsRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListGroupsResponse {
        let page = try await entities(.group, input.pathPrefix, input.marker, input.maxItems, context)
        return IAM.ListGroupsResponse {
            $0.groups = page.items.map(shape(group:))
            $0.isTruncated = page.last != nil
            $0.marker = page.last.map { ListToken.make($0.name) }
        }
    }

    public func listGroupsForUser(
        _ input: IAM.ListGroupsForUserRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListGroupsForUserResponse {
        let groups = try await read { transaction in
            let user = try require(.user, input.userName, context, in: transaction)
            return try store.objects(.member, of: user, in: transaction).compactMap {
                try store.find(id: $0, in: transaction)
            }
        }
        let page = try MarkedPage(groups, after: input.marker, input.maxItems, key: \.name)
        return IAM.ListGroupsForUserResponse {
            $0.groups = page.items.map(shape(group:))
            $0.isTruncated = page.isTruncated
            $0.marker = page.marker
        }
    }

    public func updateGroup(_ input: IAM.UpdateGroupRequest, _ context: RequestContext) async throws(AWSError) {
        try await rename(.group, input.groupName, to: input.newGroupName, path: input.newPath, context)
    }

    public func deleteGroup(_ input: IAM.DeleteGroupRequest, _ context: RequestContext) async throws(AWSError) {
        try await write { transaction in
            let group = try require(.group, input.groupName, context, in: transaction)
            guard try store.count(.member, of: group.id, group.account, in: transaction) == 0 else {
                throw IAMError.conflict("remove users from group")
            }
            try requireNoPolicies(group, in: transaction)
            try remove(group, in: transaction)
        }
    }

    public func addUserToGroup(_ input: IAM.AddUserToGroupRequest, _ context: RequestContext) async throws(AWSError) {
        try await write { transaction in
            let group = try require(.group, input.groupName, context, in: transaction)
            let user = try require(.user, input.userName, context, in: transaction)
            try store.link(.member, user, to: group.id, in: transaction)
            guard try store.objects(.member, of: user, in: transaction).count <= Self.groupsPerUser else {
                throw IAMError.quota("GroupsPerUser", Self.groupsPerUser)
            }
        }
    }

    public func removeUserFromGroup(
        _ input: IAM.RemoveUserFromGroupRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await write { transaction in
            let group = try require(.group, input.groupName, context, in: transaction)
            let user = try require(.user, input.userName, context, in: transaction)
            try store.unlink(.member, user, from: group.id, in: transaction)
        }
    }
}
