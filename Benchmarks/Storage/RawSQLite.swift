import CSQLite

/// The bound: one thread that puts a number of inserts into each transaction, with nothing of ours around it.
struct RawSQLite {
    private let database: OpaquePointer
    private let begin: OpaquePointer
    private let insert: OpaquePointer
    private let commit: OpaquePointer

    init(path: String) {
        var handle: OpaquePointer?
        check(sqlite3_open(path, &handle) == SQLITE_OK, "open \(path)")
        database = handle!
        for setting in ["journal_mode=WAL", "synchronous=FULL", "wal_autocheckpoint=1000", "mmap_size=268435456"] {
            check(sqlite3_exec(database, "PRAGMA \(setting)", nil, nil, nil) == SQLITE_OK, setting)
        }
        check(sqlite3_exec(database, rowTable, nil, nil, nil) == SQLITE_OK, "create")
        begin = Self.prepare(database, "BEGIN IMMEDIATE")
        insert = Self.prepare(database, rowInsert)
        commit = Self.prepare(database, "COMMIT")
    }

    private static func prepare(_ database: OpaquePointer, _ sql: String) -> OpaquePointer {
        var statement: OpaquePointer?
        check(sqlite3_prepare_v2(database, sql, -1, &statement, nil) == SQLITE_OK, sql)
        return statement!
    }

    func commit(_ rows: some Sequence<Int64>) {
        step(begin)
        for number in rows {
            sqlite3_bind_int64(insert, 1, number)
            millrace_bind_text(insert, 2, rowText, Int32(rowText.utf8.count))
            step(insert)
        }
        step(commit)
    }

    func run(inserts: Int, batch: Int) {
        for start in stride(from: 0, to: inserts, by: batch) { commit(Int64(start)..<Int64(start + batch)) }
    }

    private func step(_ statement: OpaquePointer) {
        check(sqlite3_step(statement) == SQLITE_DONE, "step")
        sqlite3_reset(statement)
    }

    func close() {
        for statement in [begin, insert, commit] { sqlite3_finalize(statement) }
        sqlite3_close(database)
    }
}
