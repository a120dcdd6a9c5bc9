import AWSModels
import Core
import Objects
import Wire

extension S3Provider {
    public func getBucketAcl(
        _ input: S3.GetBucketAclRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetBucketAclOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let policy =
                RecordDocument.read(try await store.document(.acl, of: input.bucket))
                ?? AccessControl.ownersOnly(bucket.scope.account)
            return S3.GetBucketAclOutput {
                $0.owner = policy.owner
                $0.grants = policy.grants ?? []
            }
        }
    }

    public func putBucketAcl(_ input: S3.PutBucketAclRequest, _ context: RequestContext) async throws(AWSError) {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let policy = try AccessControl.policy(
                canned: input.acl?.rawValue, headers: AccessControl.Headers(input), document: input.accessControlPolicy,
                owner: bucket.scope.account, isBucket: true)
            try await checkOwnership(allows: policy, in: bucket)
            try await store.setDocument(.acl, RecordDocument.text(policy), of: input.bucket)
        }
    }

    public func getObjectAcl(
        _ input: S3.GetObjectAclRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetObjectAclOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let version = try await standing(
                input.bucket, input.key, input.versionId, "GET", markerIsMissing: true)
            let policy =
                RecordDocument.read(version.attributes.document("acl"))
                ?? AccessControl.ownersOnly(bucket.scope.account)
            meter(.read, bucket)
            return S3.GetObjectAclOutput {
                $0.owner = policy.owner
                $0.grants = policy.grants ?? []
            }
        }
    }

    public func putObjectAcl(
        _ input: S3.PutObjectAclRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.PutObjectAclOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let policy = try AccessControl.policy(
                canned: input.acl?.rawValue, headers: AccessControl.Headers(input), document: input.accessControlPolicy,
                owner: bucket.scope.account, isBucket: false)
            let version = try await standing(input.bucket, input.key, input.versionId, "PUT")
            try await checkOwnership(allows: policy, in: bucket)
            try await store.setDocument(
                "acl", RecordDocument.text(policy), of: version.key, in: input.bucket, versionID: input.versionId,
                requester: requester(context))
            meter(.write, bucket)
            return S3.PutObjectAclOutput()
        }
    }

    /// Where the bucket's owner owns every object, lists have no say and cannot be set.
    private func checkOwnership(allows policy: S3.AccessControlPolicy, in bucket: Bucket) async throws {
        let text = try await store.document(.ownershipControls, of: bucket.name)
        guard text != Self.removed else { return }
        let controls: S3.OwnershipControls? = RecordDocument.read(text)
        guard controls.map({ $0.rules.first?.objectOwnership == .bucketOwnerEnforced }) ?? true else { return }
        let own = CanonicalUser.id(of: bucket.scope.account)
        let isDefault = (policy.grants ?? []).allSatisfy { $0.grantee?.id == own && $0.permission == .fullControl }
        guard !isDefault else { return }
        throw AWSError("AccessControlListNotSupported", "The bucket does not allow ACLs", status: 400)
    }
}

extension AccessControl {
    /// The list of a request that must have one, in one of three forms.
    static func policy(
        canned: String?, headers: Headers, document: S3.AccessControlPolicy?, owner: String, isBucket: Bool
    ) throws(AWSError) -> S3.AccessControlPolicy {
        if let document {
            guard canned == nil, headers.isEmpty else {
                throw AWSError(
                    "UnexpectedContent", "This request does not support content", status: 400)
            }
            try check(document)
            return document
        }
        guard let policy = try grants(canned: canned, headers: headers, owner: owner, isBucket: isBucket) else {
            throw AWSError(
                "MissingSecurityHeader", "Your request was missing a required header", status: 400
            ).with("MissingHeaderName", "x-amz-acl")
        }
        return policy
    }
}

extension Record {
    /// Whether no member was given.
    var isEmpty: Bool { schema.members.allSatisfy { !has($0.index) } }
}
