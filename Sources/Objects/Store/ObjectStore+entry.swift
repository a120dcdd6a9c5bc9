import Storage

extension ObjectStore {
    /// What is known of an object or of one version of it, delete markers included; nil when there is nothing. Does not
    /// look at files.
    public func entry(_ key: ObjectKey, in name: String, versionID: String? = nil) async throws -> ObjectVersion? {
        let bucket = try find(name)
        return try await database.read { transaction in
            try versionID.map { try bucket.rows.version(key, $0, transaction) } ?? bucket.rows.latest(key, transaction)
        }
    }
}
