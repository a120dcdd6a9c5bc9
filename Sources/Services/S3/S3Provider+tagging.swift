import AWSModels
import Core
import Objects
import Wire

extension S3Provider {
    // MARK: Objects

    public func getObjectTagging(
        _ input: S3.GetObjectTaggingRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetObjectTaggingOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let version: ObjectVersion
            do {
                version = try await standing(input.bucket, input.key, input.versionId, "GET")
            } catch let error as ObjectStoreError where error.code == "NoSuchKey" {
                // This operation names the key with its bucket.
                throw AWSError(error.code, error.message, status: 404)
                    .with("Key", .string("\(input.bucket)/\(input.key)"))
            }
            meter(.read, bucket)
            return S3.GetObjectTaggingOutput {
                $0.versionId = versionID(version, in: bucket)
                $0.tagSet = version.attributes.tags.map { tag in
                    S3.Tag {
                        $0.key = tag.name
                        $0.value = tag.value
                    }
                }
            }
        }
    }

    public func putObjectTagging(
        _ input: S3.PutObjectTaggingRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.PutObjectTaggingOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            try TagRules.check(input.tagging.tagSet, .object)
            let current = try await standing(input.bucket, input.key, input.versionId, "PUT")
            let tags = input.tagging.tagSet.map { ObjectAttributes.Pair($0.key, $0.value) }
            let version = try await store.setTags(
                tags, of: current.key, in: input.bucket, versionID: input.versionId, requester: requester(context))
            meter(.write, bucket)
            return S3.PutObjectTaggingOutput { $0.versionId = versionID(version, in: bucket) }
        }
    }

    public func deleteObjectTagging(
        _ input: S3.DeleteObjectTaggingRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.DeleteObjectTaggingOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let current = try await standing(input.bucket, input.key, input.versionId, "DELETE")
            let version = try await store.setTags(
                [], of: current.key, in: input.bucket, versionID: input.versionId, requester: requester(context))
            return S3.DeleteObjectTaggingOutput { $0.versionId = versionID(version, in: bucket) }
        }
    }

    /// A version that is an object; delete markers have no properties.
    func standing(
        _ name: String, _ text: String, _ versionID: String?, _ method: String, markerIsMissing: Bool = false
    ) async throws -> ObjectVersion {
        try Self.checkVersion(versionID)
        let key = try key(text)
        if let entry = try await store.entry(key, in: name, versionID: versionID), entry.isDeleteMarker,
            !(markerIsMissing && versionID == nil)
        {
            throw AWSError(
                "MethodNotAllowed", "The specified method is not allowed against this resource.", status: 405
            ).with("Method", .string(method)).with("ResourceType", "DeleteMarker")
                .withHeader("x-amz-delete-marker", "true").withHeader("x-amz-version-id", entry.versionID)
        }
        return try await store.head(key, in: name, versionID: versionID)
    }

    // MARK: Buckets

    public func getBucketTagging(
        _ input: S3.GetBucketTaggingRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetBucketTaggingOutput {
        try await answer {
            let tagging: S3.Tagging = try await stored(
                .tagging, input.bucket, input.expectedBucketOwner, "NoSuchTagSet", "The TagSet does not exist")
            return S3.GetBucketTaggingOutput { $0.tagSet = tagging.tagSet }
        }
    }

    public func putBucketTagging(_ input: S3.PutBucketTaggingRequest, _ context: RequestContext) async throws(AWSError)
    {
        try await answer {
            try TagRules.check(input.tagging.tagSet, .bucket)
            let text = input.tagging.tagSet.isEmpty ? nil : RecordDocument.text(input.tagging)
            try await keep(.tagging, text, input.bucket, input.expectedBucketOwner)
            let tags = Dictionary(input.tagging.tagSet.map { ($0.key, $0.value) }) { $1 }
            try await environment.tag("arn:aws:s3:::\(input.bucket)", tags)
        }
    }

    public func deleteBucketTagging(
        _ input: S3.DeleteBucketTaggingRequest, _ context: RequestContext
    ) async throws(AWSError) {
        try await answer {
            try await keep(.tagging, nil, input.bucket, input.expectedBucketOwner)
            try await environment.tag("arn:aws:s3:::\(input.bucket)", [:])
        }
    }
}
