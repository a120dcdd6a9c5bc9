import Core
import Storage

/// Compares a bucket's directory with the database and names the keys that differ: both are walked in the order of their
/// keys, a page at a time, so that the size of a bucket does not matter.
final class Reconciliation: @unchecked Sendable {
    // Unchecked: one task at a time asks for pages, and waits for each.
    private let store: ObjectStore
    private let bucket: OpenBucket
    private let prefix: [UInt8]
    private var walker: SortedFiles
    private var files: ArraySlice<(key: ObjectKey, identity: FileIdentity)> = []
    private var filesAreOver = false
    private var rows: ArraySlice<(key: ObjectKey, identity: FileIdentity, isYoung: Bool)> = []
    private var rowsAreOver = false
    private var lastRow: [UInt8]?

    private static let pageSize = 1000

    /// - Parameter prefix: empty, or a directory's path with a slash behind it. Blocks.
    init(of bucket: OpenBucket, below prefix: String, store: ObjectStore) throws {
        self.store = store
        self.bucket = bucket
        self.prefix = Array(prefix.utf8)
        walker = SortedFiles(of: try bucket.directory(), below: prefix)
    }

    /// Up to so many keys that differ; nil when there are none any more.
    func next(_ limit: Int) async throws -> [ObjectKey]? {
        var differing: [ObjectKey] = []
        while differing.count < limit {
            if files.isEmpty, !filesAreOver { try await fetchFiles() }
            if rows.isEmpty, !rowsAreOver { try await fetchRows() }
            switch (files.first, rows.first) {
            case (nil, nil): return differing.isEmpty ? nil : differing
            case (let file?, nil): note(file: file, &differing)
            case (nil, let row?): note(row: row, &differing)
            case (let file?, let row?):
                if file.key == row.key {
                    if file.identity != row.identity || row.isYoung { differing.append(file.key) }
                    files.removeFirst()
                    rows.removeFirst()
                } else if file.key < row.key {
                    note(file: file, &differing)
                } else {
                    note(row: row, &differing)
                }
            }
        }
        return differing
    }

    private func note(file: (key: ObjectKey, identity: FileIdentity), _ differing: inout [ObjectKey]) {
        files.removeFirst()
        if !store.options.dropRules.ignores(file.key) { differing.append(file.key) }
    }

    private func note(row: (key: ObjectKey, identity: FileIdentity, isYoung: Bool), _ differing: inout [ObjectKey]) {
        rows.removeFirst()
        differing.append(row.key)
    }

    private func fetchFiles() async throws {
        let page = try await store.blocking { [self] in
            var page: [(key: ObjectKey, identity: FileIdentity)] = []
            while page.count < Self.pageSize {
                guard let (path, identity) = walker.next() else {
                    filesAreOver = true
                    break
                }
                if let key = ObjectKey(bytes: Array(path.utf8)) { page.append((key, identity)) }
            }
            return page
        }
        files = page[...]
    }

    private func fetchRows() async throws {
        let from = lastRow ?? prefix
        let comparison = lastRow == nil ? ">=" : ">"
        let bucket = bucket.id
        let page = try await store.database.read { transaction in
            try transaction.query(
                """
                SELECT key, inode, size, file_modified, young FROM objects_versions WHERE bucket = $1 AND latest = 1
                AND marker = 0 AND location = 0 AND key \(comparison) $2 ORDER BY key LIMIT $3
                """, .integer(bucket), .blob(from), .int(Self.pageSize)
            ).compactMap { row -> (key: ObjectKey, identity: FileIdentity, isYoung: Bool)? in
                guard let key = ObjectKey(bytes: try row.blob(0)) else { return nil }
                let identity = FileIdentity(
                    inode: try row.int64(1), size: try row.int64(2), modified: try row.int64(3))
                return (key, identity, try row.bool(4))
            }
        }
        lastRow = page.last?.key.bytes
        let below = page.prefix { $0.key.text.utf8.starts(with: prefix) }
        rowsAreOver = page.count < Self.pageSize || below.count < page.count
        rows = below
    }
}
