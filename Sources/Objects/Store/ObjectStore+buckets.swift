import Core
import Glibc
import Storage

extension ObjectStore {
    /// Makes a bucket.
    ///
    /// - Parameter directory: a directory of the user's to serve as the bucket; made when it is missing. Without it the
    ///   bucket gets one of its own below the store's.
    @discardableResult
    public func createBucket(_ name: String, scope: Scope, directory: String? = nil) async throws -> Bucket {
        guard Bucket.isValidName(name) else {
            throw ObjectStoreError(
                "InvalidBucketName", "The specified bucket is not valid.", details: [("BucketName", name)])
        }
        let bucket = Bucket(
            id: numbers.next(), name: name, scope: scope, directory: directory ?? "\(options.directory)/\(name)",
            created: clock.now, versioning: .off)
        try refuseNesting(bucket)
        let open = OpenBucket(bucket, isOwn: directory == nil)
        // What is left of a bucket of that name must not be removed from under the new one.
        try await directoryLocks.withLock(0, try ObjectKey(name)) { try await create(open) }
        return bucket
    }

    private func create(_ open: OpenBucket) async throws {
        let bucket = open.current
        try await blocking {
            try Directory.create(bucket.directory)
            let directory = try BucketDirectory(path: bucket.directory)
            try directory.prepare()
            open.setDirectory(directory)
        }
        try await database.write { transaction in
            let taken = try transaction.first(
                "SELECT \(BucketRows.columns) FROM objects_buckets WHERE name = $1 OR directory = $2",
                .text(bucket.name), .text(bucket.directory))
            if let taken { throw Self.conflict(try BucketRows.decode(taken), with: bucket) }
            try transaction.execute(
                "INSERT INTO objects_buckets (\(BucketRows.columns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                .integer(bucket.id), .text(bucket.name), .text(bucket.scope.account), .text(bucket.scope.region),
                .text(bucket.directory), .integer(bucket.created.milliseconds), .text(""), .bool(open.isOwn))
            transaction.afterCommit { self.register(open) }
        }
    }

    /// A file may belong to one bucket only.
    private func refuseNesting(_ bucket: Bucket) throws(ObjectStoreError) {
        for other in openBuckets.map(\.current) where other.name != bucket.name {
            let (outer, inner) = (other.directory + "/", bucket.directory + "/")
            guard outer != inner, outer.hasPrefix(inner) || inner.hasPrefix(outer) else { continue }
            throw ObjectStoreError(
                "InvalidRequest",
                "The directory \(bucket.directory) and that of the bucket '\(other.name)', \(other.directory), lie within "
                    + "one another: give each bucket a directory apart", status: 409)
        }
    }

    private static func conflict(_ existing: Bucket, with new: Bucket) -> ObjectStoreError {
        guard existing.name == new.name else {
            return ObjectStoreError(
                "InvalidRequest",
                "The directory \(new.directory) is the bucket '\(existing.name)' already: give each bucket its own",
                status: 409)
        }
        if existing.scope.account == new.scope.account {
            return ObjectStoreError(
                "BucketAlreadyOwnedByYou",
                "Your previous request to create the named bucket succeeded and you already own it.", status: 409,
                details: [("BucketName", new.name)])
        }
        return ObjectStoreError(
            "BucketAlreadyExists",
            "The requested bucket name is not available. The bucket namespace is shared by all users of the system. "
                + "Please select a different name and try again.", status: 409, details: [("BucketName", new.name)])
    }

    public func bucket(_ name: String) throws(ObjectStoreError) -> Bucket { try find(name).current }

    /// The buckets of an account in the order of their names.
    public func listBuckets(account: String) -> [Bucket] {
        openBuckets.map(\.current).filter { $0.scope.account == account }.sorted { $0.name < $1.name }
    }

    /// The buckets of all accounts in the order of their names.
    public var allBuckets: [Bucket] { openBuckets.map(\.current).sorted { $0.name < $1.name } }

    /// Removes an empty bucket. A directory that the host made goes with it, one of the user's stays.
    public func deleteBucket(_ name: String) async throws {
        try await directoryLocks.withLock(0, try ObjectKey(name)) { try await delete(try find(name)) }
    }

