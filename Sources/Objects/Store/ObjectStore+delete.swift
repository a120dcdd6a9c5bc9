import Core
import Storage

/// What a deletion did.
public struct DeleteResult: Sendable {
    /// A delete marker was made, or one was deleted.
    public var isDeleteMarker: Bool
    /// The version that was deleted, or of the marker that was made; nil without versioning.
    public var versionID: String?
}

/// An object, or a version of one, that is to go.
public struct ObjectDeletion: Sendable {
    public var key: ObjectKey
    public var versionID: String?
    public var conditions: WriteConditions

    public init(key: ObjectKey, versionID: String? = nil, conditions: WriteConditions = WriteConditions()) {
        (self.key, self.versionID, self.conditions) = (key, versionID, conditions)
    }
}

extension ObjectStore {
    /// Deletes an object: the object itself without versioning, otherwise by a delete marker; or one version of it.
    /// Deleting what is not there succeeds, as in S3.
    @discardableResult
    public func delete(
        _ key: ObjectKey, in name: String, versionID: String? = nil, conditions: WriteConditions = WriteConditions(),
        cause: ObjectChange.Cause = .delete, requester: ObjectChange.Requester? = nil
    ) async throws -> DeleteResult {
        let bucket = try find(name)
        let request = DeleteRequest(
            key: key, versionID: versionID, conditions: conditions, cause: cause, requester: requester)
        return try await using(bucket) {
            try await locks.withLock(bucket.id, key) { try await deleteLocked(request, in: bucket) }
        }
    }

    private func deleteLocked(_ request: DeleteRequest, in bucket: OpenBucket) async throws -> DeleteResult {
        for _ in 0..<4 {
            do {
                if let version = request.versionID { return try await deleteVersion(request, version, in: bucket) }
                return bucket.current.versioning == .off
                    ? try await deletePlain(request, in: bucket) : try await deleteByMarker(request, in: bucket)
            } catch is OutsideChange {
                try await examineLocked(request.key, in: bucket)
            }
        }
        throw ObjectStoreError.beingWritten(request.key)
    }

    /// Deletes many objects, some at a time; the results are in the order of the request.
    public func delete(
        _ objects: [ObjectDeletion], in name: String, requester: ObjectChange.Requester? = nil
    ) async throws -> [Result<DeleteResult, any Error>] {
        _ = try find(name)
        return await withTaskGroup(of: (Int, Result<DeleteResult, any Error>).self) { group in
            var results = [Result<DeleteResult, any Error>?](repeating: nil, count: objects.count)
            for (position, object) in objects.enumerated() {
                if position >= 32, let (done, result) = await group.next() { results[done] = result }
                group.addTask {
                    do {
                        let result = try await self.delete(
                            object.key, in: name, versionID: object.versionID, conditions: object.conditions,
                            requester: requester)
                        return (position, .success(result))
                    } catch {
                        return (position, .failure(error))
                    }
                }
            }
            for await (done, result) in group { results[done] = result }
            return results.compactMap { $0 }
        }
    }

    private struct DeleteRequest: Sendable {
        var key: ObjectKey
        var versionID: String?
        var conditions: WriteConditions
        var cause: ObjectChange.Cause
        var requester: ObjectChange.Requester?
    }

    // A file is set aside before the commit and removed after it: a stop in between is mended either way.

    private func deletePlain(_ request: DeleteRequest, in bucket: OpenBucket) async throws -> DeleteResult {
        let rows = bucket.rows
        guard let version = try await database.lookup({ try rows.latest(request.key, $0) }) else {
            if try await isOnDisk(request.key, in: bucket) { throw OutsideChange() }
            try request.conditions.check(nil, key: request.key)
            try await database.write { try self.tellOfNothing(request, rows.bucket, $0) }
            return DeleteResult(isDeleteMarker: false, versionID: nil)
        }
        try request.conditions.check(version, key: request.key)
        try await withSetAside(version, in: bucket) {
            try await database.write { transaction in
                guard bucket.current.versioning == .off else { throw OutsideChange() }
                try rows.delete(version, transaction)
                try Self.overtakeUploads(of: request.key, in: rows.bucket, transaction)
                try self.onChange(
                    self.change(
                        .removed, request.cause, version, in: rows.bucket, request.requester,
                        sequence: self.numbers.next()), transaction)
            }
        }
        return DeleteResult(isDeleteMarker: false, versionID: nil)
    }

    private func deleteByMarker(_ request: DeleteRequest, in bucket: OpenBucket) async throws -> DeleteResult {
        let rows = bucket.rows
        let current = try await database.lookup { try rows.latest(request.key, $0) }
        if current?.plainIdentity == nil, try await isOnDisk(request.key, in: bucket) { throw OutsideChange() }
        try request.conditions.check(current, key: request.key)
        let preserved = try await blocking { [current] in
            try current.flatMap {
                rows.bucket.versioning == .enabled ? try self.preserve($0, in: bucket.directory()) : nil
            }
        }
        let commit: @Sendable () async throws -> CommitOutcome = {
            try await self.database.write { transaction in
                guard bucket.current.versioning == rows.bucket.versioning else { throw OutsideChange() }
                return try self.insertMarker(request, current, preserved, rows, transaction)
            }
        }
        let outcome =
            if let current, !current.isDeleteMarker {
                try await withSetAside(current, in: bucket, commit)
            } else {
                try await commit()
            }
        try await blocking {
            let directory = try bucket.directory()
            try Self.finishArchiving(outcome.archived, in: directory)
            Self.discard(outcome.removed, replacedBy: nil, in: directory)
        }
        return DeleteResult(isDeleteMarker: true, versionID: outcome.version.versionID)
    }

