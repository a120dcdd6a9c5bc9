import Core
import Glibc
import Storage

/// What a commit has made of a key, and what is left to do with files.
struct CommitOutcome: Sendable {
    var version: ObjectVersion
    /// Versions that are no more.
    var removed: [ObjectVersion] = []
    /// Sequences of copies that are to go to `versions`.
    var archived: [Int64] = []
}

extension ObjectStore {
    /// Inserts a version as the latest of its key, within a transaction.
    func insert(_ new: NewVersion, staged: Int64?, in bucket: OpenBucket, _ transaction: Transaction) throws
        -> CommitOutcome
    {
        let state = bucket.current
        let rows = VersionRows(bucket: state)
        let key = new.request.key
        let current = try rows.latest(key, transaction)
        guard state.versioning == new.plan.versioning else { throw OutsideChange() }
        if let found = new.plan.found, staged != nil, found != current?.plainIdentity { throw OutsideChange() }
        try new.request.conditions.check(current, key: key)
        var version = ObjectVersion(
            bucket: state.name, key: key,
            versionID: state.versioning == .enabled ? newVersionID(new.plan.sequence) : "null",
            isLatest: true, isDeleteMarker: false, size: new.identity.size, etag: new.request.etag ?? new.md5,
            lastModified: new.modified ?? clock.now, attributes: new.request.attributes, sequence: new.plan.sequence,
            storage: .init())
        version.storage = .init(
            location: new.plan.location, isArchived: new.plan.isArchived, staged: staged, identity: new.identity,
            isYoung: new.isYoung)
        var outcome = CommitOutcome(version: version)
        try supersede(current, new.plan.preserved, rows, &outcome, transaction)
        try rows.insert(version, transaction)
        if version.storage.isArchived { outcome.archived.append(version.sequence) }
        try onChange(change(.created, new.request.cause, version, in: state, new.request.requester), transaction)
        return outcome
    }

    /// Makes room for a new latest version: the one before stays as a version, or goes when versioning does not keep it.
    func supersede(
        _ current: ObjectVersion?, _ preserved: Int64?, _ rows: VersionRows, _ outcome: inout CommitOutcome,
        _ transaction: Transaction
    ) throws {
        guard let current else { return }
        if rows.bucket.versioning == .enabled {
            try keep(current, preserved, rows, &outcome, transaction)
            return
        }
        if current.versionID != "null" { try rows.setLatest(current, false, transaction) }
        let null = current.versionID == "null" ? current : try rows.version(current.key, "null", transaction)
        if let null {
            try rows.delete(null, transaction)
            outcome.removed.append(null)
        }
    }

    private func keep(
        _ current: ObjectVersion, _ preserved: Int64?, _ rows: VersionRows, _ outcome: inout CommitOutcome,
        _ transaction: Transaction
    ) throws {
        guard current.isDeleteMarker || current.storage.isArchived || preserved == current.sequence else {
            // Its only file was overwritten or removed by another program: there is nothing left to keep.
            try rows.delete(current, transaction)
            outcome.removed.append(current)
            return
        }
        try rows.setLatest(current, false, transaction)
        guard preserved == current.sequence else { return }
        var kept = current
        kept.storage.isArchived = true
        try rows.setStorage(kept, transaction)
        outcome.archived.append(current.sequence)
    }

    func change(
        _ kind: ObjectChange.Kind, _ cause: ObjectChange.Cause, _ version: ObjectVersion, in bucket: Bucket,
        _ requester: ObjectChange.Requester?, sequence: Int64? = nil
    ) -> ObjectChange {
        ObjectChange(
            kind: kind, cause: cause, bucket: bucket.name, scope: bucket.scope, key: version.key, size: version.size,
            etag: version.etag,
            versionID: bucket.versioning == .off || (version.versionID == "null" && kind == .created)
                ? nil : version.versionID,
            sequencer: ObjectVersion.sequencer(sequence ?? version.sequence), time: clock.now, requester: requester)
    }

    func newVersionID(_ sequence: Int64) -> String { VersionIdentifier.make(sequence, salt: random.nextUInt64()) }

    // MARK: After the commit

    /// Brings the files to where the committed rows say they are.
    func settle(_ outcome: CommitOutcome, in bucket: OpenBucket) async throws -> ObjectVersion {
        try await onBlockingThreads { try await finish(outcome, in: bucket) }
    }

    /// The same, from a thread that may block.
    func finish(_ outcome: CommitOutcome, in bucket: OpenBucket) async throws -> ObjectVersion {
        let directory = try bucket.directory()
        try Self.finishArchiving(outcome.archived, in: directory)
        let storage = outcome.version.storage
        if storage.staged != nil, storage.location == .plain {
            bucket.notePlacement(outcome.version.key, storage.identity)
        }
        let isMoved = try Self.place(outcome.version, in: directory)
        Self.discard(outcome.removed, replacedBy: isMoved ? outcome.version : nil, in: directory)
        return isMoved ? outcome.version : try await escape(outcome.version, in: bucket)
    }

    static func finishArchiving(_ sequences: [Int64], in directory: BucketDirectory) throws(FileError) {
        for sequence in sequences {
            try directory.move(StoredName.archiving(sequence), to: StoredName.version(sequence))
        }
    }

    /// Moves a staged file to its place. Blocks.
    /// - Returns: false when the place has been taken by a directory, or lies below a file, since it was chosen.
    static func place(_ version: ObjectVersion, in directory: BucketDirectory) throws(FileError) -> Bool {
        guard let staged = version.storage.staged else { return true }
        let taken: [Int32] = [EISDIR, ENOTDIR, Glibc.EEXIST, ENOTEMPTY, ELOOP]
        do throws(FileError) {
            try directory.move(StoredName.upload(staged), to: version.key.path(version.storage.location))
            return true
        } catch  where version.storage.location == .plain && taken.contains(error.code) {
            return false
        }
    }

    /// Gives a version whose place is taken its escaped place.
    func escape(_ version: ObjectVersion, in bucket: OpenBucket) async throws -> ObjectVersion {
        var moved = version
        moved.storage.location = .escaped
        try await database.write { [moved] in try bucket.rows.setStorage(moved, $0) }
        _ = try await blocking { [moved] in try Self.place(moved, in: bucket.directory()) }
        return moved
    }

    /// Removes the files of versions that are no more, but for a place that another version has taken.
    static func discard(_ versions: [ObjectVersion], replacedBy new: ObjectVersion?, in directory: BucketDirectory) {
        for version in versions {
            let path = version.key.path(version.storage.location)
            let isReused =
                new.map { $0.storage.location == version.storage.location && $0.storage.staged != nil } ?? false
            if !isReused, version.isLatest, !version.isDeleteMarker,
                (try? directory.status(path)) == .file(version.storage.identity)
            {
                try? directory.remove(path)
                if version.storage.location == .escaped { directory.removeEmptyParents(of: path) }
            }
            if version.storage.isArchived { try? directory.remove(StoredName.version(version.sequence)) }
        }
    }
}

extension ObjectVersion {
    /// The file at the key's own path, when that is this version's.
    var plainIdentity: FileIdentity? {
        !isDeleteMarker && storage.location == .plain ? storage.identity : nil
    }
}
