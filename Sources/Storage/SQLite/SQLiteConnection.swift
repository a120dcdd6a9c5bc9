import CSQLite
import Glibc

/// One SQLite connection with its prepared statements.
final class SQLiteConnection: SQLConnection {
    private let database: OpaquePointer
    private let role: ConnectionRole
    private let options: SQLiteOptions
    private let checkpointer: SQLiteCheckpointer?
    private let synchronizer: SQLiteSynchronizer?
    private var cache = SQLiteStatementCache()
    private var commands: [SQLiteStatement?] = []
    private var isClosed = false
    /// When the running read must stop, in nanoseconds of the monotonic clock; SQLite asks every 10,000 steps.
    private var deadline: UInt64 = .max

    init(
        path: String, role: ConnectionRole, options: SQLiteOptions, checkpointer: SQLiteCheckpointer? = nil,
        synchronizer: SQLiteSynchronizer? = nil
    ) throws(StorageError) {
        database = try Self.open(path, role)
        self.role = role
        self.options = options
        self.checkpointer = checkpointer
        self.synchronizer = synchronizer
        do {
            try configure()
        } catch {
            sqlite3_close_v2(database)
            throw error
        }
    }

    private static func open(_ path: String, _ role: ConnectionRole) throws(StorageError) -> OpaquePointer {
        var handle: OpaquePointer?
        let access = role == .writer ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READWRITE
        let code = sqlite3_open_v2(path, &handle, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        guard code == SQLITE_OK, let handle else {
            let detail = sqlite3_errstr(code).map(String.init(cString:)) ?? "code \(code)"
            sqlite3_close_v2(handle)
            throw StorageError(.io, "the database \(path) cannot be opened: \(detail)", code: code)
        }
        return handle
    }

    private func configure() throws(StorageError) {
        sqlite3_busy_timeout(database, options.busyTimeoutMilliseconds)
        let cache = role == .writer ? options.writerCacheKiB : options.readerCacheKiB
        try pragma("cache_size = -\(cache)")
        try pragma("mmap_size = \(options.mappedBytes)")
        try pragma("temp_store = MEMORY")
        try pragma("foreign_keys = ON")
        switch role {
        case .writer: try configureWriter()
        case .reader: try configureReader()
        }
    }

    private func configureWriter() throws(StorageError) {
        let mode = try pragma("journal_mode = WAL")
        guard mode == .text("wal") else {
            throw StorageError(.io, "the file system of \(path) does not support the write-ahead log (mode \(mode))")
        }
        // Read back, not trusted: a setting that did not take would lose acknowledged work in a power cut.
        let wanted = options.durability.synchronous
        try pragma("synchronous = \(wanted.name)")
        let level = try pragma("synchronous")
        guard level == .integer(wanted.level) else {
            throw StorageError(
                .internal, "SQLite did not take synchronous=\(wanted.name) for \(path): it reads \(level)")
        }
        try pragma("wal_autocheckpoint = 0")
        try pragma("journal_size_limit = \(Int64(options.walLimitPages) * 4096)")
        if options.maximumPages > 0 { try pragma("max_page_count = \(options.maximumPages)") }
        guard let checkpointer else { return }
        sqlite3_wal_hook(
            database,
            { context, _, _, pages in
                if let context {
                    Unmanaged<SQLiteCheckpointer>.fromOpaque(context).takeUnretainedValue().logGrew(to: pages)
                }
                return SQLITE_OK
            }, Unmanaged.passUnretained(checkpointer).toOpaque())
    }

    private func configureReader() throws(StorageError) {
        try pragma("query_only = ON")
        guard options.readLimitMilliseconds > 0 else { return }
        sqlite3_progress_handler(
            database, 10_000,
            { context in
                guard let context else { return 0 }
                let connection = Unmanaged<SQLiteConnection>.fromOpaque(context).takeUnretainedValue()
                return monotonicNanoseconds() > connection.deadline ? 1 : 0
            }, Unmanaged.passUnretained(self).toOpaque())
    }

    var path: String { sqlite3_db_filename(database, "main").map(String.init(cString:)) ?? "" }

    @discardableResult
    func pragma(_ text: String) throws(StorageError) -> SQLValue {
        var answer = SQLValue.null
        try run("PRAGMA \(text)", []) { row in
            answer = row.values.first ?? .null
            return true
        }
        return answer
    }

    var isInTransaction: Bool { sqlite3_get_autocommit(database) == 0 }

    @discardableResult
    func run(_ sql: String, _ parameters: [SQLValue], row: ((Row) -> Bool)?) throws(StorageError) -> Int {
        let statement = try cache.take(sql, database)
        defer {
            sqlite3_reset(statement.handle)
            cache.put(statement)
        }
        try statement.bind(parameters, database, sql)
        if statement.isReadOnly { return try read(statement, sql, row) }
        return try write(statement, sql, row)
    }

    private func read(_ statement: SQLiteStatement, _ sql: String, _ row: ((Row) -> Bool)?) throws(StorageError) -> Int
    {
        while true {
            switch sqlite3_step(statement.handle) {
            case SQLITE_DONE: return 0
            case SQLITE_ROW: if let row, !row(statement.row()) { return 0 }
            case let code: throw StorageError(sqlite: database, code, sql)
            }
        }
    }

    /// A writing statement always runs to its end, also when the reader of its `RETURNING` rows has seen enough.
    private func write(_ statement: SQLiteStatement, _ sql: String, _ row: ((Row) -> Bool)?) throws(StorageError) -> Int
    {
        let before = sqlite3_total_changes64(database)
        var row = row
        while true {
            switch sqlite3_step(statement.handle) {
            case SQLITE_DONE:
                return sqlite3_total_changes64(database) == before ? 0 : Int(sqlite3_changes64(database))
            case SQLITE_ROW:
                if let wanted = row, !wanted(statement.row()) { row = nil }
            case let code: throw StorageError(sqlite: database, code, sql)
            }
        }
    }

    func control(_ command: TransactionCommand) throws(StorageError) {
        if command == .beginRead, options.readLimitMilliseconds > 0 {
            deadline = monotonicNanoseconds() &+ UInt64(options.readLimitMilliseconds) * 1_000_000
        }
        if command == .beginWrite { try synchronizer?.check() }
        let number = command.number
        while commands.count <= number { commands.append(nil) }
        let statement = if let found = commands[number] { found } else { try SQLiteStatement(database, command.sqlite) }
        commands[number] = statement
        try finish(statement, command)
        if command == .commit { synchronizer?.committed() }
        // SQLite keeps the mark it has returned to.
        if case .rollbackTo(let depth) = command { try control(.release(depth: depth)) }
    }

    private func finish(_ statement: SQLiteStatement, _ command: TransactionCommand) throws(StorageError) {
        let code = sqlite3_step(statement.handle)
        guard code != SQLITE_DONE else {
            sqlite3_reset(statement.handle)
            return
        }
        let error = StorageError(sqlite: database, code, command.sqlite)
        sqlite3_reset(statement.handle)
        throw error
    }

    func maintain() {
        guard role == .writer, let checkpointer, checkpointer.takeFinish() else { return }
        sqlite3_wal_checkpoint_v2(database, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
    }

    func close() {
        guard !isClosed else { return }
        isClosed = true
        for statement in commands { statement?.finalize() }
        commands = []
        cache.removeAll()
        sqlite3_close_v2(database)
    }

    deinit { close() }
}

extension TransactionCommand {
    /// Its place among the prepared commands. Transactions nest no more than 100 marks.
    fileprivate var number: Int {
        switch self {
        case .beginWrite: 0
        case .beginRead: 1
        case .commit: 2
        case .rollback: 3
        case .savepoint(let depth): 4 + depth * 3
        case .release(let depth): 5 + depth * 3
        case .rollbackTo(let depth): 6 + depth * 3
        }
    }

    fileprivate var sqlite: String {
        switch self {
        case .beginWrite: "BEGIN IMMEDIATE"
        case .beginRead: "BEGIN"
        case .commit: "COMMIT"
        case .rollback: "ROLLBACK"
        case .savepoint(let depth): "SAVEPOINT s\(depth)"
        case .release(let depth): "RELEASE s\(depth)"
        case .rollbackTo(let depth): "ROLLBACK TO s\(depth)"
        }
    }
}
