import Core

/// What a look at the file of a key has shown, compared with what is known of the key.
enum Observation: Sendable {
    /// As it is known; nothing to record.
    case unchanged
    /// As it is known, and now read at a time when a later write would show.
    case verified
    /// Being written: its end will be reported.
    case incomplete
    /// Cannot be told to be complete: look again in a while.
    case uncertain
    /// Too large to be read in passing.
    case large
    case dropped(Drop)
    case removed

    struct Drop: Sendable {
        var identity: FileIdentity
        var md5: String
        var isYoung: Bool
        var sequence: Int64
        var isArchived: Bool
    }
}

extension ObjectStore {
    /// Looks at the file of a key. Blocks while it reads the file.
    ///
    /// - Parameters:
    ///   - isReported: the system has reported that a program is done with the file; otherwise it was found.
    ///   - limit: files of more bytes are not read.
    func observe(
        _ key: ObjectKey, _ known: ObjectVersion?, in bucket: OpenBucket, isReported: Bool, limit: Int64
    ) throws -> Observation {
        let directory = try bucket.directory()
        let known = known.flatMap { $0.isDeleteMarker ? nil : $0 }
        let plain = known.flatMap { $0.storage.location == .plain ? $0 : nil }
        guard key.isPathOnDisk, let file = try directory.open(key.text) else {
            guard let plain else { return .unchanged }
            return try isWaitingForItsPlace(plain, in: directory) ? .unchanged : .removed
        }
        let isSame = plain?.storage.identity == file.identity
        if isSame, plain?.storage.isYoung == false { return .unchanged }
        if known == nil, options.dropRules.ignores(key) { return .unchanged }
        switch file.writers() {
        case .some: return .incomplete
        case .unknown where !isReported && file.identity.isYoung(within: 2_000_000_000): return .uncertain
        case .unknown, .none: break
        }
        guard file.size <= limit else { return .large }
        let isYoung = file.identity.isYoung()
        let md5 = try file.md5()
        // Whoever wrote meanwhile will be done later, and that will be reported.
        guard file.isUnchanged() else { return .incomplete }
        if isSame, md5 == plain?.etag { return isYoung ? .unchanged : .verified }
        return .dropped(try take(file, md5, isYoung, in: bucket, directory))
    }

    private func take(
        _ file: OpenFile, _ md5: String, _ isYoung: Bool, in bucket: OpenBucket, _ directory: BucketDirectory
    ) throws -> Observation.Drop {
        let sequence = numbers.next()
        let isArchived = bucket.current.versioning == .enabled
        if isArchived { try Self.archive(file, as: sequence, in: directory) }
        return .init(
            identity: file.identity, md5: md5, isYoung: isYoung, sequence: sequence, isArchived: isArchived)
    }

    /// A version that was committed and whose file could not be moved yet: it is moved now.
    private func isWaitingForItsPlace(_ version: ObjectVersion, in directory: BucketDirectory) throws -> Bool {
        guard let staged = version.storage.staged, try directory.status(StoredName.upload(staged)) != nil else {
            return false
        }
        return try Self.place(version, in: directory)
    }
}
