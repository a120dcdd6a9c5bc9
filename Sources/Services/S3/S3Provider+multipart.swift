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

    private func algorithm(of upload: MultipartUpload) -> Wire.ChecksumAlgorithm? {
        upload.attributes.document(Self.algorithmDocument).flatMap(Wire.ChecksumAlgorithm.init(rawValue:))
    }

    // MARK: Parts

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
            try Self.checkKey(input, encryption)
            let checksum = try partChecksum(input, upload)
            let staged = try await store.beginPart(input.uploadId, key, in: input.bucket)
            // Objects of uploads that named no algorithm get S3's own checksum.
            let isOwn = algorithm(of: upload) == nil && checksum.algorithm != .crc64nvme
            let sums = try await receive(
                input.body ?? ByteStream([]), into: staged, [checksum.algorithm] + (isOwn ? [.crc64nvme] : []))
            let part = try await store.putPart(
                input.partNumber, staged: staged, upload: input.uploadId, key: key, checksums: sums)
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

    private static func checkKey(_ input: S3.UploadPartRequest, _ encryption: Encryption) throws {
        let key = CustomerKey(
            algorithm: input.sseCustomerAlgorithm, key: input.sseCustomerKey, md5: input.sseCustomerKeyMD5)
        guard encryption.customerKeyMD5 != nil || !key.isEmpty else { return }
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
            let upload = try await store.upload(input.uploadId, key, in: input.bucket)
            let range = try input.copySourceRange.map { try Self.range($0, content.version.size) }
            let expected = algorithm(of: upload)
            let kind = expected ?? .crc64nvme
            let sum = try await computed(content, range ?? 0..<content.version.size, kind)
            let pair = ObjectAttributes.Pair(kind.rawValue, Base64.encode(sum))
            let part = try await store.copyPart(
                input.partNumber, from: source, range, upload: input.uploadId, key: key, in: input.bucket,
                checksums: [pair])
            meter(.write, bucket)
            let encryption = Encryption(upload.attributes)
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

    private static func initiator(_ bucket: Bucket) -> S3.Initiator {
        S3.Initiator {
            $0.id = "arn:aws:iam::\(bucket.scope.account):root"
            $0.displayName = "root"
        }
    }

    public func listMultipartUploads(
        _ input: S3.ListMultipartUploadsRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.ListMultipartUploadsOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            let encode = try NameEncoding(input.encodingType)
            let limit = try Self.limit(input.maxUploads, "max-uploads")
            if let marker = input.uploadIdMarker, !marker.isEmpty, let keyMarker = input.keyMarker, !keyMarker.isEmpty {
                guard (try? await store.upload(marker, try key(keyMarker), in: input.bucket)) != nil else {
                    throw AWSError.invalidArgument("Invalid uploadId marker", "upload-id-marker", marker)
                }
            }
            var page = UploadPage(
                prefix: input.prefix ?? "", delimiter: input.delimiter ?? "", limit: min(limit, 1000))
            try await page.fill(
                from: store, in: input.bucket, afterKey: input.keyMarker ?? "", afterID: input.uploadIdMarker ?? "")
            meter(.write, bucket)
            return S3.ListMultipartUploadsOutput { [page] in
                $0.bucket = input.bucket
                $0.keyMarker = encode(input.keyMarker ?? "")
                $0.uploadIdMarker = input.keyMarker == nil ? "" : input.uploadIdMarker ?? ""
                $0.maxUploads = limit
                $0.isTruncated = page.isTruncated
                $0.encodingType = encode.type
                $0.nextKeyMarker = encode(page.uploads.last?.key.text ?? "")
                $0.nextUploadIdMarker = page.uploads.last?.id ?? ""
                if let prefix = input.prefix, !prefix.isEmpty { $0.prefix = encode(prefix) }
                if let delimiter = input.delimiter, !delimiter.isEmpty { $0.delimiter = encode(delimiter) }
                if !page.uploads.isEmpty { $0.uploads = page.uploads.map { self.upload($0, bucket, encode) } }
                if !page.prefixes.isEmpty {
                    $0.commonPrefixes = page.prefixes.map { name in S3.CommonPrefix { $0.prefix = encode(name) } }
                }
            }
        }
    }

    private func upload(_ upload: MultipartUpload, _ bucket: Bucket, _ encode: NameEncoding) -> S3.MultipartUpload {
        S3.MultipartUpload {
            $0.uploadId = upload.id
            $0.key = encode(upload.key.text)
            $0.initiated = upload.initiated.wholeSecond
            $0.storageClass = S3.StorageClass(rawValue: upload.attributes.storageClass ?? "STANDARD")
            $0.owner = CanonicalUser.owner(bucket.scope.account)
            $0.initiator = Self.initiator(bucket)
            $0.checksumAlgorithm = algorithm(of: upload).map { S3.ChecksumAlgorithm(rawValue: $0.rawValue) }
            $0.checksumType = upload.attributes.checksumType.map { S3.ChecksumType(rawValue: $0) }
        }
    }

    // MARK: The end

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
            let isOwn = algorithm(of: upload) != nil || Encryption(upload.attributes).algorithm == "AES256"
            let sum = isOwn ? try completion.checksum(input) : nil
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
                version, bucket, "\(context.endpoint)/\(input.bucket)/\(PercentCoding.encode(input.key))")
        }
    }

    /// Who completes only what was there before must not meet what came while he was uploading.
    private func checkConflict(_ key: ObjectKey, _ upload: MultipartUpload, _ conditions: WriteConditions) async throws
    {
        guard let tag = conditions.ifMatch, let current = try await store.entry(key, in: upload.bucket),
            !current.isDeleteMarker, tag.filter({ $0 != "\"" }) == current.etag,
            current.lastModified >= upload.initiated
        else { return }
        throw AWSError(
            "ConditionalRequestConflict",
            "The conditional request cannot succeed due to a conflicting operation against this resource.", status: 409
        ).with("Condition", "If-Match").with("Key", .string(key.text))
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
        _ version: ObjectVersion, _ bucket: Bucket, _ location: String
    ) -> S3.CompleteMultipartUploadOutput {
        let encryption = Encryption(version.attributes)
        return S3.CompleteMultipartUploadOutput {
            $0.bucket = bucket.name
            $0.key = version.key.text
            $0.eTag = version.etag.quoted
            $0.location = location
            if bucket.versioning == .enabled { $0.versionId = version.versionID }
            $0.setChecksums(version.attributes.checksums)
            $0.checksumType = version.attributes.checksumType.map { S3.ChecksumType(rawValue: $0) }
            $0.serverSideEncryption = encryption.serverSide
            $0.ssekmsKeyId = encryption.kmsKey
            $0.bucketKeyEnabled = encryption.bucketKey
        }
    }
}

