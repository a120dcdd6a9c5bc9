import AWSModels
import Core
import Objects
import Wire

extension S3Provider {
    public func copyObject(
        _ input: S3.CopyObjectRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.CopyObjectOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            var source = try CopyAddress(input.copySource).source
            source.conditions = ReadConditions(
                ifMatch: input.copySourceIfMatch, ifNoneMatch: input.copySourceIfNoneMatch,
                ifModifiedSince: input.copySourceIfModifiedSince, ifUnmodifiedSince: input.copySourceIfUnmodifiedSince)
            let sourceBucket = try self.bucket(source.bucket, owner: input.expectedSourceBucketOwner)
            let content = try await open(source)
            let sourceKey = CustomerKey(
                algorithm: input.copySourceSSECustomerAlgorithm, key: input.copySourceSSECustomerKey,
                md5: input.copySourceSSECustomerKeyMD5)
            let encryption = Encryption(content.version.attributes)
            try sourceKey.open(encryption)
            try await requireKey(of: encryption, in: sourceBucket)
            let sourceCipher = ObjectCipher(sourceKey, content.version.attributes)
            try Self.checkDirectives(input)
            var request = PutRequest(
                bucket: input.bucket, key: try key(input.key),
                conditions: try Self.conditions(input.ifMatch, input.ifNoneMatch), requester: requester(context))
            request.attributes = try await attributes(of: input, content.version, in: bucket)
            try Self.checkSelfCopy(input, source, content.version, await hasDefaultEncryption(bucket))
            request.attributes.checksums = [
                try await checksum(content, input.checksumAlgorithm?.rawValue, sourceCipher)
            ]
            request.attributes.checksumType = "FULL_OBJECT"
            let targetCipher = ObjectCipher(ObjectWrite(input).customerKey, request.attributes)
            let version = try await store.copy(
                content, from: source, to: request, replacesAttributes: true, replacesTags: true,
                transform: ObjectCipher.transform(sourceCipher, targetCipher))
            meter(.write, bucket)
            return Self.output(version, content.version, from: sourceBucket, to: bucket)
        }
    }

    /// Opens the source; conditions and missing versions are worded as for copies.
    func open(_ source: CopySource) async throws -> ObjectContent {
        do {
            let content = try await store.get(source.key, in: source.bucket, versionID: source.versionID)
            try Restoration.check(content.version, at: clock.now, isCopied: true)
            return content
        } catch let error as ObjectStoreError where error.code == "MethodNotAllowed" {
            throw AWSError.invalidRequest(
                "The source of a copy request may not specifically refer to a delete marker by version id.")
        } catch let error as ObjectStoreError where error.code == "NoSuchVersion" {
            throw error
        }
    }

    private static func checkDirectives(_ input: S3.CopyObjectRequest) throws(AWSError) {
        if let directive = input.metadataDirective, directive != .copy, directive != .replace {
            throw .invalidArgument("Unknown metadata directive.", "x-amz-metadata-directive", directive.rawValue)
        }
        if let directive = input.taggingDirective, directive != .copy, directive != .replace {
            throw .invalidArgument("Unknown tagging directive.", "x-amz-tagging-directive", directive.rawValue)
        }
    }

    private func hasDefaultEncryption(_ bucket: Bucket) async throws -> Bool {
        try await store.document(.encryption, of: bucket.name) != nil
    }

    /// An object copied onto itself must change in something.
    private static func checkSelfCopy(
        _ input: S3.CopyObjectRequest, _ source: CopySource, _ version: ObjectVersion, _ hasEncryption: Bool
    ) throws {
        guard source.bucket == input.bucket, source.key.text == input.key, source.versionID == nil,
            input.metadataDirective != .replace
        else { return }
        let changes =
            input.storageClass != nil || input.serverSideEncryption != nil || input.websiteRedirectLocation != nil
            || input.sseCustomerAlgorithm != nil || hasEncryption
            || Encryption(version.attributes).algorithm != "AES256"
        guard !changes else { return }
        throw AWSError.invalidRequest(
            "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes."
        )
    }

    /// The attributes of the copy: the source's, or those of the request, as the directives say.
    private func attributes(
        of input: S3.CopyObjectRequest, _ source: ObjectVersion, in bucket: Bucket
    ) async throws -> ObjectAttributes {
        var attributes = ObjectAttributes()
        var write = ObjectWrite(input)
        if input.metadataDirective == .replace {
            attributes.contentType = input.contentType
            attributes.contentEncoding = input.contentEncoding
            attributes.contentDisposition = input.contentDisposition
            attributes.contentLanguage = input.contentLanguage
            attributes.cacheControl = input.cacheControl
            attributes.expires = input.expires
        } else {
            let kept = source.attributes
            attributes.contentType = kept.contentType
            attributes.contentEncoding = kept.contentEncoding
            attributes.contentDisposition = kept.contentDisposition
            attributes.contentLanguage = kept.contentLanguage
            attributes.cacheControl = kept.cacheControl
            attributes.expires = kept.expires
            attributes.metadata = kept.metadata
            write.metadata = nil
            write.cameInHeader = false
        }
        attributes.websiteRedirectLocation = input.websiteRedirectLocation
        if input.taggingDirective != .replace {
            write.tagging = nil
            attributes.tags = source.attributes.tags
        }
        try await fill(&attributes, from: write, in: bucket)
        return attributes
    }

    /// The checksum of the copy: of the kind that is asked for, or of the source's kind.
    private func checksum(
        _ content: ObjectContent, _ name: String?, _ cipher: ObjectCipher?
    ) async throws -> ObjectAttributes.Pair {
        let attributes = content.version.attributes
        let kept = attributes.checksumType == "FULL_OBJECT" ? attributes.checksums.first : nil
        let wanted =
            try ChecksumAlgorithm.named(name)
            ?? attributes.checksums.first.flatMap { ChecksumAlgorithm(rawValue: $0.name) } ?? .crc64nvme
        if let kept, kept.name == wanted.rawValue { return kept }
        return .init(
            wanted.rawValue, Base64.encode(try await computed(content, 0..<content.version.size, wanted, cipher)))
    }

    /// Reads some of an object.
    func computed(
        _ content: ObjectContent, _ range: Range<Int64>, _ algorithm: Wire.ChecksumAlgorithm, _ cipher: ObjectCipher?
    ) async throws -> [UInt8] {
        var running = RunningChecksum(algorithm)
        var offset = range.lowerBound
        while offset < range.upperBound {
            let end = min(range.upperBound, offset + 1 << 20)
            let bytes = try await store.read(content, offset..<end)
            guard !bytes.isEmpty else { break }
            running.update(cipher?.apply(bytes, at: offset) ?? bytes)
            offset += Int64(bytes.count)
        }
        return running.finish()
    }

    private static func output(
        _ version: ObjectVersion, _ source: ObjectVersion, from sourceBucket: Bucket, to bucket: Bucket
    ) -> S3.CopyObjectOutput {
        let encryption = Encryption(version.attributes)
        return S3.CopyObjectOutput {
            $0.copyObjectResult = S3.CopyObjectResult {
                $0.eTag = version.etag.quoted
                $0.lastModified = version.lastModified.wholeSecond
                $0.setChecksums(version.attributes.checksums)
                $0.checksumType = .fullObject
            }
            if sourceBucket.versioning != .off, source.versionID != "null" { $0.copySourceVersionId = source.versionID }
            if bucket.versioning != .off { $0.versionId = version.versionID }
            $0.serverSideEncryption = encryption.serverSide
            $0.ssekmsKeyId = encryption.kmsKey
            $0.ssekmsEncryptionContext = encryption.kmsContext
            $0.bucketKeyEnabled = encryption.bucketKey
            $0.sseCustomerAlgorithm = encryption.customerAlgorithm
            $0.sseCustomerKeyMD5 = encryption.customerKeyMD5
        }
    }
}

