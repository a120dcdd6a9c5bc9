import CSQLite
import Glibc

/// A prepared statement of one connection.
final class SQLiteStatement {
    let handle: OpaquePointer
    let isReadOnly: Bool
    let columns: [String]
    /// The index SQLite gave the parameter `$n`, at position n - 1.
    private let indices: [Int32]
    var isInUse = false
    var lastUse: UInt64 = 0

    init(_ database: OpaquePointer, _ sql: String) throws(StorageError) {
        guard sql.utf8.count < 1_000_000 else { throw StorageError(.statement, "the SQL text is over 1 MB long") }
        var handle: OpaquePointer?
        var rest = 0
        let code = sql.withCString { text in
            var tail: UnsafePointer<CChar>?
            let code = sqlite3_prepare_v3(database, text, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &handle, &tail)
            if let tail { rest = strspn(tail, " \t\r\n;") < strlen(tail) ? 1 : 0 }
            return code
        }
        guard code == SQLITE_OK else { throw StorageError(sqlite: database, code, sql) }
        guard let handle else { throw StorageError(.statement, "the SQL text holds no statement", statement: sql) }
        guard rest == 0 else {
            sqlite3_finalize(handle)
            throw StorageError(.statement, "the SQL text holds more than one statement", statement: sql)
        }
        self.handle = handle
        isReadOnly = sqlite3_stmt_readonly(handle) != 0
        columns = (0..<sqlite3_column_count(handle)).map {
            sqlite3_column_name(handle, $0).map(String.init(cString:)) ?? ""
        }
        let count = sqlite3_bind_parameter_count(handle)
        indices = (1..<count + 1).map { sqlite3_bind_parameter_index(handle, "$\($0)") }
        guard !indices.contains(0) else {
            sqlite3_finalize(handle)
            throw StorageError(.statement, "parameters must be $1 to $\(count), without a gap", statement: sql)
        }
    }

    func finalize() { sqlite3_finalize(handle) }

    func bind(_ parameters: [SQLValue], _ database: OpaquePointer, _ sql: String) throws(StorageError) {
        guard parameters.count == indices.count else {
            throw StorageError(
                .statement, "the statement takes \(indices.count) parameters, \(parameters.count) were given",
                statement: sql)
        }
        for position in parameters.indices {
            let code = bind(parameters[position], at: indices[position])
            guard code == SQLITE_OK else { throw StorageError(sqlite: database, code, sql) }
        }
    }

    private func bind(_ value: SQLValue, at index: Int32) -> Int32 {
        switch value {
        case .null: return sqlite3_bind_null(handle, index)
        case .integer(let number): return sqlite3_bind_int64(handle, index, number)
        case .real(let number): return sqlite3_bind_double(handle, index, number)
        case .text(var text):
            return text.withUTF8 { bytes in
                guard let count = Int32(exactly: bytes.count) else { return SQLITE_TOOBIG }
                guard let start = bytes.baseAddress else { return millrace_bind_text(handle, index, "", 0) }
                return start.withMemoryRebound(to: CChar.self, capacity: bytes.count) {
                    millrace_bind_text(handle, index, $0, count)
                }
            }
        case .blob(let blob):
            return blob.withUnsafeBytes { bytes in
                guard let count = Int32(exactly: bytes.count) else { return SQLITE_TOOBIG }
                guard count > 0 else { return sqlite3_bind_zeroblob(handle, index, 0) }
                return millrace_bind_blob(handle, index, bytes.baseAddress, count)
            }
        }
    }

    func row() -> Row {
        Row(columns: columns, values: (0..<Int32(truncatingIfNeeded: columns.count)).map(column))
    }

    private func column(_ index: Int32) -> SQLValue {
        switch sqlite3_column_type(handle, index) {
        case SQLITE_INTEGER: return .integer(sqlite3_column_int64(handle, index))
        case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, index))
        case SQLITE_TEXT:
            guard let start = sqlite3_column_text(handle, index) else { return .text("") }
            let count = Int(sqlite3_column_bytes(handle, index))
            return .text(String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self))
        case SQLITE_BLOB:
            let count = Int(sqlite3_column_bytes(handle, index))
            guard count > 0, let start = sqlite3_column_blob(handle, index) else { return .blob([]) }
            return .blob(Array(UnsafeRawBufferPointer(start: start, count: count)))
        default: return .null
        }
    }
}
