public import AWSModels
import Core
import Storage
public import Wire

/// Instance profiles: the containers in which virtual machines find their role.
extension IAMProvider {
    func shape(_ profile: IAMEntity, in transaction: Transaction) throws -> IAM.InstanceProfile {
        let roles = try store.objects(.profileRole, of: profile, in: transaction).compactMap {
            try store.find(id: $0, in: transaction)
        }
        return IAM.InstanceProfile {
            $0.path = profile.path
            $0.instanceProfileName = profile.name
            $0.instanceProfileId = profile.id
            $0.arn = profile.arn
            $0.createDate = profile.createdAt
            $0.roles = roles.map { role in
                var role = shape(role: role)
                role.maxSessionDuration = nil
                role.description = nil
                return role
            }
        }
    }

    private func details(_ profile: IAMEntity, in transaction: Transaction) throws -> IAM.InstanceProfile {
        var shape = try shape(profile, in: transaction)
        shape.tags = try shapes(ofTagsOf: profile, in: transaction)
        return shape
    }

    public func createInstanceProfile(
        _ input: IAM.CreateInstanceProfileRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.CreateInstanceProfileResponse {
        let profile = try entity(.profile, input.instanceProfileName, path: input.path, context)
        let shape = try await write { transaction in
            try create(profile, tags: input.tags, in: transaction)
            return try details(profile, in: transaction)
        }
        return IAM.CreateInstanceProfileResponse { $0.instanceProfile = shape }
    }

    public func getInstanceProfile(
        _ input: IAM.GetInstanceProfileRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.GetInstanceProfileResponse {
        let shape = try await read { transaction in
            try details(require(.profile, input.instanceProfileName, context, in: transaction), in: transaction)
        }
        return IAM.GetInstanceProfileResponse { $0.instanceProfile = shape }
    }

    public func listInstanceProfiles(
        _ input: IAM.ListInstanceProfilesRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListInstanceProfilesResponse {
        let page = try await entities(.profile, input.pathPrefix, input.marker, input.maxItems, context)
        let profiles = page.items
        let shapes = try await read { transaction in try profiles.map { try shape($0, in: transaction) } }
        return IAM.ListInstanceProfilesResponse {
            $0.instanceProfiles = shapes
            $0.isTruncated = page.last != nil
            $0.marker = page.last.map { ListToken.make($0.name) }
        }
    }

    public func listInstanceProfilesForRole(
        _ input: IAM.ListInstanceProfilesForRoleRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListInstanceProfilesForRoleResponse {
        let shapes = try await read { transaction in
            let role = try require(.role, input.roleName, context, in: transaction)
            return try store.subjects(.profileRole, of: role.id, role.account, in: transaction)
                .map { try shape($0, in: transaction) }
        }
        let page = try MarkedPage(shapes, after: input.marker, input.maxItems, key: \.instanceProfileName)
        return IAM.ListInstanceProfilesForRoleResponse {
            $0.instanceProfiles = page.items
            $0.isTruncated = page.isTruncated
            $0.marker = page.marker
        }
    }

    public func addRoleToInstanceProfile(
        _ input: IAM.AddRoleToInstanceProfileRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await write { transaction in
            let profile = try require(.profile, input.instanceProfileName, context, in: transaction)
            let role = try require(.role, input.roleName, context, in: transaction)
            guard try store.objects(.profileRole, of: profile, in: transaction).isEmpty else {
                throw IAMError.quota("InstanceSessionsPerInstanceProfile", 1)
            }
            try store.link(.profileRole, profile, to: role.id, in: transaction)
        }
    }

    public func removeRoleFromInstanceProfile(
        _ input: IAM.RemoveRoleFromInstanceProfileRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await write { transaction in
            let profile = try require(.profile, input.instanceProfileName, context, in: transaction)
            let role = try require(.role, input.roleName, context, in: transaction)
            guard try store.unlink(.profileRole, profile, from: role.id, in: transaction) else {
                throw IAMError.missing(.role, input.roleName)
            }
        }
    }

    public func deleteInstanceProfile(
        _ input: IAM.DeleteInstanceProfileRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await write { transaction in
            let profile = try require(.profile, input.instanceProfileName, context, in: transaction)
            guard try store.objects(.profileRole, of: profile, in: transaction).isEmpty else {
                throw IAMError.conflict("remove roles from instance profile")
            }
            try remove(profile, in: transaction)
        }
    }
}
