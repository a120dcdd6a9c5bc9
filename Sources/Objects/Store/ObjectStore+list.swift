import Core
import Storage

/// What a listing asks for.
public struct ListRequest: Sendable {
    public var bucket: String
    public var prefix: String
    public var delimiter: String
    /// List what comes after this key, or after all keys that begin with it when it ends in the delimiter.
    public var after: String
    /// Keys and common prefixes together, at most 1,000.
    public var limit: Int

    public init(bucket: String, prefix: String = "", delimiter: String = "", after: String = "", limit: Int = 1000) {
        self.bucket = bucket
        self.prefix = prefix
        self.delimiter = delimiter
        self.after = after
        self.limit = min(max(limit, 0), 1000)
    }
}

/// A part of a listing.
public struct ListPage: Sendable {
    public var versions: [ObjectVersion] = []
    public var commonPrefixes: [String] = []
    public var isTruncated = false
    /// The last key or common prefix of the page: `after` of the next request.
    public var last: String?
    /// In listings of versions the version of `last`, when it is a key.
    public var lastVersionID: String?
}

extension ObjectStore {
    /// The objects of a bucket in the byte order of their keys. Both list operations of S3 are this one.
    public func list(_ request: ListRequest) async throws -> ListPage {
        let bucket = try find(request.bucket)
        return try await database.read { transaction in
            var walk = ListWalk(request: request, rows: bucket.rows, latestOnly: true)
            return try walk.page(transaction)
        }
    }

    /// All versions and delete markers, newest first within a key.
    ///
    /// - Parameter versionID: with `after`, the version of that key after which to begin.
    public func listVersions(_ request: ListRequest, afterVersion versionID: String? = nil) async throws -> ListPage {
        let bucket = try find(request.bucket)
        return try await database.read { transaction in
            var walk = ListWalk(request: request, rows: bucket.rows, latestOnly: false)
            if let versionID, !request.after.isEmpty {
                let marker = try bucket.rows.version(try ObjectKey(request.after), versionID, transaction)
                // Where a version stood is known when it is no more.
                walk.afterSequence = marker?.sequence ?? VersionIdentifier.sequence(versionID)
            }
            return try walk.page(transaction)
        }
    }
}

/// A walk over an index that jumps over everything below a common prefix.
private struct ListWalk {
    let request: ListRequest
    let rows: VersionRows
    let latestOnly: Bool
    /// Within the key `request.after`, continue below this sequence.
    var afterSequence: Int64?
    private var page = ListPage()

    init(request: ListRequest, rows: VersionRows, latestOnly: Bool) {
        self.request = request
        self.rows = rows
        self.latestOnly = latestOnly
    }

    mutating func page(_ transaction: Transaction) throws -> ListPage {
        guard request.limit > 0 else { return page }
        let prefix = Array(request.prefix.utf8)
        var from = max(Array(request.after.utf8), prefix) { $0.lexicographicallyPrecedes($1) }
        var isInclusive = request.after.isEmpty || from != Array(request.after.utf8)
        let delimiter = Array(request.delimiter.utf8)
        while true {
            let batch = try fetch(from, isInclusive, transaction)
            var jump: [UInt8]?
            for version in batch {
                let key = version.key.bytes
                guard key.starts(with: prefix) else { return page }
                if let common = Self.commonPrefix(key, prefix, delimiter) {
                    let text = String(decoding: common, as: UTF8.self)
                    if !Array(request.after.utf8).starts(with: common) {
                        guard take(text) else { return page }
                        page.commonPrefixes.append(text)
                        page.lastVersionID = nil
                    }
                    jump = Self.successor(common)
                    break
                }
                guard take(version.key.text) else { return page }
                page.versions.append(version)
                page.lastVersionID = version.versionID
            }
            if let jump {
                (from, isInclusive) = (jump, true)
                afterSequence = nil
            } else {
                guard let last = batch.last, batch.count == batchSize else { return page }
                (from, isInclusive) = (last.key.bytes, false)
                afterSequence = latestOnly ? nil : last.sequence
            }
        }
    }

    /// Notes one more entry; false when the page was full already.
    private mutating func take(_ name: String) -> Bool {
        if page.versions.count + page.commonPrefixes.count >= request.limit {
            page.isTruncated = true
            return false
        }
        page.last = name
        return true
    }

    /// Behind a delimiter much is jumped over, so little is fetched at a time.
    private var batchSize: Int { request.delimiter.isEmpty ? request.limit + 1 : min(request.limit + 1, 100) }

    private func fetch(_ from: [UInt8], _ isInclusive: Bool, _ transaction: Transaction) throws -> [ObjectVersion] {
        let columns = VersionRows.columns
        let bucket = SQLValue.integer(rows.bucket.id)
        let comparison = isInclusive ? ">=" : ">"
        if latestOnly {
            return try transaction.query(
                """
                SELECT \(columns) FROM objects_versions WHERE bucket = $1 AND latest = 1 AND marker = 0
                AND key \(comparison) $2 ORDER BY key LIMIT $3
                """, bucket, .blob(from), .int(batchSize)
            ).map(rows.decode)
        }
        let within: [ObjectVersion]
        if let afterSequence, !isInclusive {
            within = try transaction.query(
                """
                SELECT \(columns) FROM objects_versions WHERE bucket = $1 AND key = $2 AND sequence < $3
                ORDER BY sequence DESC LIMIT $4
                """, bucket, .blob(from), .integer(afterSequence), .int(batchSize)
            ).map(rows.decode)
            if within.count == batchSize { return within }
        } else {
            within = []
        }
        return try within
            + transaction.query(
                """
                SELECT \(columns) FROM objects_versions WHERE bucket = $1 AND key \(comparison) $2
                ORDER BY key, sequence DESC LIMIT $3
                """, bucket, .blob(from), .int(batchSize - within.count)
            ).map(rows.decode)
    }

    /// The key up to and including the first delimiter behind the prefix.
    private static func commonPrefix(_ key: [UInt8], _ prefix: [UInt8], _ delimiter: [UInt8]) -> [UInt8]? {
        guard !delimiter.isEmpty, key.count >= prefix.count + delimiter.count else { return nil }
        for start in prefix.count...(key.count - delimiter.count)
        where key[start..<start + delimiter.count].elementsEqual(delimiter) {
            return Array(key[..<(start + delimiter.count)])
        }
        return nil
    }

    /// The first bytes that are greater than everything that begins with the prefix. UTF-8 has no byte 0xFF.
    private static func successor(_ prefix: [UInt8]) -> [UInt8] {
        var next = prefix
        if let last = next.indices.last { next[last] += 1 }
        return next
    }
}

private func max(_ left: [UInt8], _ right: [UInt8], by precedes: ([UInt8], [UInt8]) -> Bool) -> [UInt8] {
    precedes(left, right) ? right : left
}
