import Core
import Storage

/// The rows of object versions in one bucket.
struct VersionRows {
    let bucket: Bucket

    static let columns =
        "key, sequence, version, latest, marker, size, etag, modified, location, archived, staged, inode, "
        + "file_modified, young, attributes"

    func decode(_ row: Row) throws -> ObjectVersion {
        guard let key = ObjectKey(bytes: try row.blob(0)), let location = ObjectLocation(rawValue: try row.int64(8))
        else {
            throw StorageError(.corrupt, "a row of objects_versions has no valid key or location")
        }
        let size = try row.int64(5)
        let attributes = try row.text(14)
        return ObjectVersion(
            bucket: bucket.name, key: key, versionID: try row.text(2), isLatest: try row.bool(3),
            isDeleteMarker: try row.bool(4), size: size, etag: try row.text(6),
            lastModified: Timestamp(milliseconds: try row.int64(7)),
            attributes: attributes == "{}" ? ObjectAttributes() : ObjectAttributes(json: try JSON(parsing: attributes)),
            sequence: try row.int64(1),
            storage: .init(
                location: location, isArchived: try row.bool(9), staged: try row.int64OrNil(10),
                identity: FileIdentity(inode: try row.int64(11), size: size, modified: try row.int64(12)),
                isYoung: try row.bool(13)))
    }

    func latest(_ key: ObjectKey, _ transaction: Transaction) throws -> ObjectVersion? {
        try transaction.first(
            "SELECT \(Self.columns) FROM objects_versions WHERE bucket = $1 AND key = $2 AND latest = 1",
            .integer(bucket.id), .blob(key.bytes)
        ).map(decode)
    }

    func version(_ key: ObjectKey, _ id: String, _ transaction: Transaction) throws -> ObjectVersion? {
        try transaction.first(
            "SELECT \(Self.columns) FROM objects_versions WHERE bucket = $1 AND key = $2 AND version = $3",
            .integer(bucket.id), .blob(key.bytes), .text(id)
        ).map(decode)
    }

    /// The newest version that is not the given one.
    func newest(_ key: ObjectKey, besides sequence: Int64, _ transaction: Transaction) throws -> ObjectVersion? {
        try transaction.first(
            """
            SELECT \(Self.columns) FROM objects_versions WHERE bucket = $1 AND key = $2 AND sequence <> $3
            ORDER BY sequence DESC LIMIT 1
            """, .integer(bucket.id), .blob(key.bytes), .integer(sequence)
        ).map(decode)
    }

    func withSequence(_ sequence: Int64, _ transaction: Transaction) throws -> ObjectVersion? {
        try transaction.first(
            "SELECT \(Self.columns) FROM objects_versions WHERE bucket = $1 AND sequence = $2", .integer(bucket.id),
            .integer(sequence)
        ).map(decode)
    }

    func staged(_ number: Int64, _ transaction: Transaction) throws -> ObjectVersion? {
        try transaction.first(
            "SELECT \(Self.columns) FROM objects_versions WHERE bucket = $1 AND staged = $2", .integer(bucket.id),
            .integer(number)
        ).map(decode)
    }

    func insert(_ version: ObjectVersion, _ transaction: Transaction) throws {
        try BucketRows.require(bucket, transaction)
        try transaction.execute(
            """
            INSERT INTO objects_versions (bucket, \(Self.columns))
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
            """,
            [
                .integer(bucket.id), .blob(version.key.bytes), .integer(version.sequence), .text(version.versionID),
                .bool(version.isLatest), .bool(version.isDeleteMarker), .integer(version.size), .text(version.etag),
                .integer(version.lastModified.milliseconds), .integer(version.storage.location.rawValue),
                .bool(version.storage.isArchived), version.storage.staged.map { .integer($0) } ?? .null,
                .integer(version.storage.identity.inode), .integer(version.storage.identity.modified),
                .bool(version.storage.isYoung), .text(version.attributes.json.text()),
            ])
    }

    func delete(_ version: ObjectVersion, _ transaction: Transaction) throws {
        try transaction.execute(
            "DELETE FROM objects_versions WHERE bucket = $1 AND key = $2 AND sequence = $3", .integer(bucket.id),
            .blob(version.key.bytes), .integer(version.sequence))
    }

    func setLatest(_ version: ObjectVersion, _ isLatest: Bool, _ transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE objects_versions SET latest = $4 WHERE bucket = $1 AND key = $2 AND sequence = $3",
            .integer(bucket.id), .blob(version.key.bytes), .integer(version.sequence), .bool(isLatest))
    }

    func setAttributes(_ version: ObjectVersion, _ transaction: Transaction) throws {
        try transaction.execute(
            "UPDATE objects_versions SET attributes = $4 WHERE bucket = $1 AND key = $2 AND sequence = $3",
            .integer(bucket.id), .blob(version.key.bytes), .integer(version.sequence),
            .text(version.attributes.json.text()))
    }

    func setStorage(_ version: ObjectVersion, _ transaction: Transaction) throws {
        let storage = version.storage
        try transaction.execute(
            """
            UPDATE objects_versions SET location = $4, archived = $5, staged = $6, inode = $7, file_modified = $8,
                young = $9 WHERE bucket = $1 AND key = $2 AND sequence = $3
            """,
            [
                .integer(bucket.id), .blob(version.key.bytes), .integer(version.sequence),
                .integer(storage.location.rawValue), .bool(storage.isArchived),
                storage.staged.map { .integer($0) } ?? .null, .integer(storage.identity.inode),
                .integer(storage.identity.modified), .bool(storage.isYoung),
            ])
    }
}
