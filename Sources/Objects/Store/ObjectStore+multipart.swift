import Core
import Storage

extension ObjectStore {
    public static let partNumbers = 1...10_000
    /// Every part but the last has at least so many bytes.
    public static let minimumPartSize: Int64 = 5 << 20

    public func createUpload(
        _ key: ObjectKey, in name: String, attributes: ObjectAttributes = ObjectAttributes()
    ) async throws -> MultipartUpload {
        let bucket = try find(name)
        let upload = MultipartUpload(
            id: newUploadID(), bucket: name, key: key, initiated: clock.now, attributes: attributes, isOvertaken: false,
            number: numbers.next())
        try await using(bucket) {
            try await blocking { try bucket.directory().makeDirectory(StoredName.parts(upload.id)) }
            try await database.write { try Self.insert(upload, in: bucket.current, $0) }
        }
        return upload
    }

    private static func insert(_ upload: MultipartUpload, in bucket: Bucket, _ transaction: Transaction) throws {
        try BucketRows.require(bucket, transaction)
        try transaction.execute(
            """
            INSERT INTO objects_uploads (id, bucket, key, initiated, attributes, number)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            .text(upload.id), .integer(bucket.id), .blob(upload.key.bytes), .integer(upload.initiated.milliseconds),
            .text(upload.attributes.json.text()), .integer(upload.number))
    }

    private func newUploadID() -> String {
        let bytes = (0..<6).flatMap { _ in withUnsafeBytes(of: random.nextUInt64()) { Array($0) } }
        return String(Base64.encode(bytes).map { $0 == "+" ? "." : $0 == "/" ? "_" : $0 })
    }

    /// Notes that an object was deleted while it was being uploaded.
    static func overtakeUploads(of key: ObjectKey, in bucket: Bucket, _ transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE objects_uploads SET overtaken = 1 WHERE bucket = $1 AND key = $2", .integer(bucket.id),
            .blob(key.bytes))
    }

    private static let uploadColumns = "id, key, initiated, attributes, number, overtaken"

    /// - Throws: `NoSuchUpload`, also when the upload is of another key.
    public func upload(_ id: String, _ key: ObjectKey, in name: String) async throws -> MultipartUpload {
        let bucket = try find(name)
        return try await database.lookup { try Self.upload(id, key, bucket, $0) }
    }

    static func upload(
        _ id: String, _ key: ObjectKey, _ bucket: OpenBucket, _ transaction: Transaction
    ) throws -> MultipartUpload {
        let row = try transaction.first(
            "SELECT \(uploadColumns) FROM objects_uploads WHERE id = $1 AND bucket = $2 AND key = $3", .text(id),
            .integer(bucket.id), .blob(key.bytes))
        guard let row else { throw ObjectStoreError.noSuchUpload(id) }
        return try decode(row, in: bucket.name)
    }

    private static func decode(_ row: Row, in bucket: String) throws -> MultipartUpload {
        guard let key = ObjectKey(bytes: try row.blob("key")) else {
            throw StorageError(.corrupt, "a row of objects_uploads has no valid key")
        }
        return MultipartUpload(
            id: try row.text("id"), bucket: bucket, key: key,
            initiated: Timestamp(milliseconds: try row.int64("initiated")),
            attributes: ObjectAttributes(json: try JSON(parsing: try row.text("attributes"))),
            isOvertaken: try row.bool("overtaken"), number: try row.int64("number"))
    }

    // MARK: Parts

    /// Begins a part; ``append(_:to:)`` adds to it, ``putPart(_:staged:upload:key:checksums:nonce:expectedMD5:)`` ends
    /// it.
    public func beginPart(_ upload: String, _ key: ObjectKey, in name: String) async throws -> StagedFile {
        _ = try await self.upload(upload, key, in: name)
        return try await beginUpload(to: name)
    }

    /// Makes an upload a part, in place of an earlier one of the number.
    public func putPart(
        _ number: Int, staged: StagedFile, upload id: String, key: ObjectKey,
        checksums: [ObjectAttributes.Pair] = [], nonce: String? = nil, expectedMD5: String? = nil
    ) async throws -> UploadedPart {
        guard Self.partNumbers.contains(number) else {
            throw ObjectStoreError.invalidArgument(
                "Part number must be an integer between 1 and 10000, inclusive", "partNumber", String(number))
        }
        let bucket = staged.bucket
        let isDurable = options.isDurable
        let finished = try await using(bucket) {
            try await blocking {
                let finished = try staged.finish(isDurable: isDurable)
                if let expectedMD5, expectedMD5 != finished.md5 {
                    throw ObjectStoreError("BadDigest", "The Content-MD5 you specified did not match what we received.")
                }
                staged.markUsed()
                let directory = try bucket.directory()
                try directory.move(StoredName.upload(staged.number), to: StoredName.part(id, staged.number))
                if isDurable { try directory.synchronize(StoredName.parts(id)) }
                return finished
            }
        }
        let part = UploadedPart(
            number: number, size: finished.identity.size, etag: finished.md5, lastModified: clock.now,
            checksums: checksums, nonce: nonce, file: staged.number)
        let replaced = try await insert(part, id, key, bucket)
        if let replaced { try await blocking { try bucket.directory().remove(StoredName.part(id, replaced)) } }
        return part
    }

    /// - Returns: the file of the part that was replaced.
    private func insert(
        _ part: UploadedPart, _ id: String, _ key: ObjectKey, _ bucket: OpenBucket
    ) async throws -> Int64? {
        return try await database.write { transaction in
            _ = try Self.upload(id, key, bucket, transaction)
            let old = try transaction.first(
                "SELECT file FROM objects_parts WHERE upload = $1 AND number = $2", .text(id), .int(part.number)
            )?.int64(0)
            try transaction.execute(
                """
                INSERT INTO objects_parts (upload, number, size, etag, modified, file, checksums)
                VALUES ($1, $2, $3, $4, $5, $6, $7)
                ON CONFLICT (upload, number) DO UPDATE SET size = excluded.size, etag = excluded.etag,
                    modified = excluded.modified, file = excluded.file, checksums = excluded.checksums
                """, .text(id), .int(part.number), .integer(part.size), .text(part.etag),
                .integer(part.lastModified.milliseconds), .integer(part.file), .text(part.text))
            return old
        }
    }

    /// Makes a part of the bytes of an object.
    ///
    /// - Parameters:
    ///   - content: the source, opened.
    ///   - nonce: with what `transform` encrypts the bytes besides the key.
    public func copyPart(
        _ number: Int, of content: ObjectContent, from source: CopySource, _ range: Range<Int64>?, upload id: String,
        key: ObjectKey, in name: String, checksums: [ObjectAttributes.Pair] = [], nonce: String? = nil,
        transform: ByteTransform? = nil
    ) async throws -> UploadedPart {
        try source.conditions.checkCopySource(content.version, now: clock.now)
        let range = range ?? 0..<content.file.size
        guard range.upperBound <= content.file.size else {
            throw ObjectStoreError(
                "InvalidArgument",
                "Range specified is not valid for source object of size: \(content.file.size)",
                details: [("ArgumentName", "x-amz-copy-source-range")])
        }
        let staged = try await beginPart(id, key, in: name)
        try await blocking {
            guard let transform else { return try staged.append(content.file, range) }
            try staged.append(content.file, range, transform)
        }
        return try await putPart(number, staged: staged, upload: id, key: key, checksums: checksums, nonce: nonce)
    }

    public func listParts(
        _ id: String, _ key: ObjectKey, in name: String, after number: Int = 0, limit: Int = 1000
    ) async throws -> (parts: [UploadedPart], isTruncated: Bool) {
        let bucket = try find(name)
        let limit = min(max(limit, 0), 1000)
        return try await database.read { transaction in
            _ = try Self.upload(id, key, bucket, transaction)
            let parts = try Self.parts(id, after: number, limit: limit + 1, transaction)
            return (Array(parts.prefix(limit)), parts.count > limit)
        }
    }

    static func parts(_ id: String, after number: Int, limit: Int, _ transaction: Transaction) throws
        -> [UploadedPart]
    {
        try transaction.query(
            """
            SELECT number, size, etag, modified, file, checksums FROM objects_parts
            WHERE upload = $1 AND number > $2 ORDER BY number LIMIT $3
            """, .text(id), .int(number), .int(limit)
        ).map { try UploadedPart($0) }
    }

    /// Uploads that have not ended, in the order of their keys and then of their beginnings.
    ///
    /// - Parameter afterID: with `afterKey`, the upload of that key after which to begin.
    public func listUploads(
        in name: String, prefix: String = "", afterKey: String = "", afterID: String = "", limit: Int = 1000
    ) async throws -> (uploads: [MultipartUpload], isTruncated: Bool) {
        let bucket = try find(name)
        let limit = min(max(limit, 0), 1000)
        return try await database.read { transaction in
            let rows = try transaction.query(
                """
                SELECT \(Self.uploadColumns) FROM objects_uploads
                WHERE bucket = $1 AND key >= $2 AND (key > $3 OR
                    (key = $3 AND number > (SELECT number FROM objects_uploads WHERE id = $4)))
                ORDER BY key, number LIMIT $5
                """, .integer(bucket.id), .blob(Array(prefix.utf8)), .blob(Array(afterKey.utf8)), .text(afterID),
                .int(limit + 1))
            let uploads = try rows.map { try Self.decode($0, in: name) }.prefix {
                $0.key.text.utf8.starts(with: prefix.utf8)
            }
            return (Array(uploads.prefix(limit)), uploads.count > limit)
        }
    }

    // MARK: The end of an upload

    public func abortUpload(_ id: String, _ key: ObjectKey, in name: String) async throws {
        let bucket = try find(name)
        try await database.write { transaction in
            _ = try Self.upload(id, key, bucket, transaction)
            try Self.deleteUpload(id, transaction)
        }
        try await blocking { try bucket.directory().removeDirectory(StoredName.parts(id)) }
    }

    static func deleteUpload(_ id: String, _ transaction: Transaction) throws {
        try transaction.execute("DELETE FROM objects_parts WHERE upload = $1", .text(id))
        try transaction.execute("DELETE FROM objects_uploads WHERE id = $1", .text(id))
    }
}
