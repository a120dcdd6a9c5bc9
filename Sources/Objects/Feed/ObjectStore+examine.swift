import Core
import Storage

/// The outcome of a look at several keys.
struct ExamineResult: Sendable {
    /// To be looked at on their own, because they take long to read or are being worked on.
    var apart: [ObjectKey] = []
    /// To be looked at again in a while.
    var later: [ObjectKey] = []
    /// Keys whose change could not be recorded, with the reason.
    var failed: [(key: ObjectKey, reason: String)] = []
}

extension ObjectStore {
    /// Makes known what another program did to the file of a key.
    func examine(_ key: ObjectKey, in bucket: OpenBucket) async throws {
        try await locks.withLock(bucket.id, key) { try await examineLocked(key, in: bucket) }
    }

    /// The same for a caller that holds the key's lock.
    func examineLocked(_ key: ObjectKey, in bucket: OpenBucket) async throws {
        let result = try await examineLocked([key], in: bucket, isReported: false, limit: .max)
        if let failure = result.failed.first {
            throw ObjectStoreError("InternalError", "A change could not be recorded: \(failure.reason)", status: 500)
        }
    }

    /// Looks at many keys: one reading of rows, one visit to the files, one commit. Keys that somebody is working on are
    /// left for later, so that one of them does not hold up the others.
    func examine(
        _ keys: [ObjectKey], in bucket: OpenBucket, isReported: Bool, limit: Int64
    ) async throws -> ExamineResult {
        let own = try await untouchedPlacements(of: keys, in: bucket)
        let names = Set(keys).subtracting(own).map { KeyLocks.Name(bucket: bucket.id, key: $0) }
        guard !names.isEmpty else { return ExamineResult() }
        var locked: [KeyLocks.Name] = []
        var busy: [ObjectKey] = []
        for name in names {
            if locks.tryLock(name) { locked.append(name) } else { busy.append(name.key) }
        }
        defer { for name in locked { locks.unlock(name) } }
        var result = try await examineLocked(locked.map(\.key), in: bucket, isReported: isReported, limit: limit)
        result.apart += busy
        return result
    }

    /// The keys at whose places are the files that the host itself has moved there, as the database knows them.
    private func untouchedPlacements(of keys: [ObjectKey], in bucket: OpenBucket) async throws -> [ObjectKey] {
        let placements = bucket.takePlacements(of: keys)
        guard !placements.isEmpty else { return [] }
        return try await blocking {
            let directory = try bucket.directory()
            return placements.compactMap { key, identity in
                (try? directory.status(key.path(.plain))) == .file(identity) ? key : nil
            }
        }
    }

    /// Looks at one key when it is free, however large its file is.
    func examineApart(_ key: ObjectKey, in bucket: OpenBucket, isReported: Bool) async throws -> ExamineResult {
        try await locks.withLock(bucket.id, key) {
            try await examineLocked([key], in: bucket, isReported: isReported, limit: .max)
        }
    }

    private func examineLocked(
        _ keys: [ObjectKey], in bucket: OpenBucket, isReported: Bool, limit: Int64
    ) async throws -> ExamineResult {
        let known = try await database.read { transaction in
            let rows = bucket.rows
            return try keys.map { try rows.latest($0, transaction) }
        }
        let seen = try await observe(keys, known, in: bucket, isReported: isReported, limit: limit)
        var result = ExamineResult()
        var news: [(key: ObjectKey, known: ObjectVersion?, observation: Observation)] = []
        for (position, key) in keys.enumerated() {
            switch seen[position] {
            case .success(.unchanged), .success(.incomplete): break
            case .success(.large): result.apart.append(key)
            case .success(.uncertain): result.later.append(key)
            case .success(let observation): news.append((key, known[position], observation))
            case .failure(let error): result.failed.append((key, error.reason))
            }
        }
        guard !news.isEmpty else { return result }
        try await record(news, in: bucket, &result)
        return result
    }

    private struct ObservationFailure: Error {
        var reason: String
    }

