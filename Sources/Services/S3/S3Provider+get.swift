import AWSModels
import Core
import Objects
import Wire

extension S3Provider {
    /// Bytes of an object that are read into memory; larger ones are sent from the file by the kernel.
    private static let inlineSize: Int64 = 32 << 10

    public func getObject(
        _ input: S3.GetObjectRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.GetObjectOutput {
        try await answer {
            let read = ObjectRead(input)
            let found = try await open(read, input.expectedBucketOwner)
            meter(.read, found.bucket)
            let range = found.range ?? 0..<found.content.version.size
            var output = S3.GetObjectOutput(record: Record(S3.GetObjectOutput.schema))
            describe(found, read, &output.record)
            if read.versionID == nil { output.expiration = try await expiration(of: found.content.version) }
            output.body = try await body(
                found.content, range, ObjectCipher(read.customerKey, found.content.version.attributes))
            try override(&output.record, input)
            return output
        }
    }

    public func headObject(
        _ input: S3.HeadObjectRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.HeadObjectOutput {
        try await answer {
            let read = ObjectRead(input)
            let found = try await open(read, input.expectedBucketOwner)
            meter(.read, found.bucket)
            var output = S3.HeadObjectOutput(record: Record(S3.HeadObjectOutput.schema))
            describe(found, read, &output.record)
            if read.versionID == nil { output.expiration = try await expiration(of: found.content.version) }
            try override(&output.record, S3.GetObjectRequest { $0.take(overridesOf: input) })
            return output
        }
    }

    // MARK: Finding

    struct Found {
        var bucket: Bucket
        var content: ObjectContent
        /// The bytes that are asked for; nil for all.
        var range: Range<Int64>?
        /// The number of parts, when a part was asked for.
        var partsCount: Int?
    }

    private func open(_ read: ObjectRead, _ owner: String?) async throws -> Found {
        let bucket = try bucket(read.bucket, owner: owner)
        try Self.checkVersion(read.versionID, in: bucket)
        guard read.range == nil || read.partNumber == nil else {
            throw AWSError.invalidRequest("Cannot specify both Range header and partNumber query parameter")
        }
        let content: ObjectContent
        do {
            content = try await store.get(
                try key(read.key), in: read.bucket, versionID: read.versionID, conditions: read.conditions)
        } catch let error as ObjectStoreError {
            throw try await explain(error, read)
        }
        let encryption = Encryption(content.version.attributes)
        try read.customerKey.open(encryption)
        // What is said of an object is not encrypted, but for its checksum.
        if !read.isHead || read.wantsChecksum { try await requireKey(of: encryption, in: bucket) }
        if !read.isHead { try Restoration.check(content.version, at: clock.now) }
        var found = Found(bucket: bucket, content: content)
        if let number = read.partNumber { try Self.choose(number, &found) }
        if let range = read.range { found.range = try ByteRange.resolve(range, size: content.version.size) }
        return found
    }

    /// Delete markers are named in the header of the answer.
    private func explain(_ error: ObjectStoreError, _ read: ObjectRead) async throws -> AWSError {
        let result = AWSError(objects: error)
        guard error.code == "MethodNotAllowed" || error.code == "NoSuchKey" else { return result }
        if error.code == "MethodNotAllowed" {
            var named = result.withHeader("x-amz-delete-marker", "true").withHeader("Allow", "DELETE")
            if let id = read.versionID { named = named.withHeader("x-amz-version-id", id) }
            return named
        }
        guard let newest = try await store.entry(try key(read.key), in: read.bucket), newest.isDeleteMarker else {
            return result
        }
        return result.withHeader("x-amz-delete-marker", "true").withHeader("x-amz-version-id", newest.versionID)
    }

    /// Identifiers have a form of their own, by which wrong ones are known at once.
    static func checkVersion(_ id: String?, in bucket: Bucket? = nil) throws(AWSError) {
        guard let id else { return }
        guard !id.isEmpty else {
            throw .invalidArgument("Version id cannot be the empty string", "versionId", "")
        }
        guard id == "null" || VersionIdentifier.isValid(id) && bucket?.versioning != .off else {
            throw .invalidArgument("Invalid version id specified", "versionId", id)
        }
    }

    private static func choose(_ number: Int, _ found: inout Found) throws(AWSError) {
        let attributes = found.content.version.attributes
        guard !attributes.parts.isEmpty else {
            guard number == 1 else { throw unsatisfiable(number, 1) }
            found.range = found.content.version.size == 0 ? nil : 0..<found.content.version.size
            return
        }
        guard attributes.parts.indices.contains(number - 1),
            let range = attributes.range(ofPart: attributes.parts[number - 1].number)
        else { throw unsatisfiable(number, attributes.parts.count) }
        found.range = range
        found.partsCount = attributes.parts.count
    }

    private static func unsatisfiable(_ number: Int, _ count: Int) -> AWSError {
        AWSError("InvalidPartNumber", "The requested partnumber is not satisfiable", status: 416)
            .with("ActualPartCount", .string(String(count))).with("PartNumberRequested", .string(String(number)))
    }

    private func body(
        _ content: ObjectContent, _ range: Range<Int64>, _ cipher: ObjectCipher?
    ) async throws -> ByteStream {
        if let cipher {
            let bytes = DecryptedBytes(content, range, cipher, in: store)
            return ByteStream(.chunks(length: Int64(range.count), bytes))
        }
        guard Int64(range.count) > Self.inlineSize else {
            return ByteStream(try content.file.read(at: range.lowerBound, count: range.count))
        }
        return ByteStream(
            .file(
                FileRange(
                    descriptor: content.file.descriptor, owner: content.file, offset: range.lowerBound,
                    length: Int64(range.count))))
    }

    // MARK: Describing

    /// Both outputs name their members alike.
    private func describe(_ found: Found, _ read: ObjectRead, _ record: inout Record) {
        let version = found.content.version
        let attributes = version.attributes
        record[member: "AcceptRanges"] = .string("bytes")
        record[member: "LastModified"] = .timestamp(version.lastModified.wholeSecond)
        record[member: "ETag"] = .string(version.etag.quoted)
        let range = found.range ?? 0..<version.size
        record[member: "ContentLength"] = .integer(Int64(range.count))
        if found.range != nil {
            let text = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(version.size)"
            record[member: "ContentRange"] = .string(text)
        }
        set("ContentType", attributes.contentType ?? "binary/octet-stream", &record)
        set("ContentEncoding", attributes.contentEncoding, &record)
        set("ContentDisposition", attributes.contentDisposition, &record)
        set("ContentLanguage", attributes.contentLanguage, &record)
        set("CacheControl", attributes.cacheControl, &record)
        set("Expires", attributes.expires, &record)
        set("WebsiteRedirectLocation", attributes.websiteRedirectLocation, &record)
        set("StorageClass", attributes.storageClass, &record)
        set("VersionId", versionID(version, in: found.bucket), &record)
        set("Restore", Restoration(version, at: clock.now)?.document, &record)
        if !attributes.metadata.isEmpty {
            record[member: "Metadata"] = .map(
                attributes.metadata.map {
                    MapEntry(key: $0.name, value: .string(EncodedWord.encode($0.value)))
                })
        }
        if !attributes.tags.isEmpty { record[member: "TagCount"] = .integer(Int64(attributes.tags.count)) }
        if let count = found.partsCount { record[member: "PartsCount"] = .integer(Int64(count)) }
        describeEncryption(Encryption(attributes), &record)
        describeChecksum(found, read, &record)
        describeLock(attributes, &record)
    }

    private func set(_ name: String, _ value: String?, _ record: inout Record) {
        if let value { record[member: name] = .string(HeaderText.sendable(value)) }
    }

    private func describeEncryption(_ encryption: Encryption, _ record: inout Record) {
        set("ServerSideEncryption", encryption.algorithm, &record)
        set("SSEKMSKeyId", encryption.kmsKey, &record)
        set("SSECustomerAlgorithm", encryption.customerAlgorithm, &record)
        set("SSECustomerKeyMD5", encryption.customerKeyMD5, &record)
        if let flag = encryption.bucketKey { record[member: "BucketKeyEnabled"] = .bool(flag) }
    }

    /// The checksum of the whole is of no use to who reads a part.
    private func describeChecksum(_ found: Found, _ read: ObjectRead, _ record: inout Record) {
        guard read.wantsChecksum else { return }
        let attributes = found.content.version.attributes
        if let number = read.partNumber, attributes.parts.indices.contains(number - 1) {
            let sums = attributes.parts[number - 1].checksums
            for pair in sums { record[member: "Checksum\(pair.name)"] = .string(pair.value) }
            if !sums.isEmpty { set("ChecksumType", attributes.checksumType, &record) }
            return
        }
        guard found.range == nil || found.range == 0..<found.content.version.size else { return }
        for pair in attributes.checksums { record[member: "Checksum\(pair.name)"] = .string(pair.value) }
        if !attributes.checksums.isEmpty { set("ChecksumType", attributes.checksumType, &record) }
    }

    private func describeLock(_ attributes: ObjectAttributes, _ record: inout Record) {
        if let retention = Retention(attributes) {
            record[member: "ObjectLockMode"] = .string(retention.mode)
            record[member: "ObjectLockRetainUntilDate"] = .timestamp(retention.until)
        }
        set("ObjectLockLegalHoldStatus", attributes.document(LegalHold.document), &record)
    }

    /// Header fields that the caller wants otherwise than they are kept.
    private func override(_ record: inout Record, _ input: S3.GetObjectRequest) throws {
        let overrides = [
            ("CacheControl", "response-cache-control", input.responseCacheControl),
            ("ContentDisposition", "response-content-disposition", input.responseContentDisposition),
            ("ContentEncoding", "response-content-encoding", input.responseContentEncoding),
            ("ContentLanguage", "response-content-language", input.responseContentLanguage),
            ("ContentType", "response-content-type", input.responseContentType),
        ]
        for (member, parameter, value) in overrides {
            if let value, !HeaderText.isSendable(value) {
                throw AWSError.invalidArgument(
                    "Header value cannot be represented using ISO-8859-1.", parameter, value)
            }
            set(member, value, &record)
        }
        set("Expires", input.responseExpires.map { CivilTime($0).httpDate }, &record)
    }
}

/// What GET and HEAD have in common.
struct ObjectRead {
    var bucket: String
    var key: String
    var versionID: String?
    var range: String?
    var partNumber: Int?
    var conditions: ReadConditions
    var customerKey: CustomerKey
    var wantsChecksum: Bool
    var isHead: Bool

    init(_ input: S3.GetObjectRequest) {
        (bucket, key, versionID) = (input.bucket, input.key, input.versionId)
        (range, partNumber) = (input.range, input.partNumber)
        conditions = ReadConditions(
            ifMatch: input.ifMatch, ifNoneMatch: input.ifNoneMatch, ifModifiedSince: input.ifModifiedSince,
            ifUnmodifiedSince: input.ifUnmodifiedSince)
        customerKey = CustomerKey(
            algorithm: input.sseCustomerAlgorithm, key: input.sseCustomerKey, md5: input.sseCustomerKeyMD5)
        wantsChecksum = input.checksumMode?.rawValue.uppercased() == "ENABLED"
        isHead = false
    }

    init(_ input: S3.HeadObjectRequest) {
        (bucket, key, versionID) = (input.bucket, input.key, input.versionId)
        (range, partNumber) = (input.range, input.partNumber)
        conditions = ReadConditions(
            ifMatch: input.ifMatch, ifNoneMatch: input.ifNoneMatch, ifModifiedSince: input.ifModifiedSince,
            ifUnmodifiedSince: input.ifUnmodifiedSince)
        customerKey = CustomerKey(
            algorithm: input.sseCustomerAlgorithm, key: input.sseCustomerKey, md5: input.sseCustomerKeyMD5)
        wantsChecksum = input.checksumMode?.rawValue.uppercased() == "ENABLED"
        isHead = true
    }
}

extension S3.GetObjectRequest {
    fileprivate mutating func take(overridesOf input: S3.HeadObjectRequest) {
        responseCacheControl = input.responseCacheControl
        responseContentDisposition = input.responseContentDisposition
        responseContentEncoding = input.responseContentEncoding
        responseContentLanguage = input.responseContentLanguage
        responseContentType = input.responseContentType
        responseExpires = input.responseExpires
    }
}
