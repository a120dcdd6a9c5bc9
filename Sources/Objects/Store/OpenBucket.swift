import Core
import Synchronization

/// A bucket with its directory at hand.
final class OpenBucket: Sendable {
    private struct State {
        var bucket: Bucket
        var directory: BucketDirectory?
        var unavailable: String?
        var documents: [BucketDocument: String]?
        /// How often they were changed.
        var documentChanges = 0
        var placements: [ObjectKey: FileIdentity] = [:]
    }

    private let state: Mutex<State>
    /// Whether the host made the directory, and so may remove it.
    let isOwn: Bool

    init(_ bucket: Bucket, isOwn: Bool) {
        state = Mutex(State(bucket: bucket))
        self.isOwn = isOwn
    }

    var current: Bucket { state.withLock(\.bucket) }
    var id: Int64 { current.id }
    var name: String { current.name }
    var rows: VersionRows { VersionRows(bucket: current) }

    func setVersioning(_ versioning: VersioningState) { state.withLock { $0.bucket.versioning = versioning } }

    func setDirectory(_ directory: BucketDirectory) {
        state.withLock {
            $0.directory = directory
            $0.unavailable = nil
        }
    }

    func setUnavailable(_ reason: String) {
        state.withLock {
            $0.directory = nil
            $0.unavailable = reason
        }
    }

    func directory() throws(ObjectStoreError) -> BucketDirectory {
        let (directory, name, reason) = state.withLock { ($0.directory, $0.bucket.name, $0.unavailable) }
        guard let directory else { throw .unavailable(name, reason ?? "is not open") }
        return directory
    }

    // MARK: Documents

    /// The configuration documents, read once and kept until one changes; nearly every request asks for some.
    func documents(
        _ read: @Sendable () async throws -> [BucketDocument: String]
    ) async throws -> [BucketDocument: String] {
        let (known, changes) = state.withLock { ($0.documents, $0.documentChanges) }
        if let known { return known }
        let documents = try await read()
        state.withLock { if $0.documentChanges == changes { $0.documents = documents } }
        return documents
    }

    /// To be called when a change is committed.
    func documentsChanged() {
        state.withLock {
            $0.documents = nil
            $0.documentChanges += 1
        }
    }

    // MARK: Own writes

    private static let placementLimit = 4096

    /// Notes that the host is about to move a committed file to its place, which the watch will report.
    func notePlacement(_ key: ObjectKey, _ identity: FileIdentity) {
        state.withLock { state in
            // One that is forgotten is looked at like a file of any other program.
            if state.placements.count >= Self.placementLimit { state.placements.removeAll() }
            state.placements[key] = identity
        }
    }

    /// What the host has moved to the places of the keys; each is named once.
    func takePlacements(of keys: [ObjectKey]) -> [(key: ObjectKey, identity: FileIdentity)] {
        state.withLock { state in
            guard !state.placements.isEmpty else { return [] }
            return keys.compactMap { key in state.placements.removeValue(forKey: key).map { (key, $0) } }
        }
    }
}
