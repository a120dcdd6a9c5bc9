import AWSModels
import Core
import Objects
import Wire

extension S3Provider {
    /// The algorithm by which the parts of an upload are checked, among the documents of its attributes.
    private static let algorithmDocument = "checksum-algorithm"

    public func createMultipartUpload(
        _ input: S3.CreateMultipartUploadRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.CreateMultipartUploadOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let key = try key(input.key)
            let (algorithm, type) = try Self.checksum(input)
            var attributes = Self.attributes(input)
            try await fill(&attributes, from: ObjectWrite(input), in: bucket)
            attributes.setDocument(Self.algorithmDocument, algorithm?.rawValue)
            attributes.checksumType = type
            let upload = try await store.createUpload(key, in: input.bucket, attributes: attributes)
            meter(.write, bucket)
            let encryption = Encryption(attributes)
            return S3.CreateMultipartUploadOutput {
                $0.bucket = input.bucket
                $0.key = input.key
                $0.uploadId = upload.id
                $0.checksumAlgorithm = algorithm.map { S3.ChecksumAlgorithm(rawValue: $0.rawValue) }
                $0.checksumType = type.map { S3.ChecksumType(rawValue: $0) }
                $0.serverSideEncryption = encryption.serverSide
                $0.ssekmsKeyId = encryption.kmsKey
                $0.ssekmsEncryptionContext = encryption.kmsContext
                $0.bucketKeyEnabled = encryption.bucketKey
                $0.sseCustomerAlgorithm = encryption.customerAlgorithm
                $0.sseCustomerKeyMD5 = encryption.customerKeyMD5
            }
        }
    }

    private static func attributes(_ input: S3.CreateMultipartUploadRequest) -> ObjectAttributes {
        var attributes = ObjectAttributes()
        attributes.contentType = input.contentType
        attributes.contentEncoding = input.contentEncoding
        attributes.contentDisposition = input.contentDisposition
        attributes.contentLanguage = input.contentLanguage
        attributes.cacheControl = input.cacheControl
        attributes.expires = input.expires
        attributes.websiteRedirectLocation = input.websiteRedirectLocation
        return attributes
    }

    /// CRC64NVME is of the whole object, SHA1 and SHA256 are of the parts' checksums, the others either.
    private static func checksum(
        _ input: S3.CreateMultipartUploadRequest
    ) throws(AWSError) -> (Wire.ChecksumAlgorithm?, String?) {
        let algorithm = try Wire.ChecksumAlgorithm.named(input.checksumAlgorithm?.rawValue)
        guard let algorithm else {
            guard input.checksumType == nil else {
                throw .invalidRequest(
                    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.")
            }
            return (nil, nil)
        }
        guard let type = input.checksumType?.rawValue else {
            return (algorithm, algorithm == .crc64nvme ? "FULL_OBJECT" : "COMPOSITE")
        }
        guard ["FULL_OBJECT", "COMPOSITE"].contains(type) else {
            throw .invalidRequest("Value for x-amz-checksum-type header is invalid.")
        }
        guard type == "COMPOSITE" ? algorithm != .crc64nvme : algorithm.isLinear else {
            throw .invalidRequest(
                "The \(type) checksum type cannot be used with the \(algorithm.rawValue.lowercased()) checksum algorithm."
            )
        }
        return (algorithm, type)
    }

    func algorithm(of upload: MultipartUpload) -> Wire.ChecksumAlgorithm? {
        upload.attributes.document(Self.algorithmDocument).flatMap(Wire.ChecksumAlgorithm.init(rawValue:))
    }

    public func abortMultipartUpload(
        _ input: S3.AbortMultipartUploadRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.AbortMultipartUploadOutput {
        try await answer {
            _ = try bucket(input.bucket, owner: input.expectedBucketOwner)
            try await store.abortUpload(input.uploadId, try key(input.key), in: input.bucket)
            return S3.AbortMultipartUploadOutput()
        }
    }

    public func completeMultipartUpload(
        _ input: S3.CompleteMultipartUploadRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.CompleteMultipartUploadOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let key = try key(input.key)
            let upload = try await store.upload(input.uploadId, key, in: input.bucket)
            guard let wanted = input.multipartUpload?.parts, !wanted.isEmpty else {
                throw AWSError.invalidRequest("You must specify at least one part")
            }
            let conditions = try Self.conditions(input.ifMatch, input.ifNoneMatch)
            let uploaded = try await allParts(of: upload, in: input.bucket)
            let completion = Completion(
                upload: upload, algorithm: algorithm(of: upload), wanted: wanted, uploaded: uploaded)
            let encryption = Encryption(upload.attributes)
            // S3 does not add a checksum of its own under customers' keys, and keeps quiet of it under those of KMS.
            let isChosen = algorithm(of: upload) != nil
            let sum = isChosen || encryption.customerKeyMD5 == nil ? try completion.checksum(input) : nil
            try await checkConflict(key, upload, conditions)
            let request = PutRequest(
                bucket: input.bucket, key: key, conditions: conditions, requester: requester(context))
            // A part keeps the checksum that was named again at the end.
            let named = Set(wanted.filter { $0.givenChecksum != nil }.compactMap(\.partNumber))
            let version = try await store.completeUpload(
                input.uploadId, wanted.map { ($0.partNumber ?? 0, $0.eTag ?? "") }, to: request
            ) { attributes in
                attributes.setDocument(Self.algorithmDocument, nil)
                attributes.checksumType = sum == nil ? nil : attributes.checksumType ?? "FULL_OBJECT"
                attributes.checksums = sum.map { [$0] } ?? []
                for index in attributes.parts.indices where !named.contains(attributes.parts[index].number) {
                    attributes.parts[index].checksums = []
                }
            }
            meter(.write, bucket)
            return Self.output(
                version, bucket, showsChecksum: isChosen || encryption.algorithm == "AES256",
                "\(context.endpoint)/\(input.bucket)/\(PercentCoding.encode(input.key))")
        }
    }

    /// Who completes only what was there before must not meet what came while he was uploading.
    private func checkConflict(_ key: ObjectKey, _ upload: MultipartUpload, _ conditions: WriteConditions) async throws
    {
        let current = try await store.entry(key, in: upload.bucket).flatMap { $0.isDeleteMarker ? nil : $0 }
        if let tag = conditions.ifMatch, let current, tag.filter({ $0 != "\"" }) == current.etag,
            current.lastModified >= upload.initiated
        {
            throw Self.conflict("If-Match", key)
        }
        // The deletion came later than the upload, whose condition it seems to make true.
        if conditions.ifNoneMatch != nil, current == nil, upload.isOvertaken {
            throw Self.conflict("If-None-Match", key)
        }
    }

    private static func conflict(_ condition: String, _ key: ObjectKey) -> AWSError {
        AWSError(
            "ConditionalRequestConflict",
            "The conditional request cannot succeed due to a conflicting operation against this resource.", status: 409
        ).with("Condition", .string(condition)).with("Key", .string(key.text))
    }

    private func allParts(of upload: MultipartUpload, in bucket: String) async throws -> [UploadedPart] {
        var parts: [UploadedPart] = []
        while true {
            let page = try await store.listParts(upload.id, upload.key, in: bucket, after: parts.last?.number ?? 0)
            parts += page.parts
            guard page.isTruncated, !page.parts.isEmpty else { return parts }
        }
    }

    private static func output(
        _ version: ObjectVersion, _ bucket: Bucket, showsChecksum: Bool, _ location: String
    ) -> S3.CompleteMultipartUploadOutput {
        let encryption = Encryption(version.attributes)
        return S3.CompleteMultipartUploadOutput {
            $0.bucket = bucket.name
            $0.key = version.key.text
            $0.eTag = version.etag.quoted
            $0.location = location
            if bucket.versioning == .enabled { $0.versionId = version.versionID }
            if showsChecksum {
                $0.setChecksums(version.attributes.checksums)
                $0.checksumType = version.attributes.checksumType.map { S3.ChecksumType(rawValue: $0) }
            }
            $0.serverSideEncryption = encryption.serverSide
            $0.ssekmsKeyId = encryption.kmsKey
            $0.bucketKeyEnabled = encryption.bucketKey
        }
    }
}
