import AWSModels
import Core
import Objects
import Wire

extension S3Provider {
    private static let attributeNames: Set<String> = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]

    public func getObjectAttributes(
        _ input: S3.GetObjectAttributesRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetObjectAttributesOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let wanted = Set(input.objectAttributes.map { $0.rawValue.trimmingSpaces }.filter { !$0.isEmpty })
            guard !wanted.isEmpty, wanted.isSubset(of: Self.attributeNames) else {
                throw AWSError.invalidArgument("Invalid attribute name specified.", "x-amz-object-attributes")
            }
            let version = try await standing(
                input.bucket, input.key, input.versionId, "GET", markerIsMissing: true)
            try CustomerKey(
                algorithm: input.sseCustomerAlgorithm, key: input.sseCustomerKey, md5: input.sseCustomerKeyMD5
            ).open(Encryption(version.attributes))
            meter(.read, bucket)
            let attributes = version.attributes
            return S3.GetObjectAttributesOutput {
                $0.lastModified = version.lastModified.wholeSecond
                $0.versionId = versionID(version, in: bucket)
                if wanted.contains("ETag") { $0.eTag = version.etag }
                if wanted.contains("ObjectSize") { $0.objectSize = Int(version.size) }
                if wanted.contains("StorageClass"), Encryption(attributes).customerKeyMD5 == nil {
                    $0.storageClass = S3.StorageClass(rawValue: attributes.storageClass ?? "STANDARD")
                }
                if wanted.contains("Checksum"), !attributes.checksums.isEmpty {
                    $0.checksum = Self.checksum(of: attributes)
                }
                if wanted.contains("ObjectParts"), !attributes.parts.isEmpty {
                    $0.objectParts = Self.parts(of: attributes, input)
                }
            }
        }
    }

    /// The checksum of parts' checksums is told without the number of parts here.
    private static func checksum(of attributes: ObjectAttributes) -> S3.Checksum {
        S3.Checksum {
            let isComposite = attributes.checksumType == "COMPOSITE"
            $0.setChecksums(
                attributes.checksums.map { pair in
                    let end = isComposite ? pair.value.lastIndex(of: "-") : nil
                    return .init(pair.name, end.map { String(pair.value[..<$0]) } ?? pair.value)
                })
            $0.checksumType = attributes.checksumType.map { S3.ChecksumType(rawValue: $0) }
        }
    }

    /// Parts are listed one by one only where they have checksums of their own.
    private static func parts(
        of attributes: ObjectAttributes, _ input: S3.GetObjectAttributesRequest
    ) -> S3.GetObjectAttributesParts {
        S3.GetObjectAttributesParts {
            $0.totalPartsCount = attributes.parts.count
            guard attributes.checksumType == "COMPOSITE", attributes.parts.contains(where: { !$0.checksums.isEmpty })
            else { return }
            let marker = input.partNumberMarker ?? 0
            let limit = min(max(input.maxParts ?? 1000, 0), 1000)
            let rest = attributes.parts.filter { $0.number > marker }
            $0.partNumberMarker = marker
            $0.maxParts = limit
            $0.isTruncated = rest.count > limit
            $0.nextPartNumberMarker = rest.prefix(limit).last?.number ?? 0
            $0.parts = rest.prefix(limit).map { part in
                S3.ObjectPart {
                    $0.partNumber = part.number
                    $0.size = Int(part.size)
                    $0.setChecksums(part.checksums)
                }
            }
        }
    }

    public func restoreObject(
        _ input: S3.RestoreObjectRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.RestoreObjectOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let version = try await standing(input.bucket, input.key, input.versionId, "POST")
            guard Restoration.archive(of: version) != nil else {
                throw AWSError(
                    "InvalidObjectState", "Restore is not allowed for the object's current storage class", status: 403
                ).with("StorageClass", .string(version.attributes.storageClass ?? "STANDARD"))
            }
            let restoration = Restoration(days: input.restoreRequest?.days ?? 1, at: clock.now)
            try await store.setRestored(
                restoration.document, until: restoration.end, of: version.key, in: input.bucket,
                versionID: input.versionId, requester: requester(context))
            meter(.write, bucket)
            return S3.RestoreObjectOutput()
        }
    }
}
