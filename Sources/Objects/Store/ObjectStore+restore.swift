import Core
import Storage

extension ObjectStore {
    /// Brings the files of small objects to disk, some time after they were acknowledged, until the task is cancelled.
    /// Without it they are brought to disk one by one before that.
    public func run() async { await contents.run(self) }

    /// Writes files anew that the machine has lost with its memory, before anything looks at them.
    func restoreContents(of bucket: OpenBucket) async throws {
        let rows = try await database.read { transaction in
            try transaction.query(
                "SELECT number, key, boot, content FROM objects_contents WHERE bucket = $1 ORDER BY number",
                .integer(bucket.id)
            ).map { (number: try $0.int64(0), key: try $0.blob(1), boot: try $0.text(2), bytes: try $0.blob(3)) }
        }
        for row in rows {
            // A host that was killed left its files to the machine, which has them.
            if row.boot != contents.boot, let key = ObjectKey(bytes: row.key) {
                try await restore(key, row.bytes, of: row.number, in: bucket)
            }
        }
    }

    /// Hands what an earlier host left behind over, once its files are at their places.
    func adoptContents(of bucket: OpenBucket) async throws {
        let rows = try await database.read { transaction in
            try transaction.query(
                "SELECT number, LENGTH(content) AS size FROM objects_contents WHERE bucket = $1", .integer(bucket.id)
            ).map { (number: try $0.int64(0), size: try $0.int64(1)) }
        }
        for row in rows { contents.adopt(row.number, size: Int(row.size), in: bucket) }
    }

    private func restore(_ key: ObjectKey, _ bytes: [UInt8], of number: Int64, in bucket: OpenBucket) async throws {
        guard let version = try await database.read({ try bucket.rows.latest(key, $0) }),
            version.storage.staged == number
        else { return }
        let restored = try await pool.run { try Self.rewrite(version, bytes, in: bucket) }
        guard let restored else { return }
        try await database.write { try bucket.rows.setStorage(restored, $0) }
    }

    /// Writes the version's file among the uploads, unless it is there or a newer one is. Blocks.
    private static func rewrite(_ version: ObjectVersion, _ bytes: [UInt8], in bucket: OpenBucket) throws
        -> ObjectVersion?
    {
        guard let number = version.storage.staged else { return nil }
        let directory = try bucket.directory()
        let place = version.key.path(version.storage.location)
        for path in [place, StoredName.upload(number)] {
            guard let file = try directory.open(path) else { continue }
            if file.identity == version.storage.identity {
                if try file.read(at: 0, count: bytes.count) == bytes { return nil }
            } else if path == place, file.identity.modified > version.storage.identity.modified {
                // Another program's, which is the newer content.
                return nil
            }
        }
        try directory.remove(StoredName.upload(number))
        let staged = try StagedFile(in: bucket, number: number)
        try bytes.withUnsafeBytes { try staged.append($0) }
        var restored = version
        restored.storage.identity = try staged.finish(isDurable: true).identity
        staged.markUsed()
        return restored
    }
}
