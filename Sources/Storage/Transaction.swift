/// What a closure given to ``Database/write(_:)`` or ``Database/read(_:)`` works with. It is valid until the closure
/// returns and belongs to the thread the closure runs on.
///
/// SQL is the dialect that SQLite and PostgreSQL share: `$1` parameters, `ON CONFLICT … DO UPDATE … RETURNING`, no
/// server-side clocks or randomness. Prefer `ON CONFLICT` to catching a constraint error: where a statement failed,
/// PostgreSQL lets nothing but a rollback follow (use ``savepoint(_:)`` to survive one).
public final class Transaction {
    let connection: any SQLConnection
    private(set) var commitActions: [@Sendable () -> Void] = []
    var pendingSums: [any AnyPendingSums] = []
    private var depth = 1
    private var isOver = false

    init(_ connection: any SQLConnection) { self.connection = connection }

    /// Runs a statement and returns how many rows it changed.
    @discardableResult
    public func execute(_ sql: String, _ parameters: SQLValue...) throws(StorageError) -> Int {
        try execute(sql, parameters)
    }

    @discardableResult
    public func execute(_ sql: String, _ parameters: [SQLValue]) throws(StorageError) -> Int {
        try run(sql, parameters, row: nil)
    }

    /// Every row of the result. Bound it with `LIMIT`, or use ``forEach(_:_:_:)``.
    public func query(_ sql: String, _ parameters: SQLValue...) throws(StorageError) -> [Row] {
        try query(sql, parameters)
    }

    public func query(_ sql: String, _ parameters: [SQLValue]) throws(StorageError) -> [Row] {
        var rows: [Row] = []
        try run(sql, parameters) { row in
            rows.append(row)
            return true
        }
        return rows
    }

    /// The first row of the result, if there is one. An `INSERT … RETURNING` is run to its end.
    public func first(_ sql: String, _ parameters: SQLValue...) throws(StorageError) -> Row? {
        try first(sql, parameters)
    }

    public func first(_ sql: String, _ parameters: [SQLValue]) throws(StorageError) -> Row? {
        var found: Row?
        try run(sql, parameters) { row in
            if found == nil { found = row }
            return false
        }
        return found
    }

    /// Reads a result row by row, without holding all of it. The closure may run other statements.
    public func forEach(_ sql: String, _ parameters: [SQLValue] = [], _ body: (Row) throws -> Void) throws {
        var failure: (any Error)?
        // The optional closure of the driver counts as escaping, though no driver keeps it.
        _ = try withoutActuallyEscaping(body) { body in
            try run(sql, parameters) { row in
                do {
                    try body(row)
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
        }
        if let failure { throw failure }
    }

    /// Has the action run once this transaction is on disk, in order, on the writer's thread, before the caller of
    /// `write` resumes. It must be quick and must not wait. Dropped when the transaction fails. Read transactions run
    /// it at their end.
    public func afterCommit(_ action: @escaping @Sendable () -> Void) { commitActions.append(action) }

    /// Runs the closure as a part that can fail alone: when it throws, what it did is undone and the error passed on.
    public func savepoint<Value>(_ body: () throws -> Value) throws -> Value {
        try checkUsable()
        let mark = depth
        guard mark < 100 else { throw StorageError(.statement, "savepoints are nested more than 100 deep") }
        let actions = commitActions.count
        let sums = pendingSums.map(\.count)
        try connection.control(.savepoint(depth: mark))
        depth += 1
        defer { depth -= 1 }
        do {
            let value = try body()
            try connection.control(.release(depth: mark))
            return value
        } catch {
            commitActions.removeSubrange(min(actions, commitActions.count)...)
            for (place, pending) in pendingSums.enumerated() {
                pending.truncate(to: place < sums.count ? sums[place] : 0)
            }
            if connection.isInTransaction { try connection.control(.rollbackTo(depth: mark)) }
            throw error
        }
    }

    func end() { isOver = true }

    @discardableResult
    private func run(_ sql: String, _ parameters: [SQLValue], row: ((Row) -> Bool)?) throws(StorageError) -> Int {
        try checkUsable()
        return try connection.run(sql, parameters, row: row)
    }

    private func checkUsable() throws(StorageError) {
        guard !isOver else { throw StorageError(.internal, "the transaction was used after its closure returned") }
        guard connection.isInTransaction else {
            throw StorageError(.internal, "the transaction was ended by an earlier error")
        }
    }
}
