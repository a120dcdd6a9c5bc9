import Core
import Storage

extension ObjectStore {
    /// Opens a bucket's directory.
    ///
    /// - Throws: `FileError` when it is missing, or stands there without the host's own directory although objects are
    ///   known: an empty mount point must not look like a bucket that was emptied.
    func prepare(_ bucket: OpenBucket) async throws {
        let info = bucket.current
        let hasObjects = try await database.read { transaction in
            try transaction.first(
                "SELECT 1 AS found FROM objects_versions WHERE bucket = $1 LIMIT 1", .integer(info.id)) != nil
        }
        try await pool.run {
            let directory = try BucketDirectory(path: info.directory)
            guard directory.isPrepared || !hasObjects else {
                throw FileError(
                    path: info.directory,
                    reason: "has no '\(ReservedName.directory)' in it, though the bucket has objects. Is a volume not "
                        + "mounted? If its content is really gone, make that directory")
            }
            try directory.prepare()
            bucket.setDirectory(directory)
        }
    }

    /// Finishes or takes back what a stop of the host left in the middle.
    func recover(_ bucket: OpenBucket) async throws {
        let leftovers = try await pool.run { try bucket.directory().entries(ReservedName.uploads).map(\.name) }
        for name in leftovers {
            guard let leftover = StoredName.leftover(name) else { continue }
            switch leftover {
            case .upload(let number): try await finishPlacing(number, in: bucket)
            case .archiving(let sequence):
                let row = try await database.read { try bucket.rows.withSequence(sequence, $0) }
                try await pool.run {
                    let directory = try bucket.directory()
                    if row?.storage.isArchived == true {
                        try Self.finishArchiving([sequence], in: directory)
                    } else {
                        try directory.remove(StoredName.archiving(sequence))
                    }
                }
            case .setAside(let sequence): try await takeBackDeletion(sequence, in: bucket)
            }
        }
        try await removeOrphanedParts(in: bucket)
    }

    private func finishPlacing(_ number: Int64, in bucket: OpenBucket) async throws {
        guard let version = try await database.read({ try bucket.rows.staged(number, $0) }), version.isLatest else {
            try await pool.run { try bucket.directory().remove(StoredName.upload(number)) }
            return
        }
        let isPlaced = try await pool.run {
            let directory = try bucket.directory()
            // A file that was dropped there later is the newer content.
            if case .file(let other)? = try directory.status(version.key.path(version.storage.location)),
                other.modified > version.storage.identity.modified
            {
                try directory.remove(StoredName.upload(number))
                return true
            }
            return try Self.place(version, in: directory)
        }
        if !isPlaced { _ = try await escape(version, in: bucket) }
    }

    private func takeBackDeletion(_ sequence: Int64, in bucket: OpenBucket) async throws {
        let row = try await database.read { try bucket.rows.withSequence(sequence, $0) }
        try await pool.run {
            let directory = try bucket.directory()
            let aside = StoredName.setAside(sequence)
            if let row, row.isLatest, !row.isDeleteMarker,
                try directory.status(row.key.path(row.storage.location)) == nil
            {
                try directory.move(aside, to: row.key.path(row.storage.location))
            } else {
                try directory.remove(aside)
            }
        }
    }

    private func removeOrphanedParts(in bucket: OpenBucket) async throws {
        let names = try await pool.run { try bucket.directory().entries(ReservedName.parts).map(\.name) }
        guard !names.isEmpty else { return }
        let orphans = try await database.read { transaction in
            try names.filter {
                try transaction.first("SELECT 1 AS found FROM objects_uploads WHERE id = $1", .text($0)) == nil
            }
        }
        try await pool.run {
            let directory = try bucket.directory()
            for name in orphans { Self.removeAll(in: StoredName.parts(name), of: directory) }
        }
    }
}
