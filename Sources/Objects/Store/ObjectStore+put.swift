import Core
import Glibc
import Storage

/// What is asked of a write besides the bytes.
public struct PutRequest: Sendable {
    public var bucket: String
    public var key: ObjectKey
    public var attributes: ObjectAttributes
    public var conditions: WriteConditions
    /// The MD5 that the bytes must have, in hexadecimal.
    public var expectedMD5: String?
    public var cause: ObjectChange.Cause
    public var requester: ObjectChange.Requester?
    /// The entity tag when it is not the MD5.
    var etag: String?

    public init(
        bucket: String, key: ObjectKey, attributes: ObjectAttributes = ObjectAttributes(),
        conditions: WriteConditions = WriteConditions(), expectedMD5: String? = nil, cause: ObjectChange.Cause = .put,
        requester: ObjectChange.Requester? = nil
    ) {
        self.bucket = bucket
        self.key = key
        self.attributes = attributes
        self.conditions = conditions
        self.expectedMD5 = expectedMD5
        self.cause = cause
        self.requester = requester
    }
}

extension ObjectStore {
    /// Writes a whole object that is at hand.
    public func put(_ request: PutRequest, _ bytes: [UInt8]) async throws -> ObjectVersion {
        let bucket = try find(request.bucket)
        let number = numbers.next()
        guard options.isDurable, contents.reserve(bytes.count) else {
            return try await put(request, in: bucket) { [isDurable = options.isDurable] in
                let staged = try StagedFile(in: bucket, number: number)
                try bytes.withUnsafeBytes { try staged.append($0) }
                return FinishedFile(staged, try staged.finish(isDurable: isDurable))
            }
        }
        var isKept = false
        defer { if !isKept { contents.release(bytes.count) } }
        let write: @Sendable () throws -> FinishedFile = {
            let staged = try StagedFile(in: bucket, number: number)
            try bytes.withUnsafeBytes { try staged.append($0) }
            return FinishedFile(staged, try staged.finish(isDurable: false))
        }
        let version = try await put(request, in: bucket, write) { transaction in
            try self.contents.insert(bytes, of: number, request.key, in: bucket.current, transaction)
        }
        contents.placed(number, size: bytes.count, in: bucket)
        isKept = true
        return version
    }

    /// Begins an upload of unknown length; ``append(_:to:)`` adds to it, ``put(_:staged:)`` makes it an object.
    public func beginUpload(to bucket: String) async throws -> StagedFile {
        let bucket = try find(bucket)
        let number = numbers.next()
        return try await using(bucket) { try await blocking { try StagedFile(in: bucket, number: number) } }
    }

    public func append(_ bytes: [UInt8], to staged: StagedFile) async throws {
        try await blocking { try bytes.withUnsafeBytes { try staged.append($0) } }
    }

    /// Makes an upload an object. The value cannot be put again.
    public func put(_ request: PutRequest, staged: StagedFile) async throws -> ObjectVersion {
        try await put(request, in: staged.bucket) { [isDurable = options.isDurable] in
            FinishedFile(staged, try staged.finish(isDurable: isDurable))
        }
    }

    /// Commits a file as the latest version of a key, and moves it to its place.
    ///
    /// - Parameters:
    ///   - makeFile: writes the file, or finishes it. Runs once, on a thread that may block.
    ///   - also: what else belongs into the transaction.
    func put(
        _ request: PutRequest, in bucket: OpenBucket, _ makeFile: @escaping @Sendable () throws -> FinishedFile,
        also: (@Sendable (Transaction) throws -> Void)? = nil
    ) async throws -> ObjectVersion {
        try await using(bucket) {
            try await locks.withLock(bucket.id, request.key) {
                try await onBlockingThreads { try await putLocked(request, in: bucket, makeFile, also: also) }
            }
        }
    }

    private func putLocked(
        _ request: PutRequest, in bucket: OpenBucket, _ makeFile: @Sendable () throws -> FinishedFile,
        also: (@Sendable (Transaction) throws -> Void)?
    ) async throws -> ObjectVersion {
        var file: FinishedFile?
        for _ in 0..<4 {
            let (finished, plan) = try await prepare(request, file, in: bucket, makeFile)
            file = finished
            do {
                let new = NewVersion(request: request, plan: plan, identity: finished.identity, md5: finished.md5)
                // Not the file itself: it is gone when the caller is told of a failure, and must not wait for others.
                let number = finished.staged.number
                let outcome = try await database.write { transaction in
                    let outcome = try self.insert(new, staged: number, in: bucket, transaction)
                    try also?(transaction)
                    return outcome
                }
                finished.staged.markUsed()
                return try await finish(outcome, in: bucket)
            } catch is OutsideChange {
                // The file at this place was changed by another program and is not known as it is: first things
                // first.
                try await examineLocked(request.key, in: bucket)
            }
        }
        throw ObjectStoreError.beingWritten(request.key)
    }

