import Core
import Storage

extension ObjectStore {
    /// Replaces the tags of an object, or of one version.
    @discardableResult
    public func setTags(
        _ tags: [ObjectAttributes.Pair], of key: ObjectKey, in name: String, versionID: String? = nil,
        requester: ObjectChange.Requester? = nil
    ) async throws -> ObjectVersion {
        try await modify(key, in: name, versionID, { $0.tags = tags }) { version, bucket in
            [self.change(tags.isEmpty ? .taggingDeleted : .taggingPut, version, bucket, requester)]
        }
    }

    /// Keeps a document with an object: its access control list, retention or legal hold. Nil removes it.
    @discardableResult
    public func setDocument(
        _ kind: String, _ document: String?, of key: ObjectKey, in name: String, versionID: String? = nil,
        requester: ObjectChange.Requester? = nil
    ) async throws -> ObjectVersion {
        try await modify(key, in: name, versionID, { $0.setDocument(kind, document) }) { version, bucket in
            kind == "acl" ? [self.change(.aclPut, version, bucket, requester)] : []
        }
    }

    /// Keeps what is said of the copy of an archived object that is there for a while.
    ///
    /// - Parameter document: as the `x-amz-restore` header has it.
    public func setRestored(
        _ document: String, until end: Timestamp, of key: ObjectKey, in name: String, versionID: String? = nil,
        requester: ObjectChange.Requester? = nil
    ) async throws {
        _ = try await modify(key, in: name, versionID, { $0.setDocument("restore", document) }) { version, bucket in
            let storageClass = version.attributes.storageClass ?? "STANDARD"
            return [
                self.change(.restoreBegun(from: storageClass), version, bucket, requester),
                self.change(.restored(from: storageClass, until: end), version, bucket, nil),
            ]
        }
    }

    private func change(
        _ kind: ObjectChange.Kind, _ version: ObjectVersion, _ bucket: Bucket, _ requester: ObjectChange.Requester?
    ) -> ObjectChange {
        change(kind, .put, version, in: bucket, requester, sequence: numbers.next())
    }

    private func modify(
        _ key: ObjectKey, in name: String, _ versionID: String?,
        _ body: @escaping @Sendable (inout ObjectAttributes) -> Void,
        changes: @escaping @Sendable (ObjectVersion, Bucket) -> [ObjectChange]
    ) async throws -> ObjectVersion {
        let bucket = try find(name)
        // A file that was just dropped becomes known by being looked at.
        _ = try await head(key, in: name, versionID: versionID)
        return try await database.write { transaction in
            let rows = bucket.rows
            let found = try versionID.map { try rows.version(key, $0, transaction) } ?? rows.latest(key, transaction)
            guard var version = found, !version.isDeleteMarker else {
                throw versionID.map { ObjectStoreError.noSuchVersion(key, $0) } ?? .noSuchKey(key)
            }
            body(&version.attributes)
            try rows.setAttributes(version, transaction)
            for change in changes(version, rows.bucket) { try self.onChange(change, transaction) }
            return version
        }
    }
}
