public import AWSModels
import Core
import Storage
public import Wire

/// Policies that are part of one user, group or role.
extension IAMProvider {
    /// How many characters, white space aside, all of an identity's inline policies may have.
    private static func sizeLimit(_ kind: IAMEntity.Kind) -> Int {
        switch kind {
        case .user: 2048
        case .group: 5120
        default: 10_240
        }
    }

    private func put(
        _ policy: String, _ document: String, of kind: IAMEntity.Kind, _ name: String, _ context: RequestContext
    ) async throws(AWSError) {
        try IAMName.check(policy, "policyName")
        try IdentityPolicy.check(document)
        try await write { transaction in
            let entity = try require(kind, name, context, in: transaction)
            try requireModifiable(entity)
            try store.putInlinePolicy(policy, document, of: entity, in: transaction)
            let all = try store.inlinePolicies(of: entity, in: transaction)
            let limit = Self.sizeLimit(kind)
            guard all.reduce(0, { $0 + PolicyText.size($1.document) }) <= limit else {
                throw IAM.Errors.limitExceededException(
                    "Maximum policy size of \(limit) bytes exceeded for \(kind.rawValue) \(name)")
            }
        }
    }

    private func document(
        _ policy: String, of kind: IAMEntity.Kind, _ name: String, _ context: RequestContext
    ) async throws(AWSError) -> String {
        try await read { transaction in
            let entity = try require(kind, name, context, in: transaction)
            let found = try store.inlinePolicies(of: entity, in: transaction).first { $0.name == policy }
            guard let found else { throw Self.noInline(policy, kind) }
            return PercentCoding.encode(found.document)
        }
    }

    private func delete(
        _ policy: String, of kind: IAMEntity.Kind, _ name: String, _ context: RequestContext
    ) async throws(AWSError) {
        try await write { transaction in
            let entity = try require(kind, name, context, in: transaction)
            try requireModifiable(entity)
            guard try store.removeInlinePolicy(policy, of: entity, in: transaction) else {
                throw Self.noInline(policy, kind)
            }
        }
    }

    private func names(
        of kind: IAMEntity.Kind, _ name: String, _ marker: String?, _ size: Int?, _ context: RequestContext
    ) async throws(AWSError) -> MarkedPage<String> {
        let all = try await read { transaction in
            let entity = try require(kind, name, context, in: transaction)
            return try store.inlinePolicies(of: entity, in: transaction).map(\.name)
        }
        return try MarkedPage(all, after: marker, size) { $0 }
    }

    private static func noInline(_ policy: String, _ kind: IAMEntity.Kind) -> AWSError {
        IAMError.noSuchEntity("The \(kind.rawValue) policy with name \(policy) cannot be found.")
    }

    // MARK: Users

    public func putUserPolicy(_ input: IAM.PutUserPolicyRequest, _ context: RequestContext) async throws(AWSError) {
        try await put(input.policyName, input.policyDocument, of: .user, input.userName, context)
    }

    public func getUserPolicy(
        _ input: IAM.GetUserPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.GetUserPolicyResponse {
        let document = try await document(input.policyName, of: .user, input.userName, context)
        return IAM.GetUserPolicyResponse {
            $0.userName = input.userName
            $0.policyName = input.policyName
            $0.policyDocument = document
        }
    }

    public func deleteUserPolicy(
        _ input: IAM.DeleteUserPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await delete(input.policyName, of: .user, input.userName, context)
    }

    public func listUserPolicies(
        _ input: IAM.ListUserPoliciesRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListUserPoliciesResponse {
        let page = try await names(of: .user, input.userName, input.marker, input.maxItems, context)
        return IAM.ListUserPoliciesResponse {
            $0.policyNames = page.items
            $0.isTruncated = page.isTruncated
            $0.marker = page.marker
        }
    }

    // MARK: Groups

    public func putGroupPolicy(_ input: IAM.PutGroupPolicyRequest, _ context: RequestContext) async throws(AWSError) {
        try await put(input.policyName, input.policyDocument, of: .group, input.groupName, context)
    }

    public func getGroupPolicy(
        _ input: IAM.GetGroupPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.GetGroupPolicyResponse {
        let document = try await document(input.policyName, of: .group, input.groupName, context)
        return IAM.GetGroupPolicyResponse {
            $0.groupName = input.groupName
            $0.policyName = input.policyName
            $0.policyDocument = document
        }
    }

    public func deleteGroupPolicy(
        _ input: IAM.DeleteGroupPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await delete(input.policyName, of: .group, input.groupName, context)
    }

    public func listGroupPolicies(
        _ input: IAM.ListGroupPoliciesRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListGroupPoliciesResponse {
        let page = try await names(of: .group, input.groupName, input.marker, input.maxItems, context)
        return IAM.ListGroupPoliciesResponse {
            $0.policyNames = page.items
            $0.isTruncated = page.isTruncated
            $0.marker = page.marker
        }
    }

    // MARK: Roles

    public func putRolePolicy(_ input: IAM.PutRolePolicyRequest, _ context: RequestContext) async throws(AWSError) {
        try await put(input.policyName, input.policyDocument, of: .role, input.roleName, context)
    }

    public func getRolePolicy(
        _ input: IAM.GetRolePolicyRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.GetRolePolicyResponse {
        let document = try await document(input.policyName, of: .role, input.roleName, context)
        return IAM.GetRolePolicyResponse {
            $0.roleName = input.roleName
            $0.policyName = input.policyName
            $0.policyDocument = document
        }
    }

    public func deleteRolePolicy(
        _ input: IAM.DeleteRolePolicyRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await delete(input.policyName, of: .role, input.roleName, context)
    }

    public func listRolePolicies(
        _ input: IAM.ListRolePoliciesRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListRolePoliciesResponse {
        let page = try await names(of: .role, input.roleName, input.marker, input.maxItems, context)
        return IAM.ListRolePoliciesResponse {
            $0.policyNames = page.items
            $0.isTruncated = page.isTruncated
            $0.marker = page.marker
        }
    }
}
