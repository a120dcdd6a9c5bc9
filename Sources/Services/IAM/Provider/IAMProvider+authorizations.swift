public import AWSModels
import Core
import Storage
public import Wire

/// Everything that says who may do what, in one list: users, groups, roles and policies.
extension IAMProvider {
    /// One entry of that list, before it is looked at closely.
    private enum Entry {
        case identity(IAMEntity)
        case own(IAMEntity)
        case managed(ManagedPolicy)

        /// Orders the list.
        var key: String {
            switch self {
            case .identity(let entity):
                "\(entity.kind == .user ? 1 : entity.kind == .group ? 2 : 3) \(entity.name.lowercased())"
            case .own(let policy): "4 \(policy.name.lowercased())"
            case .managed(let policy): "5 \(policy.arn)"
            }
        }
    }

    public func getAccountAuthorizationDetails(
        _ input: IAM.GetAccountAuthorizationDetailsRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.GetAccountAuthorizationDetailsResponse {
        let account = context.scope.account
        let wanted = Set((input.filter ?? []).map(\.rawValue))
        func isWanted(_ kind: IAM.EntityType) -> Bool { wanted.isEmpty || wanted.contains(kind.rawValue) }
        let kinds: [(IAM.EntityType, IAMEntity.Kind)] = [(.user, .user), (.group, .group), (.role, .role)]
        let listed = kinds.filter { isWanted($0.0) }.map(\.1)
        let (own, managed) = (isWanted(.localManagedPolicy), isWanted(.awsManagedPolicy))
        return try await read { transaction in
            var entries: [Entry] = []
            for kind in listed { entries += try store.list(kind, account, in: transaction).map(Entry.identity) }
            if own { entries += try store.list(.policy, account, in: transaction).map(Entry.own) }
            if managed { entries += try attachedManagedPolicies(account, in: transaction).map(Entry.managed) }
            let page = try MarkedPage(entries, after: input.marker, input.maxItems, key: \.key)
            var response = IAM.GetAccountAuthorizationDetailsResponse()
            (response.isTruncated, response.marker) = (page.isTruncated, page.marker)
            (response.userDetailList, response.groupDetailList, response.roleDetailList) = ([], [], [])
            response.policies = []
            for entry in page.items { try add(entry, to: &response, account, in: transaction) }
            return response
        }
    }

    /// Those of AWS's policies that somebody has.
    private func attachedManagedPolicies(
        _ account: String, in transaction: Transaction
    ) throws -> [ManagedPolicy] {
        try store.linked(.attachment, account, in: transaction).compactMap(PolicyARN.init)
            .filter(\.isManagedByAWS).compactMap(ManagedPolicy.init)
    }

    private func add(
        _ entry: Entry, to response: inout IAM.GetAccountAuthorizationDetailsResponse, _ account: String,
        in transaction: Transaction
    ) throws {
        switch entry {
        case .identity(let entity) where entity.kind == .user:
            response.userDetailList?.append(try details(ofUser: entity, in: transaction))
        case .identity(let entity) where entity.kind == .group:
            response.groupDetailList?.append(try details(ofGroup: entity, in: transaction))
        case .identity(let entity): response.roleDetailList?.append(try details(ofRole: entity, in: transaction))
        case .own(let policy):
            let versions = PolicyVersions(policy)
            let shapes = versions.all.reversed().map { version in
                IAM.PolicyVersion {
                    $0.document = PercentCoding.encode(version.document)
                    $0.versionId = version.id
                    $0.isDefaultVersion = version.id == versions.defaultID
                    $0.createDate = version.createdAt
                }
            }
            var shape = Self.details(of: try shape(own: policy, in: transaction), shapes)
            shape.description = policy["description"]
            response.policies?.append(shape)
        case .managed(let policy):
            let version = IAM.PolicyVersion {
                $0.document = policy.document.map { PercentCoding.encode($0.text()) }
                $0.versionId = policy.version
                $0.isDefaultVersion = true
                $0.createDate = policy.updatedAt
            }
            response.policies?.append(
                Self.details(of: try shape(managed: policy, account, in: transaction), [version]))
        }
    }

    // MARK: Entries

    private func details(ofUser user: IAMEntity, in transaction: Transaction) throws -> IAM.UserDetail {
        let groups = try store.objects(.member, of: user, in: transaction).compactMap {
            try store.find(id: $0, in: transaction)?.name
        }
        let policies = try policies(of: user, in: transaction)
        let (tags, boundary) = (
            try shapes(ofTagsOf: user, in: transaction), try boundary(of: user, in: transaction)
        )
        return IAM.UserDetail {
            $0.path = user.path
            $0.userName = user.name
            $0.userId = user.id
            $0.arn = user.arn
            $0.createDate = user.createdAt
            $0.userPolicyList = policies.inline
            $0.groupList = groups.sorted()
            $0.attachedManagedPolicies = policies.attached
            $0.permissionsBoundary = boundary
            $0.tags = tags ?? []
        }
    }

    private func details(ofGroup group: IAMEntity, in transaction: Transaction) throws -> IAM.GroupDetail {
        let policies = try policies(of: group, in: transaction)
        return IAM.GroupDetail {
            $0.path = group.path
            $0.groupName = group.name
            $0.groupId = group.id
            $0.arn = group.arn
            $0.createDate = group.createdAt
            $0.groupPolicyList = policies.inline
            $0.attachedManagedPolicies = policies.attached
        }
    }

    private func details(ofRole role: IAMEntity, in transaction: Transaction) throws -> IAM.RoleDetail {
        let profiles = try store.subjects(.profileRole, of: role.id, role.account, in: transaction)
            .map { try shape($0, in: transaction) }
        let policies = try policies(of: role, in: transaction)
        let (tags, boundary) = (
            try shapes(ofTagsOf: role, in: transaction), try boundary(of: role, in: transaction)
        )
        return IAM.RoleDetail {
            $0.path = role.path
            $0.roleName = role.name
            $0.roleId = role.id
            $0.arn = role.arn
            $0.createDate = role.createdAt
            $0.assumeRolePolicyDocument = role["trust"].map { PercentCoding.encode($0) }
            $0.instanceProfileList = profiles
            $0.rolePolicyList = policies.inline
            $0.attachedManagedPolicies = policies.attached
            $0.permissionsBoundary = boundary
            $0.tags = tags ?? []
            $0.roleLastUsed = IAM.RoleLastUsed()
        }
    }

    private func policies(
        of entity: IAMEntity, in transaction: Transaction
    ) throws -> (inline: [IAM.PolicyDetail], attached: [IAM.AttachedPolicy]) {
        let inline = try store.inlinePolicies(of: entity, in: transaction).map { policy in
            IAM.PolicyDetail {
                $0.policyName = policy.name
                $0.policyDocument = PercentCoding.encode(policy.document)
            }
        }
        let attached = try store.objects(.attachment, of: entity, in: transaction).compactMap(PolicyARN.init)
        return (
            inline,
            attached.map { policy in
                IAM.AttachedPolicy {
                    $0.policyName = policy.name
                    $0.policyArn = policy.text
                }
            }
        )
    }

    private static func details(of policy: IAM.Policy, _ versions: [IAM.PolicyVersion]) -> IAM.ManagedPolicyDetail {
        IAM.ManagedPolicyDetail {
            $0.policyName = policy.policyName
            $0.policyId = policy.policyId
            $0.arn = policy.arn
            $0.path = policy.path
            $0.defaultVersionId = policy.defaultVersionId
            $0.attachmentCount = policy.attachmentCount
            $0.permissionsBoundaryUsageCount = policy.permissionsBoundaryUsageCount
            $0.isAttachable = policy.isAttachable
            $0.createDate = policy.createDate
            $0.updateDate = policy.updateDate
            $0.policyVersionList = versions
        }
    }
}
