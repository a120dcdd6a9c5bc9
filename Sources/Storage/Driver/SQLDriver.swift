/// A kind of database. Adding one means implementing this and `SQLConnection`, and passing the driver conformance suite.
public protocol SQLDriver: Sendable {
    /// What to call the database in messages, such as its path.
    var location: String { get }

    /// Opens one connection. The writer is opened first, and once.
    func connect(_ role: ConnectionRole) throws(StorageError) -> any SQLConnection

    /// Called once, after every connection has been closed.
    func shutdown()
}

public enum ConnectionRole: Sendable {
    case writer, reader
}

/// One session with the database. Used by one thread at a time, so it needs no lock; it may be handed to another thread
/// between calls.
public protocol SQLConnection: AnyObject {
    /// Runs one statement to its end and returns how many rows it inserted, updated or deleted.
    ///
    /// - Parameters:
    ///   - sql: one statement; parameters are written `$1`, `$2`, …
    ///   - parameters: the value of `$1` first. Exactly as many as the statement names.
    ///   - row: gets each row of the result; `false` stops reading.
    @discardableResult
    func run(_ sql: String, _ parameters: [SQLValue], row: ((Row) -> Bool)?) throws(StorageError) -> Int

    /// Begins, ends or marks a transaction. Cheap: drivers keep these prepared.
    func control(_ command: TransactionCommand) throws(StorageError)

    /// Whether a transaction is open. Some errors (a full disk) end it on their own.
    var isInTransaction: Bool { get }

    /// Housekeeping between transactions, such as moving the write-ahead log back; must not take long.
    func maintain()

    func close()
}

public enum TransactionCommand: Sendable, Hashable {
    /// A transaction that takes the write lock at once.
    case beginWrite
    /// A transaction that sees one snapshot and writes nothing.
    case beginRead
    case commit
    case rollback
    /// Marks a point to return to; marks nest, `depth` counts from 0.
    case savepoint(depth: Int)
    /// Forgets the mark and keeps what was done since.
    case release(depth: Int)
    /// Undoes what was done since the mark, and forgets the mark.
    case rollbackTo(depth: Int)
}
