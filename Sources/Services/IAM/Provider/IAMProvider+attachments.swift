public import AWSModels
import Core
import Storage
public import Wire

/// Managed policies on users, groups and roles.
extension IAMProvider {
    private static let policiesPerIdentity = 10

    private func attach(
        _ arn: String, to kind: IAMEntity.Kind, _ name: String, _ context: RequestContext
    ) async throws(AWSError) {
        try await write { transaction in
            let entity = try require(kind, name, context, in: transaction)
            try requireModifiable(entity)
            try requireAttachable(arn, context, in: transaction)
            try store.link(.attachment, entity, to: arn, in: transaction)
            guard try store.objects(.attachment, of: entity, in: transaction).count <= Self.policiesPerIdentity else {
                throw IAMError.quota("PoliciesPer\(kind.title)", Self.policiesPerIdentity)
            }
        }
    }

    private func detach(
        _ arn: String, from kind: IAMEntity.Kind, _ name: String, _ context: RequestContext
    ) async throws(AWSError) {
        try PolicyARN.check(arn)
        try await write { transaction in
            let entity = try require(kind, name, context, in: transaction)
            try requireModifiable(entity)
            guard try store.unlink(.attachment, entity, from: arn, in: transaction) else {
                throw IAMError.missing(.policy, arn)
            }
        }
    }

    private func attached(
        to kind: IAMEntity.Kind, _ name: String, _ pathPrefix: String?, _ marker: String?, _ size: Int?,
        _ context: RequestContext
    ) async throws(AWSError) -> MarkedPage<IAM.AttachedPolicy> {
        let arns = try await read { transaction in
            try store.objects(
                .attachment, of: require(kind, name, context, in: transaction), in: transaction)
        }
        let policies = arns.compactMap(PolicyARN.init).filter { $0.path.hasPrefix(pathPrefix ?? "/") }
        let page = try MarkedPage(policies, after: marker, size, key: \.text)
        return page.map { policy in
            IAM.AttachedPolicy {
                $0.policyName = policy.name
                $0.policyArn = policy.text
            }
        }
    }

    // MARK: Operations

    public func attachUserPolicy(
        _ input: IAM.AttachUserPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await attach(input.policyArn, to: .user, input.userName, context)
    }

    public func attachGroupPolicy(
        _ input: IAM.AttachGroupPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await attach(input.policyArn, to: .group, input.groupName, context)
    }

    public func attachRolePolicy(
        _ input: IAM.AttachRolePolicyRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await attach(input.policyArn, to: .role, input.roleName, context)
    }

    public func detachUserPolicy(
        _ input: IAM.DetachUserPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await detach(input.policyArn, from: .user, input.userName, context)
    }

    public func detachGroupPolicy(
        _ input: IAM.DetachGroupPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await detach(input.policyArn, from: .group, input.groupName, context)
    }

    public func detachRolePolicy(
        _ input: IAM.DetachRolePolicyRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await detach(input.policyArn, from: .role, input.roleName, context)
    }

    public func listAttachedUserPolicies(
        _ input: IAM.ListAttachedUserPoliciesRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListAttachedUserPoliciesResponse {
        let page = try await attached(
            to: .user, input.userName, input.pathPrefix, input.marker, input.maxItems, context)
        return IAM.ListAttachedUserPoliciesResponse {
            $0.attachedPolicies = page.items
            $0.isTruncated = page.isTruncated
            $0.marker = page.marker
        }
    }

    public func listAttachedGroupPolicies(
        _ input: IAM.ListAttachedGroupPoliciesRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListAttachedGroupPoliciesResponse {
        let page = try await attached(
            to: .group, input.groupName, input.pathPrefix, input.marker, input.maxItems, context)
        return IAM.ListAttachedGroupPoliciesResponse {
            $0.attachedPolicies = page.items
            $0.isTruncated = page.isTruncated
            $0.marker = page.marker
        }
    }

    public func listAttachedRolePolicies(
        _ input: IAM.ListAttachedRolePoliciesRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListAttachedRolePoliciesResponse {
        let page = try await attached(
            to: .role, input.roleName, input.pathPrefix, input.marker, input.maxItems, context)
        return IAM.ListAttachedRolePoliciesResponse {
            $0.attachedPolicies = page.items
            $0.isTruncated = page.isTruncated
            $0.marker = page.marker
        }
    }

    public func listEntitiesForPolicy(
        _ input: IAM.ListEntitiesForPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListEntitiesForPolicyResponse {
        let account = context.scope.account
        let relation: IAMStore.Relation = input.policyUsageFilter == .permissionsBoundary ? .boundary : .attachment
        let all = try await read { transaction in
            try requirePolicyExists(input.policyArn, context, in: transaction)
            return try store.subjects(relation, of: input.policyArn, account, in: transaction)
                .filter { $0.path.hasPrefix(input.pathPrefix ?? "/") }
        }
        let wanted = all.filter { input.entityFilter == nil || input.entityFilter?.rawValue == $0.kind.title }
        let page = try MarkedPage(wanted, after: input.marker, input.maxItems) { "\($0.kind.rawValue)/\($0.name)" }
        return IAM.ListEntitiesForPolicyResponse {
            $0.policyGroups = page.items.filter { $0.kind == .group }.map { group in
                IAM.PolicyGroup {
                    $0.groupName = group.name
                    $0.groupId = group.id
                }
            }
            $0.policyUsers = page.items.filter { $0.kind == .user }.map { user in
                IAM.PolicyUser {
                    $0.userName = user.name
                    $0.userId = user.id
                }
            }
            $0.policyRoles = page.items.filter { $0.kind == .role }.map { role in
                IAM.PolicyRole {
                    $0.roleName = role.name
                    $0.roleId = role.id
                }
            }
            $0.isTruncated = page.isTruncated
            $0.marker = page.marker
        }
    }
}
