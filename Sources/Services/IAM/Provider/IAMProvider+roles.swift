public import AWSModels
import Core
import Storage
public import Wire

extension IAMProvider {
    // MARK: Shapes

    /// What lists tell of a role.
    func shape(role: IAMEntity) -> IAM.Role {
        IAM.Role {
            $0.path = role.path
            $0.roleName = role.name
            $0.roleId = role.id
            $0.arn = role.arn
            $0.createDate = role.createdAt
            $0.assumeRolePolicyDocument = role["trust"].map { PercentCoding.encode($0) }
            $0.description = role["description"]
            $0.maxSessionDuration = role.body["maxSessionDuration"]?.intValue.map(Int.init) ?? 3600
        }
    }

    /// All of it.
    private func details(_ role: IAMEntity, in transaction: Transaction) throws -> IAM.Role {
        var shape = shape(role: role)
        shape.tags = try shapes(ofTagsOf: role, in: transaction)
        shape.permissionsBoundary = try boundary(of: role, in: transaction)
        shape.roleLastUsed = IAM.RoleLastUsed()
        return shape
    }

    // MARK: Operations

    public func createRole(
        _ input: IAM.CreateRoleRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.CreateRoleResponse {
        var new = try entity(.role, input.roleName, path: input.path, context)
        guard !new.path.hasPrefix(ServiceLinkedRole.pathPrefix) else {
            throw IAMError.invalid("The specified value for path is invalid. It is reserved for service-linked roles.")
        }
        try checkTrust(input.assumeRolePolicyDocument)
        new["trust"] = input.assumeRolePolicyDocument
        new["description"] = input.description
        new.body["maxSessionDuration"] = input.maxSessionDuration.map { .int(Int64($0)) }
        let role = new
        let shape = try await write { transaction in
            try create(role, tags: input.tags, in: transaction)
            if let boundary = input.permissionsBoundary {
                try setBoundary(boundary, of: role, context, in: transaction)
            }
            var shape = try details(role, in: transaction)
            shape.roleLastUsed = nil
            shape.maxSessionDuration = input.maxSessionDuration
            return shape
        }
        return IAM.CreateRoleResponse { $0.role = shape }
    }

    public func getRole(
        _ input: IAM.GetRoleRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.GetRoleResponse {
        let shape = try await read { transaction in
            try details(require(.role, input.roleName, context, in: transaction), in: transaction)
        }
        return IAM.GetRoleResponse { $0.role = shape }
    }

    public func listRoles(
        _ input: IAM.ListRolesRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListRolesResponse {
        let page = try await entities(.role, input.pathPrefix, input.marker, input.maxItems, context)
        return IAM.ListRolesResponse {
            $0.roles = page.items.map(shape(role:))
            $0.isTruncated = page.last != nil
            $0.marker = page.last.map { ListToken.make($0.name) }
        }
    }

    /// A page of the entities of that kind.
    func entities(
        _ kind: IAMEntity.Kind, _ pathPrefix: String?, _ marker: String?, _ size: Int?, _ context: RequestContext
    ) async throws(AWSError) -> Page<IAMEntity> {
        let after = try MarkedPage<IAMEntity>.key(marker)
        let limit = size ?? MarkedPage<IAMEntity>.defaultSize
        let found = try await read { transaction in
            try store.list(
                kind, context.scope.account, pathPrefix: pathPrefix ?? "/", after: after, limit: limit + 1,
                in: transaction)
        }
        return Page(found, limit: limit)
    }

    public func updateRole(
        _ input: IAM.UpdateRoleRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.UpdateRoleResponse {
        // Of roles that services made for themselves, the description alone can be changed.
        let isProtected = input.maxSessionDuration != nil
        try await changeRole(input.roleName, context, isProtected: isProtected) { role in
            if let description = input.description { role["description"] = description }
            if let seconds = input.maxSessionDuration { role.body["maxSessionDuration"] = .int(Int64(seconds)) }
        }
        return IAM.UpdateRoleResponse()
    }

    public func updateRoleDescription(
        _ input: IAM.UpdateRoleDescriptionRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.UpdateRoleDescriptionResponse {
        let role = try await changeRole(input.roleName, context, isProtected: false) {
            $0["description"] = input.description
        }
        return IAM.UpdateRoleDescriptionResponse { $0.role = shape(role: role) }
    }

    public func updateAssumeRolePolicy(
        _ input: IAM.UpdateAssumeRolePolicyRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try checkTrust(input.policyDocument)
        try await changeRole(input.roleName, context) { $0["trust"] = input.policyDocument }
    }

    @discardableResult
    private func changeRole(
        _ name: String, _ context: RequestContext, isProtected: Bool = true,
        _ change: @escaping @Sendable (inout IAMEntity) -> Void
    ) async throws(AWSError) -> IAMEntity {
        try await write { transaction in
            var role = try require(.role, name, context, in: transaction)
            if isProtected { try requireModifiable(role) }
            change(&role)
            try store.update(role, in: transaction)
            return role
        }
    }

    public func deleteRole(_ input: IAM.DeleteRoleRequest, _ context: RequestContext) async throws(AWSError) {
        try await write { transaction in
            let role = try require(.role, input.roleName, context, in: transaction)
            try requireModifiable(role)
            guard try store.subjects(.profileRole, of: role.id, role.account, in: transaction).isEmpty else {
                throw IAMError.conflict("remove roles from instance profile")
            }
            try requireNoPolicies(role, in: transaction)
            try remove(role, in: transaction)
        }
    }

    /// What has policies is not deleted.
    func requireNoPolicies(_ entity: IAMEntity, in transaction: Transaction) throws {
        guard try store.objects(.attachment, of: entity, in: transaction).isEmpty else {
            throw IAMError.conflict("detach all policies")
        }
        guard try store.inlinePolicies(of: entity, in: transaction).isEmpty else {
            throw IAMError.conflict("delete policies")
        }
    }

    private func checkTrust(_ document: String) throws(AWSError) {
        try TrustPolicy.check(document)
        let limit = 2048
        guard PolicyText.size(document) <= limit else { throw IAMError.quota("ACLSizePerRole", limit) }
    }
}
