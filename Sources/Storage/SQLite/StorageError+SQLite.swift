import CSQLite

extension StorageError {
    /// The error a call on this connection just returned.
    init(sqlite database: OpaquePointer?, _ code: Int32, _ sql: String? = nil) {
        let extended = database.map(sqlite3_extended_errcode) ?? code
        // A code SQLite did not store (a failed bind, say) is reported as it came.
        let number = extended & 0xFF == code & 0xFF ? extended : code
        let detail =
            database.flatMap { sqlite3_errmsg($0) }.map(String.init(cString:))
            ?? sqlite3_errstr(code).map(String.init(cString:)) ?? "SQLite error \(code)"
        let path = database.flatMap { sqlite3_db_filename($0, "main") }.map(String.init(cString:)) ?? ""
        let file = path.isEmpty ? "the database" : "the database \(path)"
        let kind = Self.kind(number)
        let message =
            switch kind {
            case .full: "\(file) cannot grow: the disk is full. Free some space; what was acknowledged is safe"
            case .corrupt: "\(file) is damaged or not a database (\(detail)). Restore it from a backup"
            case .locked, .busy: "\(file) is locked by another program (\(detail))"
            case .io: "\(file) could not be read or written (\(detail), code \(number))"
            case .interrupted: "the statement was stopped: it ran longer than it may, or the database is closing"
            default: detail
            }
        self.init(kind, message, statement: sql, constraint: Self.constraint(number), code: number)
    }

    private static func kind(_ code: Int32) -> Kind {
        switch code & 0xFF {
        case SQLITE_FULL: .full
        case SQLITE_CORRUPT, SQLITE_NOTADB: .corrupt
        case SQLITE_BUSY: .busy
        case SQLITE_LOCKED: .locked
        case SQLITE_CONSTRAINT: .constraint
        case SQLITE_INTERRUPT: .interrupted
        case SQLITE_IOERR, SQLITE_CANTOPEN, SQLITE_PERM, SQLITE_READONLY, SQLITE_NOLFS: .io
        case SQLITE_ERROR, SQLITE_MISUSE, SQLITE_RANGE, SQLITE_TOOBIG, SQLITE_MISMATCH, SQLITE_SCHEMA: .statement
        default: .internal
        }
    }

    private static func constraint(_ code: Int32) -> Constraint? {
        guard code & 0xFF == SQLITE_CONSTRAINT else { return nil }
        switch code >> 8 {
        case 8, 10: return .unique  // SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_ROWID
        case 6: return .primaryKey
        case 3: return .foreignKey
        case 5: return .notNull
        case 1: return .check
        default: return .other
        }
    }
}