    /// Makes the file, finds the place of the new version, and makes the copies that versioning asks for. Blocks.
    private func prepare(
        _ request: PutRequest, _ file: FinishedFile?, in bucket: OpenBucket,
        _ makeFile: @Sendable () throws -> FinishedFile
    ) async throws -> (FinishedFile, WritePlan) {
        let versioning = bucket.current.versioning
        let sequence = numbers.next()
        var current: ObjectVersion?
        if versioning == .enabled { current = try await database.lookup { try bucket.rows.latest(request.key, $0) } }
        let file = try file ?? makeFile()
        try file.check(request)
        let directory = try bucket.directory()
        var plan = WritePlan(versioning: versioning, sequence: sequence, location: request.key.preferredLocation)
        try plan.choosePlace(for: request.key, in: directory)
        if versioning == .enabled, let reader = file.staged.reader() {
            try Self.archive(reader, as: sequence, in: directory)
            plan.isArchived = true
        }
        if let current { plan.preserved = try preserve(current, in: directory) }
        return (file, plan)
    }

    /// Writes a copy of a version's bytes on its way to `versions`. Blocks.
    static func archive(_ file: OpenFile, as sequence: Int64, in directory: BucketDirectory) throws {
        try directory.remove(StoredName.archiving(sequence))
        let copy = try directory.create(StoredName.archiving(sequence))
        defer { closeDescriptor(copy) }
        try FileCopy.clone(file, to: copy)
        try synchronizeDescriptor(copy)
    }

    /// Copies the bytes of a version that has none but its own file, before that file is replaced. Blocks.
    func preserve(_ version: ObjectVersion, in directory: BucketDirectory) throws -> Int64? {
        guard !version.isDeleteMarker, !version.storage.isArchived, let file = try content(of: version, in: directory)
        else { return nil }
        try Self.archive(file, as: version.sequence, in: directory)
        return version.sequence
    }
}

/// A file that is complete, and on disk where that is asked for.
struct FinishedFile: Sendable {
    var staged: StagedFile
    var identity: FileIdentity
    var md5: String

    init(_ staged: StagedFile, _ finished: (identity: FileIdentity, md5: String)) {
        self.staged = staged
        identity = finished.identity
        md5 = finished.md5
    }

    func check(_ request: PutRequest) throws(ObjectStoreError) {
        guard let expected = request.expectedMD5, expected != md5 else { return }
        throw ObjectStoreError(
            "BadDigest", "The Content-MD5 you specified did not match what we received.",
            details: [("ExpectedDigest", expected), ("CalculatedDigest", md5)])
    }
}

/// What was found out on disk before a version is committed.
struct WritePlan: Sendable {
    var versioning: VersioningState
    var sequence: Int64
    var location: ObjectLocation
    /// The file that is at the plain place now.
    var found: FileIdentity?
    var isArchived = false
    /// The sequence of the version whose bytes were copied away.
    var preserved: Int64?

    /// Takes the key's own path, unless that is a directory or leads through a file. Blocks.
    mutating func choosePlace(for key: ObjectKey, in directory: BucketDirectory) throws(FileError) {
        guard location == .plain else { return }
        let occupant: BucketDirectory.Occupant?
        do throws(FileError) {
            try directory.makeParents(of: key.path(.plain))
            occupant = try directory.status(key.path(.plain))
        } catch {
            guard BucketDirectory.isAbsence(error.code) || error.code == EEXIST else { throw error }
            occupant = .other
        }
        switch occupant {
        case .file(let identity)?: found = identity
        case .directory?, .other?: location = .escaped
        case nil: break
        }
    }
}

/// The place of a write holds a file that the database does not know as it is.
struct OutsideChange: Error {}

/// A version that is about to be committed.
struct NewVersion: Sendable {
    var request: PutRequest
    var plan: WritePlan
    var identity: FileIdentity
    var md5: String
    /// The file's own time for dropped files; otherwise the clock's.
    var modified: Timestamp?
    var isYoung = false
}