    private func insertMarker(
        _ request: DeleteRequest, _ current: ObjectVersion?, _ preserved: Int64?, _ rows: VersionRows,
        _ transaction: Transaction
    ) throws -> CommitOutcome {
        let sequence = numbers.next()
        let marker = ObjectVersion(
            bucket: rows.bucket.name, key: request.key,
            versionID: rows.bucket.versioning == .enabled ? newVersionID(sequence) : "null", isLatest: true,
            isDeleteMarker: true, size: 0, etag: Self.emptyMD5, lastModified: clock.now,
            attributes: ObjectAttributes(), sequence: sequence, storage: .init())
        var outcome = CommitOutcome(version: marker)
        try supersede(current, preserved, rows, &outcome, transaction)
        try rows.insert(marker, transaction)
        try Self.overtakeUploads(of: request.key, in: rows.bucket, transaction)
        try onChange(
            change(.deleteMarkerCreated, request.cause, marker, in: rows.bucket, request.requester), transaction)
        return outcome
    }

    /// S3 does not look whether there was an object before it says that it is gone.
    private func tellOfNothing(_ request: DeleteRequest, _ bucket: Bucket, _ transaction: Transaction) throws {
        try onChange(
            ObjectChange(
                kind: .removed, cause: request.cause, bucket: bucket.name, scope: bucket.scope, key: request.key,
                size: 0,
                etag: Self.emptyMD5, versionID: nil, sequencer: ObjectVersion.sequencer(numbers.next()),
                time: clock.now,
                requester: request.requester), transaction)
    }

    /// S3 gives delete markers the entity tag of nothing.
    static let emptyMD5 = "d41d8cd98f00b204e9800998ecf8427e"

    private func deleteVersion(
        _ request: DeleteRequest, _ id: String, in bucket: OpenBucket
    ) async throws -> DeleteResult {
        let rows = bucket.rows
        let (found, below) = try await database.read { transaction in
            let version = try rows.version(request.key, id, transaction)
            return (version, try version.flatMap { try rows.newest(request.key, besides: $0.sequence, transaction) })
        }
        guard let version = found else { return DeleteResult(isDeleteMarker: false, versionID: id) }
        try request.conditions.check(version, key: request.key)
        let promoted = version.isLatest ? try await stagePromoted(below, in: bucket) : nil
        let commit: @Sendable () async throws -> Void = {
            try await self.database.write { transaction in
                try rows.delete(version, transaction)
                if let promoted {
                    try rows.setLatest(promoted, true, transaction)
                    try rows.setStorage(promoted, transaction)
                }
                let change = self.change(
                    .removed, request.cause, version, in: rows.bucket, request.requester, sequence: self.numbers.next())
                try self.onChange(change, transaction)
            }
        }
        if version.isLatest, !version.isDeleteMarker {
            try await withSetAside(version, in: bucket, commit)
        } else {
            try await commit()
        }
        try await blocking {
            let directory = try bucket.directory()
            if version.storage.isArchived { try directory.remove(StoredName.version(version.sequence)) }
        }
        if let promoted { _ = try await settle(CommitOutcome(version: promoted), in: bucket) }
        return DeleteResult(isDeleteMarker: version.isDeleteMarker, versionID: id)
    }

    /// The version that becomes the latest, with a copy of its bytes ready to be put in its place.
    private func stagePromoted(_ version: ObjectVersion?, in bucket: OpenBucket) async throws -> ObjectVersion? {
        guard var promoted = version else { return nil }
        promoted.isLatest = true
        guard !promoted.isDeleteMarker else { return promoted }
        let number = numbers.next()
        let isDurable = options.isDurable
        return try await blocking { [promoted] in
            var promoted = promoted
            let directory = try bucket.directory()
            guard promoted.storage.isArchived, let file = try self.content(of: promoted, in: directory) else {
                return promoted
            }
            let staged = try StagedFile(in: bucket, number: number)
            try staged.clone(file, md5: promoted.etag)
            promoted.storage.identity = try staged.finish(isDurable: isDurable).identity
            promoted.storage.staged = number
            promoted.storage.location = promoted.key.preferredLocation
            staged.markUsed()
            return promoted
        }
    }

    /// Moves a version's file out of sight, commits, and removes it; a commit that fails puts it back.
    private func withSetAside<Value: Sendable>(
        _ version: ObjectVersion, in bucket: OpenBucket, _ commit: () async throws -> Value
    ) async throws -> Value {
        let path = version.key.path(version.storage.location)
        let aside = StoredName.setAside(version.sequence)
        let isMoved = try await blocking {
            let directory = try bucket.directory()
            switch try directory.status(path) {
            case .file(version.storage.identity)?:
                try directory.move(path, to: aside)
                return true
            case .file?:
                if version.storage.location == .plain { throw OutsideChange() }
                return false
            default: return false
            }
        }
        do {
            let value = try await commit()
            try await blocking {
                let directory = try bucket.directory()
                try directory.remove(aside)
                if let staged = version.storage.staged { try directory.remove(StoredName.upload(staged)) }
                directory.removeEmptyParents(of: path)
            }
            return value
        } catch {
            if isMoved { try await blocking { try bucket.directory().move(aside, to: path) } }
            throw error
        }
    }
}
