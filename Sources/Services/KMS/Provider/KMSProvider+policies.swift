public import AWSModels
import Core
public import Wire

extension KMSProvider {
    public func getKeyPolicy(
        _ input: KMS.GetKeyPolicyRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.GetKeyPolicyResponse {
        try Self.checkPolicyName(input.policyName)
        let key = try await key(input.keyId, context)
        return KMS.GetKeyPolicyResponse {
            $0.policy = key.policy
            $0.policyName = KMSPolicy.name
        }
    }

    public func putKeyPolicy(_ input: KMS.PutKeyPolicyRequest, _ context: RequestContext) async throws(AWSError) {
        try Self.checkPolicyName(input.policyName)
        let policy = try KMSPolicy.checked(input.policy)
        try await change(input.keyId, context) { key, _ in
            try key.requireNotDeleted()
            key.policy = policy
        }
    }

    public func listKeyPolicies(
        _ input: KMS.ListKeyPoliciesRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.ListKeyPoliciesResponse {
        _ = try await key(input.keyId, context)
        return KMS.ListKeyPoliciesResponse {
            $0.policyNames = [KMSPolicy.name]
            $0.truncated = false
        }
    }

    /// There is one policy of a key, and one name for it.
    private static func checkPolicyName(_ name: String?) throws(AWSError) {
        guard name == nil || name == KMSPolicy.name else {
            throw KMS.Errors.notFoundException("No such policy exists")
        }
    }

    // MARK: Tags

    public func tagResource(_ input: KMS.TagResourceRequest, _ context: RequestContext) async throws(AWSError) {
        let tags = try KMSTags.checked(input.tags)
        try await change(input.keyId, context) { [keys] key, transaction in
            try key.requireNotDeleted()
            try keys.tags.add(tags, to: key.arn, in: transaction)
            try KMSTags.requireFew(keys.tags.tags(of: key.arn, in: transaction).count)
        }
    }

    public func untagResource(_ input: KMS.UntagResourceRequest, _ context: RequestContext) async throws(AWSError) {
        try await change(input.keyId, context) { [keys] key, transaction in
            try key.requireNotDeleted()
            try keys.tags.remove(input.tagKeys, from: key.arn, in: transaction)
        }
    }

    public func listResourceTags(
        _ input: KMS.ListResourceTagsRequest, _ context: RequestContext
    ) async throws(AWSError) -> KMS.ListResourceTagsResponse {
        let (scope, limit) = (context.scope, input.limit ?? 50)
        let after = try Self.marker(input.marker)
        let found = try await keys.lookup { [keys] transaction in
            let key = try keys.find(input.keyId, scope, takesAliases: false, in: transaction)
            return try keys.tags.tags(of: key.arn, in: transaction)
        }
        let page = Page(found.filter { $0.name > after || after.isEmpty }, limit: limit)
        return KMS.ListResourceTagsResponse {
            $0.tags = KMSTags.shape(page.items)
            $0.nextMarker = page.last.map { ListToken.make($0.name) }
            $0.truncated = page.last != nil
        }
    }
}
