public import AWSModels
import Core
import Storage
public import Wire

extension IAMProvider {
    private static let tagLimit = 50

    /// Adds the tags or gives known ones new values.
    func add(_ new: [IAM.Tag], to entity: IAMEntity, in transaction: Transaction) throws {
        guard Set(new.map { $0.key.lowercased() }).count == new.count else {
            throw IAM.Errors.invalidInputException(
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.")
        }
        let known = try tags.tags(of: entity.id, in: transaction)
        // Keys that differ only in case are one key, which is then spelled as it came last.
        let replaced = known.filter { tag in
            new.contains { $0.key != tag.name && $0.key.lowercased() == tag.name.lowercased() }
        }
        try tags.remove(replaced.map(\.name), from: entity.id, in: transaction)
        try tags.add(new.map { ($0.key, $0.value) }, to: entity.id, in: transaction)
        guard try tags.tags(of: entity.id, in: transaction).count <= Self.tagLimit else {
            throw IAM.Errors.limitExceededException("The number of tags has reached the maximum limit.")
        }
    }

    /// Nil when there are none, so that the member stays away.
    func shapes(ofTagsOf entity: IAMEntity, in transaction: Transaction) throws -> [IAM.Tag]? {
        let tags = try tags.tags(of: entity.id, in: transaction)
        return tags.isEmpty ? nil : tags.map(Self.shape)
    }

    private static func shape(_ tag: (name: String, value: String)) -> IAM.Tag {
        IAM.Tag {
            $0.key = tag.name
            $0.value = tag.value
        }
    }

    func tag(
        _ kind: IAMEntity.Kind, _ name: String, _ new: [IAM.Tag], _ context: RequestContext
    ) async throws(AWSError) {
        try await write { transaction in
            let entity = try taggable(kind, name, context, in: transaction)
            try add(new, to: entity, in: transaction)
        }
    }

    func untag(
        _ kind: IAMEntity.Kind, _ name: String, _ keys: [String], _ context: RequestContext
    ) async throws(AWSError) {
        try await write { transaction in
            let entity = try taggable(kind, name, context, in: transaction)
            let keys = Set(keys.map { $0.lowercased() })
            let known = try tags.tags(of: entity.id, in: transaction).map(\.name)
            try tags.remove(known.filter { keys.contains($0.lowercased()) }, from: entity.id, in: transaction)
        }
    }

    func page(
        _ kind: IAMEntity.Kind, _ name: String, _ marker: String?, _ size: Int?, _ context: RequestContext
    ) async throws(AWSError) -> MarkedPage<IAM.Tag> {
        let all = try await read { transaction in
            let entity = try taggable(kind, name, context, in: transaction)
            return try tags.tags(of: entity.id, in: transaction).map(Self.shape)
        }
        return try MarkedPage(all, after: marker, size, key: \.key)
    }

    /// Policies and providers are named by their ARNs, everything else by its name.
    private func taggable(
        _ kind: IAMEntity.Kind, _ name: String, _ context: RequestContext, in transaction: Transaction
    ) throws -> IAMEntity {
        switch kind {
        case .policy: try requirePolicy(name, context, in: transaction)
        case .samlProvider, .openIDProvider: try require(kind, arn: name, context, in: transaction)
        default: try require(kind, name, context, in: transaction)
        }
    }

    // MARK: Operations

    public func tagUser(_ input: IAM.TagUserRequest, _ context: RequestContext) async throws(AWSError) {
        try await tag(.user, input.userName, input.tags, context)
    }

    public func tagRole(_ input: IAM.TagRoleRequest, _ context: RequestContext) async throws(AWSError) {
        try await tag(.role, input.roleName, input.tags, context)
    }

    public func tagPolicy(_ input: IAM.TagPolicyRequest, _ context: RequestContext) async throws(AWSError) {
        try await tag(.policy, input.policyArn, input.tags, context)
    }

    public func tagInstanceProfile(
        _ input: IAM.TagInstanceProfileRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await tag(.profile, input.instanceProfileName, input.tags, context)
    }

    public func untagUser(_ input: IAM.UntagUserRequest, _ context: RequestContext) async throws(AWSError) {
        try await untag(.user, input.userName, input.tagKeys, context)
    }

    public func untagRole(_ input: IAM.UntagRoleRequest, _ context: RequestContext) async throws(AWSError) {
        try await untag(.role, input.roleName, input.tagKeys, context)
    }

    public func untagPolicy(_ input: IAM.UntagPolicyRequest, _ context: RequestContext) async throws(AWSError) {
        try await untag(.policy, input.policyArn, input.tagKeys, context)
    }

    public func untagInstanceProfile(
        _ input: IAM.UntagInstanceProfileRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await untag(.profile, input.instanceProfileName, input.tagKeys, context)
    }

    public func listUserTags(
        _ input: IAM.ListUserTagsRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListUserTagsResponse {
        let page = try await page(.user, input.userName, input.marker, input.maxItems, context)
        return IAM.ListUserTagsResponse {
            $0.tags = page.items
            $0.isTruncated = page.isTruncated
            $0.marker = page.marker
        }
    }

    public func listRoleTags(
        _ input: IAM.ListRoleTagsRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListRoleTagsResponse {
        let page = try await page(.role, input.roleName, input.marker, input.maxItems, context)
        return IAM.ListRoleTagsResponse {
            $0.tags = page.items
            $0.isTruncated = page.isTruncated
            $0.marker = page.marker
        }
    }

    public func listPolicyTags(
        _ input: IAM.ListPolicyTagsRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListPolicyTagsResponse {
        let page = try await page(.policy, input.policyArn, input.marker, input.maxItems, context)
        return IAM.ListPolicyTagsResponse {
            $0.tags = page.items
            $0.isTruncated = page.isTruncated
            $0.marker = page.marker
        }
    }

    public func listInstanceProfileTags(
        _ input: IAM.ListInstanceProfileTagsRequest, _ context: RequestContext
    ) async throws(AWSError) -> IAM.ListInstanceProfileTagsResponse {
        let page = try await page(.profile, input.instanceProfileName, input.marker, input.maxItems, context)
        return IAM.ListInstanceProfileTagsResponse {
            $0.tags = page.items
            $0.isTruncated = page.isTruncated
            $0.marker = page.marker
        }
    }
}
