public import AWSModels
import Core
import Storage
public import Wire

/// Managed policies: the account's own, and AWS's.
extension IAMProvider {
    // MARK: Finding

    /// The account's own policy of that ARN.
    func requirePolicy(_ text: String, _ context: RequestContext, in transaction: Transaction) throws -> IAMEntity {
        let arn = try PolicyARN.check(text)
        guard let policy = try store.find(.policy, arn.name, context.scope.account, in: transaction),
            policy.arn == text
        else { throw IAMError.missing(.policy, text) }
        return policy
    }

    func requirePolicyExists(_ text: String, _ context: RequestContext, in transaction: Transaction) throws {
        let arn = try PolicyARN.check(text)
        guard arn.isManagedByAWS else {
            _ = try requirePolicy(text, context, in: transaction)
            return
        }
        guard ManagedPolicy(arn) != nil else { throw IAMError.missing(.policy, text) }
    }

    func requireAttachable(_ text: String, _ context: RequestContext, in transaction: Transaction) throws {
        let arn = try PolicyARN.check(text)
        let exists =
            arn.isManagedByAWS
            ? ManagedPolicy(arn) != nil
            : try store.find(.policy, arn.name, context.scope.account, in: transaction)?.arn == text
        guard exists else {
            throw IAMError.noSuchEntity("Policy \(text) does not exist or is not attachable.")
        }
        guard !arn.isManagedByAWS || !arn.path.hasPrefix("/aws-service-role/") else {
            throw IAM.Errors.policyNotAttachableException("Cannot attach a Service Role Policy to a Customer Role.")
        }
    }

    // MARK: Shapes

    func shape(own policy: IAMEntity, in transaction: Transaction) throws -> IAM.Policy {
        var shape = IAM.Policy {
            $0.policyName = policy.name
            $0.policyId = policy.id
            $0.arn = policy.arn
            $0.path = policy.path
            $0.defaultVersionId = PolicyVersions(policy).defaultID
            $0.isAttachable = true
            $0.createDate = policy.createdAt
            $0.updateDate = policy["updated"].flatMap(Timestamp.init(rfc3339:)) ?? policy.createdAt
        }
        try count(&shape, policy.account, in: transaction)
        return shape
    }

    func shape(managed policy: ManagedPolicy, _ account: String, in transaction: Transaction) throws
        -> IAM.Policy
    {
        var shape = IAM.Policy {
            $0.policyName = policy.name
            $0.policyId = policy.id
            $0.arn = policy.arn
            $0.path = policy.path
            $0.defaultVersionId = policy.version
            $0.isAttachable = true
            $0.createDate = policy.createdAt
            $0.updateDate = policy.updatedAt
        }
        try count(&shape, account, in: transaction)
        return shape
    }

    private func count(_ shape: inout IAM.Policy, _ account: String, in transaction: Transaction) throws {
        let arn = shape.arn ?? ""
        shape.attachmentCount = try store.count(.attachment, of: arn, account, in: transaction)
        shape.permissionsBoundaryUsageCount = try store.count(.boundary, of: arn, account, in: transaction)
    }

    // MARK: Operations

    public func createPolicy(
        _ input: IAM.CreatePolicyRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.CreatePolicyResponse {
        var new = try entity(.policy, input.policyName, path: input.path, context)
        try PolicyVersions.check(input.policyDocument)
        new["description"] = input.description
        new.body["versions"] = PolicyVersions(first: input.policyDocument, at: new.createdAt).json
        let policy = new
        let created = try await write { transaction in
            try create(policy, tags: input.tags, in: transaction)
            var shape = try shape(own: policy, in: transaction)
            shape.tags = try shapes(ofTagsOf: policy, in: transaction)
            return shape
        }
        return IAM.CreatePolicyResponse { $0.policy = created }
    }

    public func getPolicy(
        _ input: IAM.GetPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.GetPolicyResponse {
        let arn = try PolicyARN.check(input.policyArn)
        let found = try await read { transaction in
            guard arn.isManagedByAWS else {
                let policy = try requirePolicy(arn.text, context, in: transaction)
                var shape = try shape(own: policy, in: transaction)
                shape.description = policy["description"]
                shape.tags = try shapes(ofTagsOf: policy, in: transaction) ?? []
                return shape
            }
            guard let policy = ManagedPolicy(arn) else { throw IAMError.missing(.policy, arn.text) }
            return try shape(managed: policy, context.scope.account, in: transaction)
        }
        return IAM.GetPolicyResponse { $0.policy = found }
    }

    public func listPolicies(
        _ input: IAM.ListPoliciesRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListPoliciesResponse {
        let account = context.scope.account
        let prefix = input.pathPrefix ?? "/"
        let all = try await read { transaction in
            var all: [IAM.Policy] = []
            if input.scope != .aws {
                all += try store.list(.policy, account, pathPrefix: prefix, in: transaction)
                    .map { try shape(own: $0, in: transaction) }
            }
            if input.scope != .local {
                all += try ManagedPolicy.all.filter { $0.path.hasPrefix(prefix) }
                    .map { try shape(managed: $0, account, in: transaction) }
            }
            return all
        }
        let wanted = all.filter { policy in
            switch input.policyUsageFilter {
            case .permissionsBoundary?: policy.permissionsBoundaryUsageCount != 0
            default: input.onlyAttached != true || policy.attachmentCount != 0
            }
        }
        // The account's own come first.
        let page = try MarkedPage(wanted, after: input.marker, input.maxItems) { policy in
            let arn = policy.arn ?? ""
            return arn.hasPrefix("arn:aws:iam::aws:") ? "2 \(arn)" : "1 \(arn)"
        }
        return IAM.ListPoliciesResponse {
            $0.policies = page.items
            $0.isTruncated = page.isTruncated
            $0.marker = page.marker
        }
    }

    public func deletePolicy(_ input: IAM.DeletePolicyRequest, _ context: RequestContext) async throws(AWSError) {
        try await write { transaction in
            let policy = try requirePolicy(input.policyArn, context, in: transaction)
            for relation in [IAMStore.Relation.attachment, .boundary] {
                guard try store.count(relation, of: policy.arn, policy.account, in: transaction) == 0 else {
                    throw IAM.Errors.deleteConflictException("Cannot delete a policy attached to entities.")
                }
            }
            guard PolicyVersions(policy).all.count == 1 else {
                throw IAM.Errors.deleteConflictException(
                    "This policy has more than one version. Before you delete a policy, you must delete the policy's "
                        + "versions. The default version is deleted with the policy.")
            }
            try remove(policy, in: transaction)
        }
    }
}