/// Uploads with those below a delimiter summed up.
private struct UploadPage {
    let prefix: String
    let delimiter: String
    let limit: Int
    var uploads: [MultipartUpload] = []
    var prefixes: [String] = []
    var isTruncated = false

    mutating func fill(from store: ObjectStore, in bucket: String, afterKey: String, afterID: String) async throws {
        guard limit > 0 else { return }
        var (key, id) = (afterKey, afterID)
        while true {
            let batch = try await store.listUploads(
                in: bucket, prefix: prefix, afterKey: key, afterID: id, limit: 1000)
            for upload in batch.uploads {
                guard take(upload, afterKey) else {
                    isTruncated = true
                    return
                }
            }
            guard batch.isTruncated, let last = batch.uploads.last else { return }
            (key, id) = (last.key.text, last.id)
        }
    }

    /// False when the page is full.
    private mutating func take(_ upload: MultipartUpload, _ marker: String) -> Bool {
        let rest = upload.key.text.dropFirst(prefix.count)
        if !delimiter.isEmpty, let end = rest.firstRange(of: delimiter) {
            let common = prefix + rest[..<end.upperBound]
            if prefixes.last == common || marker.hasPrefix(common) { return true }
            guard uploads.count + prefixes.count < limit else { return false }
            prefixes.append(common)
            return true
        }
        guard uploads.count + prefixes.count < limit else { return false }
        uploads.append(upload)
        return true
    }
}