    private func delete(_ bucket: OpenBucket) async throws {
        let (id, name) = (bucket.id, bucket.name)
        try await database.write { transaction in
            try BucketRows.require(bucket.current, transaction)
            let hasObject = try transaction.first(
                "SELECT 1 AS found FROM objects_versions WHERE bucket = $1 LIMIT 1", .integer(id))
            guard hasObject == nil else {
                throw ObjectStoreError(
                    "BucketNotEmpty", "The bucket you tried to delete is not empty", status: 409,
                    details: [("BucketName", name)])
            }
            try transaction.execute(
                "DELETE FROM objects_parts WHERE upload IN (SELECT id FROM objects_uploads WHERE bucket = $1)",
                .integer(id))
            for table in ["objects_uploads", "objects_documents", "objects_contents"] {
                try transaction.execute("DELETE FROM \(table) WHERE bucket = $1", .integer(id))
            }
            try transaction.execute("DELETE FROM objects_buckets WHERE id = $1", .integer(id))
            transaction.afterCommit { self.unregister(name) }
        }
        try await blocking { Self.removeTree(of: bucket) }
    }

    private static func removeTree(of bucket: OpenBucket) {
        guard let directory = try? bucket.directory() else { return }
        removeAll(in: ReservedName.directory, of: directory)
        guard bucket.isOwn else { return }
        // Directories that an upload made which came too late. Files that are no objects keep theirs from being removed.
        removeEmpty(in: "", of: directory)
        rmdir(bucket.current.directory)
    }

    private static func removeEmpty(in path: String, of directory: BucketDirectory) {
        let directories = ((try? directory.entries(path)) ?? []).filter { $0.kind == .directory }
        for entry in directories {
            let inner = path.isEmpty ? entry.name : "\(path)/\(entry.name)"
            removeEmpty(in: inner, of: directory)
            directory.removeEmptyParents(of: "\(inner)/")
        }
    }

    /// The host's own directory is four levels deep at most but for long escaped keys, which sixteen bound.
    static func removeAll(in path: String, of directory: BucketDirectory, depth: Int = 0) {
        guard depth < 24, let entries = try? directory.entries(path) else { return }
        for entry in entries where entry.kind == .directory {
            removeAll(in: "\(path)/\(entry.name)", of: directory, depth: depth + 1)
        }
        try? directory.removeDirectory(path)
    }

    // MARK: Configuration

    public func setVersioning(_ versioning: VersioningState, of name: String) async throws {
        let bucket = try find(name)
        try await database.write { transaction in
            try transaction.execute(
                "UPDATE objects_buckets SET versioning = $2 WHERE id = $1", .integer(bucket.id),
                .text(versioning.rawValue))
            transaction.afterCommit { bucket.setVersioning(versioning) }
        }
    }

    /// Keeps a configuration document; nil removes it.
    public func setDocument(_ kind: BucketDocument, _ document: String?, of name: String) async throws {
        let bucket = try find(name)
        try await database.write { transaction in
            try BucketRows.require(bucket.current, transaction)
            transaction.afterCommit { bucket.documentsChanged() }
            guard let document else {
                try transaction.execute(
                    "DELETE FROM objects_documents WHERE bucket = $1 AND kind = $2", .integer(bucket.id),
                    .text(kind.rawValue))
                return
            }
            try transaction.execute(
                """
                INSERT INTO objects_documents (bucket, kind, document) VALUES ($1, $2, $3)
                ON CONFLICT (bucket, kind) DO UPDATE SET document = excluded.document
                """, .integer(bucket.id), .text(kind.rawValue), .text(document))
        }
    }

    public func document(_ kind: BucketDocument, of name: String) async throws -> String? {
        let bucket = try find(name)
        return try await bucket.documents { [database, id = bucket.id] in
            let rows = try await database.read { transaction in
                try transaction.query(
                    "SELECT kind, document FROM objects_documents WHERE bucket = $1", .integer(id))
            }
            return try rows.reduce(into: [:]) { documents, row in
                documents[BucketDocument(rawValue: try row.text(0))] = try row.text(1)
            }
        }[kind]
    }

    /// The document of a bucket within a transaction, as a ``ChangeHook`` needs it.
    public static func document(_ kind: BucketDocument, of bucket: Bucket, _ transaction: Transaction) throws -> String?
    {
        try document(kind, of: bucket.id, transaction)
    }

    static func document(_ kind: BucketDocument, of bucket: Int64, _ transaction: Transaction) throws -> String? {
        try transaction.first(
            "SELECT document FROM objects_documents WHERE bucket = $1 AND kind = $2", .integer(bucket),
            .text(kind.rawValue)
        )?.text(0)
    }
}
