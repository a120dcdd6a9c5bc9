import AWSModels
import Core
import Objects
import Wire

extension S3Provider {
    /// Objects that one request may delete.
    private static let deleteLimit = 1000

    public func deleteObject(
        _ input: S3.DeleteObjectRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.DeleteObjectOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            if input.ifMatchLastModifiedTime != nil {
                throw AWSError.headerNotImplemented("x-amz-if-match-last-modified-time")
            }
            if input.ifMatchSize != nil { throw AWSError.headerNotImplemented("x-amz-if-match-size") }
            try await checkBypass(input.bypassGovernanceRetention, bucket)
            try Self.checkVersion(input.versionId)
            if bucket.versioning == .off, let id = input.versionId, id != "null" {
                throw AWSError.invalidArgument("Invalid version id specified", "versionId", id)
            }
            let key = try key(input.key)
            try await checkLock(key, input.versionId, input.bypassGovernanceRetention ?? false, bucket)
            let result = try await store.delete(
                key, in: input.bucket, versionID: input.versionId,
                conditions: WriteConditions(ifMatch: input.ifMatch), requester: requester(context))
            return S3.DeleteObjectOutput {
                if result.isDeleteMarker { $0.deleteMarker = true }
                if bucket.versioning != .off { $0.versionId = result.versionID }
            }
        }
    }

    public func deleteObjects(
        _ input: S3.DeleteObjectsRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.DeleteObjectsOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            try await checkBypass(input.bypassGovernanceRetention, bucket)
            let objects = input.delete.objects
            guard !objects.isEmpty, objects.count <= Self.deleteLimit else { throw AWSError.malformedXML() }
            // Directory buckets alone know these.
            if objects.contains(where: { $0.lastModifiedTime != nil || $0.size != nil }) {
                throw AWSError.headerNotImplemented("x-amz-if-match-size")
            }
            var refused: [S3.Error] = []
            var accepted: [ObjectDeletion] = []
            for object in objects {
                do {
                    let key = try key(object.key)
                    try await checkPresence(key, object.versionId, bucket)
                    try await checkLock(key, object.versionId, input.bypassGovernanceRetention ?? false, bucket)
                    accepted.append(
                        ObjectDeletion(
                            key: key, versionID: object.versionId, conditions: WriteConditions(ifMatch: object.eTag)))
                } catch {
                    refused.append(Self.failure(AWSError(objects: error), object.key, object.versionId))
                }
            }
            let results = try await store.delete(accepted, in: input.bucket, requester: requester(context))
            var deleted: [S3.DeletedObject] = []
            for (object, result) in zip(accepted, results) {
                switch result {
                case .success(let result):
                    deleted.append(Self.deleted(object.key, object.versionID, result, bucket))
                case .failure(let error):
                    refused.append(Self.failure(AWSError(objects: error), object.key.text, object.versionID))
                }
            }
            return S3.DeleteObjectsOutput {
                if input.delete.quiet != true, !deleted.isEmpty { $0.deleted = deleted }
                if !refused.isEmpty { $0.errors = refused }
            }
        }
    }

    /// Deleting many is strict about versions that never were.
    private func checkPresence(_ key: ObjectKey, _ versionID: String?, _ bucket: Bucket) async throws {
        guard let versionID, versionID != "null" else { return }
        guard try await store.entry(key, in: bucket.name, versionID: versionID) == nil else { return }
        throw AWSError("NoSuchVersion", "The specified version does not exist.", status: 404)
    }

    private static func deleted(
        _ key: ObjectKey, _ versionID: String?, _ result: DeleteResult, _ bucket: Bucket
    ) -> S3.DeletedObject {
        S3.DeletedObject {
            $0.key = key.text
            $0.versionId = versionID
            guard result.isDeleteMarker else { return }
            $0.deleteMarker = true
            $0.deleteMarkerVersionId = result.versionID
        }
    }

    private static func failure(_ error: AWSError, _ key: String, _ versionID: String?) -> S3.Error {
        S3.Error {
            $0.key = key
            $0.versionId = versionID
            $0.code = error.code
            $0.message = error.message
        }
    }
}
