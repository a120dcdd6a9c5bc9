import AWSModels
import Core
import Objects
import Wire

extension S3Provider {
    /// Bytes of the largest object that one request may bring.
    static let largestPut: Int64 = 5 << 30

    public func putObject(
        _ input: S3.PutObjectRequest, _ context: RequestContext
    ) async throws(AWSError) -> S3.PutObjectOutput {
        try await answer {
            let bucket = try bucket(input.bucket, owner: input.expectedBucketOwner)
            guard input.writeOffsetBytes == nil else {
                throw AWSError.headerNotImplemented("x-amz-write-offset-bytes")
            }
            let key = try key(input.key)
            var request = PutRequest(
                bucket: input.bucket, key: key, conditions: try Self.conditions(input.ifMatch, input.ifNoneMatch),
                requester: requester(context))
            request.attributes = Self.attributes(input)
            let written = ObjectWrite(input)
            try await fill(&request.attributes, from: written, in: bucket)
            let checksum = try UploadChecksum(input, named: input.checksumAlgorithm?.rawValue)
            let cipher = ObjectCipher(written.customerKey, request.attributes)
            let version = try await write(request, input.body ?? ByteStream([]), checksum, cipher)
            meter(.write, bucket)
            var output = output(version, in: bucket)
            output.expiration = try await expiration(of: version)
            return output
        }
    }

    static func attributes(_ input: S3.PutObjectRequest) -> ObjectAttributes {
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

    /// - Throws: `NotImplemented` for conditions that S3 does not weigh on writes.
    static func conditions(_ ifMatch: String?, _ ifNoneMatch: String?) throws(AWSError) -> WriteConditions {
        if ifMatch != nil, ifNoneMatch != nil {
            throw AWSError.headerNotImplemented("If-Match,If-None-Match").with(
                "additionalMessage", "Multiple conditional request headers present in the request")
        }
        if let ifNoneMatch, ifNoneMatch != "*" {
            throw AWSError.headerNotImplemented("If-None-Match").with(
                "additionalMessage", "We don't accept the provided value of If-None-Match header for this API")
        }
        if ifMatch == "*" {
            throw AWSError.headerNotImplemented("If-Match").with(
                "additionalMessage", "We don't accept the provided value of If-Match header for this API")
        }
        return WriteConditions(ifMatch: ifMatch, ifNoneMatch: ifNoneMatch)
    }

    /// Takes the body as it comes: small ones in one go, large ones in constant memory.
    private func write(
        _ request: PutRequest, _ body: ByteStream, _ checksum: UploadChecksum, _ cipher: ObjectCipher?
    ) async throws -> ObjectVersion {
        var request = request
        request.attributes.checksumType = "FULL_OBJECT"
        if case .bytes(let bytes) = body.source {
            request.attributes.checksums = [checksum.pair(RunningChecksum.of(bytes, checksum.algorithm))]
            return try await store.put(request, cipher?.apply(bytes, at: 0) ?? bytes)
        }
        let staged = try await store.beginUpload(to: request.bucket)
        request.attributes.checksums = try await receive(body, into: staged, [checksum.algorithm], cipher)
        return try await store.put(request, staged: staged)
    }

    /// Writes a body to a file on its way, and says what its checksums are: one or two kinds of them.
    ///
    /// - Parameter cipher: encrypts what is written.
    func receive(
        _ body: ByteStream, into staged: StagedFile, _ algorithms: [Wire.ChecksumAlgorithm], _ cipher: ObjectCipher?
    ) async throws -> [ObjectAttributes.Pair] {
        let chunks = body.chunks()
        let (algorithm, other) = (algorithms[0], algorithms.count > 1 ? algorithms[1] : nil)
        var running = RunningChecksum(algorithm)
        var second = RunningChecksum(other ?? algorithm)
        var buffer: [UInt8] = []
        // Few large writes are cheaper than many small ones.
        while let chunk = try await chunks.next() {
            running.update(chunk)
            if other != nil { second.update(chunk) }
            let size = staged.size + Int64(buffer.count + chunk.count)
            guard size <= Self.largestPut else { throw Self.tooLarge(size) }
            if buffer.isEmpty { buffer = chunk } else { buffer += chunk }
            guard buffer.count >= 1 << 18 else { continue }
            try await store.append(cipher?.apply(buffer, at: staged.size) ?? buffer, to: staged)
            buffer = []
        }
        if !buffer.isEmpty { try await store.append(cipher?.apply(buffer, at: staged.size) ?? buffer, to: staged) }
        var sums = [ObjectAttributes.Pair(algorithm.rawValue, Base64.encode(running.finish()))]
        let bytes = second.finish()
        if let other { sums.append(.init(other.rawValue, Base64.encode(bytes))) }
        return sums
    }

    private static func tooLarge(_ size: Int64) -> AWSError {
        AWSError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", status: 400)
            .with("ProposedSize", .string(String(size))).with("MaxSizeAllowed", .string(String(largestPut)))
    }

    func output(_ version: ObjectVersion, in bucket: Bucket) -> S3.PutObjectOutput {
        let encryption = Encryption(version.attributes)
        return S3.PutObjectOutput {
            $0.eTag = version.etag.quoted
            if bucket.versioning == .enabled { $0.versionId = version.versionID }
            $0.setChecksums(version.attributes.checksums)
            $0.checksumType = version.attributes.checksumType.map { S3.ChecksumType(rawValue: $0) }
            $0.serverSideEncryption = encryption.serverSide
            $0.ssekmsKeyId = encryption.kmsKey
            $0.ssekmsEncryptionContext = encryption.kmsContext
            $0.bucketKeyEnabled = encryption.bucketKey
            $0.sseCustomerAlgorithm = encryption.customerAlgorithm
            $0.sseCustomerKeyMD5 = encryption.customerKeyMD5
        }
    }
}

extension UploadChecksum {
    func pair(_ bytes: [UInt8]) -> ObjectAttributes.Pair { .init(algorithm.rawValue, Base64.encode(bytes)) }
}
