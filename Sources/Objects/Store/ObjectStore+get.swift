import Core
import Storage

/// An object with its bytes at hand.
public struct ObjectContent: Sendable {
    public let version: ObjectVersion
    /// Holds the bytes for as long as it is held, also when the object is overwritten or deleted meanwhile; hand its
    /// descriptor and a range to `sendfile`.
    public let file: OpenFile
}

extension ObjectStore {
    /// Opens an object, or one version of it.
    ///
    /// - Throws: `NoSuchBucket`, `NoSuchKey`, `NoSuchVersion`, `MethodNotAllowed` for a delete marker, `PreconditionFailed`
    ///   and `NotModified` by the conditions, `SlowDown` while another program is writing the file.
    public func get(
        _ key: ObjectKey, in name: String, versionID: String? = nil, conditions: ReadConditions = ReadConditions()
    ) async throws -> ObjectContent {
        let bucket = try find(name)
        return try await using(bucket) { try await get(key, in: bucket, versionID, conditions) }
    }

    private func get(
        _ key: ObjectKey, in bucket: OpenBucket, _ versionID: String?, _ conditions: ReadConditions
    ) async throws -> ObjectContent {
        for attempt in 0..<4 {
            let found = try await database.lookup { transaction in
                try self.locate(key, versionID, in: bucket, transaction)
            }
            switch found {
            case .content(let content):
                try conditions.check(content.version, now: clock.now)
                return content
            case .missing(let error):
                guard attempt == 0, versionID == nil, try await isOnDisk(key, in: bucket) else { throw error }
            case .changed: break
            }
            // The file was changed by another program: make it known, and look again.
            try await examine(key, in: bucket)
        }
        throw ObjectStoreError.beingWritten(key)
    }

    /// What is known of an object, without its bytes.
    public func head(
        _ key: ObjectKey, in name: String, versionID: String? = nil, conditions: ReadConditions = ReadConditions()
    ) async throws -> ObjectVersion {
        try await get(key, in: name, versionID: versionID, conditions: conditions).version
    }

    /// Reads some of an object's bytes.
    public func read(_ content: ObjectContent, _ range: Range<Int64>) async throws -> [UInt8] {
        try await blocking { try content.file.read(at: range.lowerBound, count: range.count) }
    }

    private enum Found: Sendable {
        case content(ObjectContent)
        case missing(ObjectStoreError)
        /// The file is not what the database knows.
        case changed
    }

    /// Opening a file takes microseconds, less than another change of threads.
    private func locate(
        _ key: ObjectKey, _ versionID: String?, in bucket: OpenBucket, _ transaction: Transaction
    ) throws -> Found {
        let directory = try bucket.directory()
        let rows = bucket.rows
        let row = try versionID.map { try rows.version(key, $0, transaction) } ?? rows.latest(key, transaction)
        guard let version = row else {
            return .missing(versionID.map { .noSuchVersion(key, $0) } ?? .noSuchKey(key))
        }
        guard !version.isDeleteMarker else {
            return .missing(versionID == nil ? .noSuchKey(key) : .methodNotAllowed(key))
        }
        if let file = try content(of: version, in: directory) {
            return .content(ObjectContent(version: version, file: file))
        }
        guard version.isLatest else {
            return .missing(
                ObjectStoreError(
                    "InternalError", "The file of this version was removed by another program", status: 500))
        }
        return .changed
    }

    /// The bytes of a version; nil when its file is not what it was. Blocks.
    func content(of version: ObjectVersion, in directory: BucketDirectory) throws(FileError) -> OpenFile? {
        if version.storage.isArchived {
            if let file = try directory.open(StoredName.version(version.sequence)) { return file }
            if let file = try directory.open(StoredName.archiving(version.sequence)) { return file }
        }
        guard version.isLatest else { return nil }
        if let file = try directory.open(version.key.path(version.storage.location)),
            file.identity == version.storage.identity
        {
            return file
        }
        guard let staged = version.storage.staged else { return nil }
        return try directory.open(StoredName.upload(staged))
    }

    func isOnDisk(_ key: ObjectKey, in bucket: OpenBucket) async throws -> Bool {
        guard key.isPathOnDisk else { return false }
        return try await blocking {
            if case .file? = try bucket.directory().status(key.path(.plain)) { true } else { false }
        }
    }
}

extension ObjectKey {
    /// Whether a file of another program can have the key for its path: like an ordinary path, control characters
    /// allowed.
    var isPathOnDisk: Bool {
        let segments = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard let first = segments.first, !first.elementsEqual(ReservedName.directory.utf8) else { return false }
        return segments.allSatisfy { segment in
            (1...255).contains(segment.count) && !segment.elementsEqual(".".utf8) && !segment.elementsEqual("..".utf8)
                && !segment.contains(0)
        }
    }
}
