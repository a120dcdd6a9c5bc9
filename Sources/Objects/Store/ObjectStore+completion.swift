import Core
import Storage

extension ObjectStore {
    /// Makes one object of parts, named in rising order with their entity tags.
    ///
    /// - Parameter attributes: changes the attributes the upload was begun with, such as the checksum of the whole.
    public func completeUpload(
        _ id: String, _ parts: [(number: Int, etag: String)], to request: PutRequest,
        attributes change: (@Sendable (inout ObjectAttributes) -> Void)? = nil
    ) async throws -> ObjectVersion {
        let bucket = try find(request.bucket)
        let (upload, uploaded) = try await database.read { transaction in
            (
                try Self.upload(id, request.key, bucket, transaction),
                try Self.parts(id, after: 0, limit: Self.partNumbers.upperBound, transaction)
            )
        }
        let chosen = try Self.choose(parts, of: uploaded, upload: id)
        var request = request
        request.attributes = upload.attributes
        request.attributes.parts = chosen.map {
            .init(number: $0.number, size: $0.size, checksums: $0.checksums, nonce: $0.nonce)
        }
        change?(&request.attributes)
        request.cause = .multipart
        let sums = chosen.flatMap { Self.bytes(hexadecimal: $0.etag) }
        let etag = "\(hexadecimal(Digest.md5(sums)))-\(chosen.count)"
        request.etag = etag
        let number = numbers.next()
        let assemble: @Sendable () throws -> FinishedFile = { [isDurable = options.isDurable] in
            let directory = try bucket.directory()
            let staged = try StagedFile(in: bucket, number: number)
            for part in chosen {
                guard let file = try directory.open(StoredName.part(id, part.file)), file.size == part.size else {
                    throw ObjectStoreError("InternalError", "The file of part \(part.number) is missing", status: 500)
                }
                try staged.append(file, 0..<file.size)
            }
            staged.setMD5(etag)
            return FinishedFile(staged, try staged.finish(isDurable: isDurable))
        }
        let version = try await put(request, in: bucket, assemble) { try Self.deleteUpload(id, $0) }
        try await blocking { try bucket.directory().removeDirectory(StoredName.parts(id)) }
        return version
    }

    private static func choose(
        _ wanted: [(number: Int, etag: String)], of uploaded: [UploadedPart], upload id: String
    ) throws -> [UploadedPart] {
        guard !wanted.isEmpty else {
            throw ObjectStoreError(
                "MalformedXML",
                "The XML you provided was not well-formed or did not validate against our published schema")
        }
        var byNumber: [Int: UploadedPart] = [:]
        for part in uploaded { byNumber[part.number] = part }
        var chosen: [UploadedPart] = []
        for (number, etag) in wanted {
            if let last = chosen.last, number <= last.number {
                throw ObjectStoreError(
                    "InvalidPartOrder",
                    "The list of parts was not in ascending order. Parts must be ordered by part number.",
                    details: [("UploadId", id)])
            }
            let bare = etag.filter { $0 != "\"" }
            guard let part = byNumber[number], part.etag == bare else {
                throw ObjectStoreError(
                    "InvalidPart",
                    "One or more of the specified parts could not be found.  The part may not have been uploaded, or "
                        + "the specified entity tag may not match the part's entity tag.",
                    details: [("UploadId", id), ("PartNumber", String(number)), ("ETag", bare)])
            }
            chosen.append(part)
        }
        for part in chosen.dropLast() where part.size < minimumPartSize {
            throw ObjectStoreError(
                "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size",
                details: [
                    ("ProposedSize", String(part.size)), ("MinSizeAllowed", String(minimumPartSize)),
                    ("PartNumber", String(part.number)), ("ETag", part.etag),
                ])
        }
        return chosen
    }

    private static func bytes(hexadecimal text: String) -> [UInt8] {
        let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
        return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
    }
}
