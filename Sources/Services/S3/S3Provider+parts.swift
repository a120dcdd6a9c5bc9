import AWSModels
import Core
import Objects
import Wire

extension S3Provider {
    public func uploadPart(
        _ input: S3.UploadPartRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.UploadPartOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let key = try key(input.key)
            let upload = try await store.upload(input.uploadId, key, in: input.bucket)
            guard ObjectStore.partNumbers.contains(input.partNumber) else {
                throw AWSError.invalidArgument(
                    "Part number must be an integer between 1 and 10000, inclusive", "partNumber",
                    String(input.partNumber))
            }
            let encryption = Encryption(upload.attributes)
            let customerKey = CustomerKey(
                algorithm: input.sseCustomerAlgorithm, key: input.sseCustomerKey, md5: input.sseCustomerKeyMD5)
            let seal = try seal(customerKey, encryption)
            try await requireKey(of: encryption, in: bucket)
            let checksum = try partChecksum(input, upload)
            let staged = try await store.beginPart(input.uploadId, key, in: input.bucket)
            // Objects of uploads that named no algorithm get S3's own checksum.
            let isOwn = algorithm(of: upload) == nil && checksum.algorithm != .crc64nvme
            let sums = try await receive(
                input.body ?? ByteStream([]), into: staged, [checksum.algorithm] + (isOwn ? [.crc64nvme] : []),
                seal?.cipher)
            let part = try await store.putPart(
                input.partNumber, staged: staged, upload: input.uploadId, key: key, checksums: sums, nonce: seal?.nonce)
            meter(.write, bucket)
            let isShown = input.givenChecksum != nil || algorithm(of: upload) != nil || input.checksumAlgorithm != nil
            return S3.UploadPartOutput {
                $0.eTag = part.etag.quoted
                if isShown { $0.setChecksums(Array(sums.prefix(1))) }
                $0.serverSideEncryption = encryption.serverSide
                $0.ssekmsKeyId = encryption.kmsKey
                $0.bucketKeyEnabled = encryption.bucketKey
                $0.sseCustomerAlgorithm = encryption.customerAlgorithm
                $0.sseCustomerKeyMD5 = encryption.customerKeyMD5
            }
        }
    }

    /// With what a part is encrypted: nothing, or the customer's key, which must be the upload's.
    private func seal(
        _ key: CustomerKey, _ encryption: Encryption
    ) throws(AWSError) -> (cipher: ObjectCipher?, nonce: String)? {
        guard encryption.customerKeyMD5 != nil || !key.isEmpty else { return nil }
        guard let stored = encryption.customerKeyMD5, !key.isEmpty else {
            throw AWSError.invalidRequest(
                "The multipart upload initiate requested encryption. Subsequent part requests must include the appropriate encryption parameters."
            )
        }
        try key.check()
        guard key.md5 == stored else {
            throw AWSError.invalidRequest(
                "The provided encryption parameters did not match the ones used originally.")
        }
        let nonce = ObjectCipher.newNonce(random)
        return (ObjectCipher(key, nonce: nonce), nonce)
    }

    private func partChecksum(_ input: S3.UploadPartRequest, _ upload: MultipartUpload) throws -> UploadChecksum {
        let expected = algorithm(of: upload)
        let checksum = try UploadChecksum(
            input, named: input.checksumAlgorithm?.rawValue, standard: expected ?? .crc64nvme)
        if let expected, checksum.algorithm != expected {
            throw AWSError.invalidRequest(
                "Checksum Type mismatch occurred, expected checksum Type: \(expected.rawValue.lowercased()), actual checksum Type: \(checksum.algorithm.rawValue.lowercased())"
            )
        }
        return checksum
    }

    public func uploadPartCopy(
        _ input: S3.UploadPartCopyRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.UploadPartCopyOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let key = try key(input.key)
            var source = try CopyAddress(input.copySource).source
            source.conditions = ReadConditions(
                ifMatch: input.copySourceIfMatch, ifNoneMatch: input.copySourceIfNoneMatch,
                ifModifiedSince: input.copySourceIfModifiedSince, ifUnmodifiedSince: input.copySourceIfUnmodifiedSince)
            let sourceBucket = try self.bucket(source.bucket, owner: input.expectedSourceBucketOwner)
            let content = try await open(source)
            let sourceKey = CustomerKey(
                algorithm: input.copySourceSSECustomerAlgorithm, key: input.copySourceSSECustomerKey,
                md5: input.copySourceSSECustomerKeyMD5)
            let sourceEncryption = Encryption(content.version.attributes)
            try sourceKey.open(sourceEncryption)
            try await requireKey(of: sourceEncryption, in: sourceBucket)
            let sourceCipher = ObjectCipher(sourceKey, content.version.attributes)
            let upload = try await store.upload(input.uploadId, key, in: input.bucket)
            let encryption = Encryption(upload.attributes)
            let customerKey = CustomerKey(
                algorithm: input.sseCustomerAlgorithm, key: input.sseCustomerKey, md5: input.sseCustomerKeyMD5)
            let seal = try seal(customerKey, encryption)
            try await requireKey(of: encryption, in: bucket)
            let range = try input.copySourceRange.map { try Self.range($0, content.version.size) }
            let expected = algorithm(of: upload)
            let kind = expected ?? .crc64nvme
            let sum = try await computed(content, range ?? 0..<content.version.size, kind, sourceCipher)
            let pair = ObjectAttributes.Pair(kind.rawValue, Base64.encode(sum))
            let part = try await store.copyPart(
                input.partNumber, of: content, from: source, range, upload: input.uploadId, key: key, in: input.bucket,
                checksums: [pair], nonce: seal?.nonce, transform: ObjectCipher.transform(sourceCipher, seal?.cipher))
            meter(.write, bucket)
            return S3.UploadPartCopyOutput {
                $0.copyPartResult = S3.CopyPartResult {
                    $0.eTag = part.etag.quoted
                    $0.lastModified = part.lastModified.wholeSecond
                    if expected != nil { $0.setChecksums([pair]) }
                }
                if sourceBucket.versioning != .off { $0.copySourceVersionId = content.version.versionID }
                $0.serverSideEncryption = encryption.serverSide
                $0.ssekmsKeyId = encryption.kmsKey
                $0.bucketKeyEnabled = encryption.bucketKey
                $0.sseCustomerAlgorithm = encryption.customerAlgorithm
                $0.sseCustomerKeyMD5 = encryption.customerKeyMD5
            }
        }
    }

    /// `bytes=first-last`; both must be given.
    private static func range(_ header: String, _ size: Int64) throws -> Range<Int64> {
        let malformed = AWSError.invalidArgument(
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy",
            "x-amz-copy-source-range", header)
        guard header.hasPrefix("bytes=") else { throw malformed }
        let ends = header.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
        guard ends.count == 2, let first = Int64(ends[0]), let last = Int64(ends[1]), first >= 0, first <= last else {
            throw malformed
        }
        guard first < size else {
            throw AWSError.invalidRequest("The specified copy range is invalid for the source object size")
        }
        guard last < size else {
            throw AWSError.invalidArgument(
                "Range specified is not valid for source object of size: \(size)", "x-amz-copy-source-range", header)
        }
        return first..<last + 1
    }

    public func listParts(
        _ input: S3.ListPartsRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.ListPartsOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let key = try key(input.key)
            let limit = try Self.limit(input.maxParts, "max-parts")
            let marker = input.partNumberMarker ?? 0
            let upload = try await store.upload(input.uploadId, key, in: input.bucket)
            let (parts, isTruncated) = try await store.listParts(
                input.uploadId, key, in: input.bucket, after: marker, limit: limit)
            let algorithm = algorithm(of: upload)
            return S3.ListPartsOutput {
                $0.bucket = input.bucket
                $0.key = input.key
                $0.uploadId = input.uploadId
                $0.partNumberMarker = marker
                $0.nextPartNumberMarker = parts.last?.number ?? 0
                $0.maxParts = limit
                $0.isTruncated = isTruncated
                $0.initiator = Self.initiator(bucket)
                $0.owner = CanonicalUser.owner(bucket.scope.account)
                $0.storageClass = S3.StorageClass(rawValue: upload.attributes.storageClass ?? "STANDARD")
                $0.checksumAlgorithm = algorithm.map { S3.ChecksumAlgorithm(rawValue: $0.rawValue) }
                $0.checksumType = upload.attributes.checksumType.map { S3.ChecksumType(rawValue: $0) }
                if !parts.isEmpty { $0.parts = parts.map { Self.part($0, isChecked: algorithm != nil) } }
            }
        }
    }

    private static func part(_ part: UploadedPart, isChecked: Bool) -> S3.Part {
        S3.Part {
            $0.partNumber = part.number
            $0.eTag = part.etag.quoted
            $0.size = Int(part.size)
            $0.lastModified = part.lastModified.wholeSecond
            if isChecked { $0.setChecksums(part.checksums) }
        }
    }

    static func initiator(_ bucket: Bucket) -> S3.Initiator {
        S3.Initiator {
            $0.id = "arn:aws:iam::\(bucket.scope.account):root"
            $0.displayName = "root"
        }
    }
}