    private func observe(
        _ keys: [ObjectKey], _ known: [ObjectVersion?], in bucket: OpenBucket, isReported: Bool, limit: Int64
    ) async throws -> [Result<Observation, ObservationFailure>] {
        let pool = limit == .max && keys.count == 1 ? pool : hashing
        return try await pool.run {
            zip(keys, known).map { key, known in
                do {
                    let observation = try self.observe(key, known, in: bucket, isReported: isReported, limit: limit)
                    return .success(observation)
                } catch {
                    return .failure(ObservationFailure(reason: "\(error)"))
                }
            }
        }
    }

    private func record(
        _ news: [(key: ObjectKey, known: ObjectVersion?, observation: Observation)], in bucket: OpenBucket,
        _ result: inout ExamineResult
    ) async throws {
        let recorded = try await database.write { transaction in
            news.map { each -> Result<CommitOutcome?, ObservationFailure> in
                do {
                    return .success(
                        try transaction.savepoint {
                            try self.record(each.observation, each.key, each.known, in: bucket, transaction)
                        })
                } catch {
                    return .failure(ObservationFailure(reason: "\(error)"))
                }
            }
        }
        var outcomes: [CommitOutcome] = []
        for (each, recorded) in zip(news, recorded) {
            switch recorded {
            case .success(let outcome): if let outcome { outcomes.append(outcome) }
            case .failure(let error): result.failed.append((each.key, error.reason))
            }
        }
        let needsFiles = outcomes.filter { !$0.archived.isEmpty || !$0.removed.isEmpty }
        guard !needsFiles.isEmpty else { return }
        try await blocking {
            let directory = try bucket.directory()
            for outcome in needsFiles {
                try Self.finishArchiving(outcome.archived, in: directory)
                Self.discard(outcome.removed, replacedBy: nil, in: directory)
            }
        }
    }

    private func record(
        _ observation: Observation, _ key: ObjectKey, _ known: ObjectVersion?, in bucket: OpenBucket,
        _ transaction: Transaction
    ) throws -> CommitOutcome? {
        switch observation {
        case .dropped(let drop):
            var plan = WritePlan(versioning: bucket.current.versioning, sequence: drop.sequence, location: .plain)
            plan.isArchived = drop.isArchived
            let new = NewVersion(
                request: PutRequest(bucket: bucket.name, key: key, cause: .drop), plan: plan, identity: drop.identity,
                md5: drop.md5, modified: Timestamp(milliseconds: drop.identity.modified / 1_000_000),
                isYoung: drop.isYoung)
            return try insert(new, staged: nil, in: bucket, transaction)
        case .removed:
            return try known.map { try recordRemoval(of: $0, in: bucket, transaction) }
        case .verified:
            if var verified = known {
                verified.storage.isYoung = false
                try bucket.rows.setStorage(verified, transaction)
            }
            return nil
        case .unchanged, .incomplete, .uncertain, .large: return nil
        }
    }

    /// A file that another program took away: deleted as by the API.
    private func recordRemoval(
        of version: ObjectVersion, in bucket: OpenBucket, _ transaction: Transaction
    ) throws -> CommitOutcome {
        let rows = bucket.rows
        guard rows.bucket.versioning != .off else {
            try rows.delete(version, transaction)
            try onChange(
                change(.removed, .drop, version, in: rows.bucket, nil, sequence: numbers.next()), transaction)
            return CommitOutcome(version: version)
        }
        let sequence = numbers.next()
        let marker = ObjectVersion(
            bucket: rows.bucket.name, key: version.key,
            versionID: rows.bucket.versioning == .enabled ? newVersionID(sequence) : "null", isLatest: true,
            isDeleteMarker: true, size: 0, etag: Self.emptyMD5, lastModified: clock.now,
            attributes: ObjectAttributes(), sequence: sequence, storage: .init())
        var outcome = CommitOutcome(version: marker)
        try supersede(version, nil, rows, &outcome, transaction)
        try rows.insert(marker, transaction)
        try onChange(change(.deleteMarkerCreated, .drop, marker, in: rows.bucket, nil), transaction)
        return outcome
    }
}
