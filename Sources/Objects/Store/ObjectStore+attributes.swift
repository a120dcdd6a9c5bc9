import Core
import Storage

extension ObjectStore {
    /// Replaces the tags of an object, or of one version.
    @discardableResult
    public func setTags(
        _ tags: [ObjectAttributes.Pair], of key: ObjectKey, in name: String, versionID: String? = nil,
        requester: ObjectChange.Requester? = nil
    ) async throws -> ObjectVersion {
        try await modify(key, in: name, versionID, tags.isEmpty ? .taggingDeleted : .taggingPut, requester) {
            $0.tags = tags
        }
    }

    /// Keeps a document with an object: its access control list, retention or legal hold. Nil removes it.
    @discardableResult
    public func setDocument(
        _ kind: String, _ document: String?, of key: ObjectKey, in name: String, versionID: String? = nil,
        requester: ObjectChange.Requester? = nil
    ) async throws -> ObjectVersion {
        try await modify(key, in: name, versionID, kind == "acl" ? .aclPut : nil, requester) {
            $0.setDocument(kind, document)
        }
    }

    private func modify(
        _ key: ObjectKey, in name: String, _ versionID: String?, _ kind: ObjectChange.Kind?,
        _ requester: ObjectChange.Requester?, _ body: @escaping @Sendable (inout ObjectAttributes) -> Void
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
            if let kind {
                let change = self.change(kind, .put, version, in: rows.bucket, requester, sequence: self.numbers.next())
                try self.onChange(change, transaction)
            }
            return version
        }
    }
}
