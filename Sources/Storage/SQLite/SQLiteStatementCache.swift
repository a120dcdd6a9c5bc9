/// The prepared statements of one connection, by their text. Beyond its capacity the least recently used half goes.
struct SQLiteStatementCache {
    private var statements: [String: SQLiteStatement] = [:]
    private var latest: (sql: String, statement: SQLiteStatement)?
    private var clock: UInt64 = 0
    private let capacity = 256

    /// The statement, marked as in use. A text that is being read already gets a second statement outside the cache.
    mutating func take(_ sql: String, _ database: OpaquePointer) throws(StorageError) -> SQLiteStatement {
        clock += 1
        // The same literal again compares by its address, which is much cheaper than hashing it.
        if let latest, !latest.statement.isInUse, latest.sql == sql {
            latest.statement.isInUse = true
            latest.statement.lastUse = clock
            return latest.statement
        }
        if let found = statements[sql], !found.isInUse {
            found.isInUse = true
            found.lastUse = clock
            latest = (sql, found)
            return found
        }
        let isNested = statements[sql] != nil
        let made = try SQLiteStatement(database, sql)
        made.isInUse = true
        made.lastUse = isNested ? 0 : clock
        if !isNested {
            if statements.count >= capacity { evict() }
            statements[sql] = made
        }
        return made
    }

    /// Gives a statement back after it was reset.
    func put(_ statement: SQLiteStatement) {
        statement.isInUse = false
        if statement.lastUse == 0 { statement.finalize() }
    }

    private mutating func evict() {
        latest = nil
        let ages = statements.values.map(\.lastUse).sorted()
        let limit = ages[ages.count / 2]
        for (sql, statement) in statements where statement.lastUse < limit && !statement.isInUse {
            statement.finalize()
            statements[sql] = nil
        }
    }

    mutating func removeAll() {
        latest = nil
        for statement in statements.values { statement.finalize() }
        statements = [:]
    }
}
