import AWSModels
import Core
import Objects
import Wire

extension S3Provider {
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