/// The `x-amz-copy-source` header: a bucket and a key, percent-encoded, perhaps with a version.
struct CopyAddress {
    var source: CopySource

    init(_ header: String) throws {
        var text = header[...]
        // A whole address does as well.
        if let scheme = text.firstRange(of: "://") { text = text[scheme.upperBound...].drop { $0 != "/" } }
        var versionID: String?
        if let question = text.range(of: "?versionId=") {
            versionID = String(text[question.upperBound...])
            text = text[..<question.lowerBound]
        }
        guard let decoded = PercentCoding.decode(text, plusIsSpace: true) else { throw Self.malformed }
        let path = decoded.hasPrefix("/") ? decoded.dropFirst() : decoded[...]
        guard let slash = path.firstIndex(of: "/") else { throw Self.malformed }
        let (bucket, key) = (String(path[..<slash]), String(path[path.index(after: slash)...]))
        guard !bucket.isEmpty, !key.isEmpty else { throw Self.malformed }
        try S3Provider.checkVersion(versionID)
        source = CopySource(bucket: bucket, key: try ObjectKey(key), versionID: versionID)
    }

    private static var malformed: AWSError {
        .invalidArgument(
            "Invalid copy source object key", "x-amz-copy-source", "x-amz-copy-source")
    }
}

extension Substring {
    /// The first place of the text.
    fileprivate func range(of text: String) -> Range<String.Index>? { firstRange(of: text) }
}
