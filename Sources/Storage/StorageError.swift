/// What went wrong in the store, in words for the person who has to mend it.
public struct StorageError: Error, Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        /// The disk (or the database's page limit) is full. Nothing of the batch was written.
        case full
        /// The file is damaged or is no database.
        case corrupt
        /// Another host holds the data directory, or another program the database file.
        case locked
        /// A UNIQUE, NOT NULL, CHECK or FOREIGN KEY rule of the schema was broken.
        case constraint
        /// Too much is waiting, or a lock was not free in time: try again later.
        case busy
        /// The statement took longer than its time limit, or was stopped by closing.
        case interrupted
        /// The operating system could not read, write or open a file.
        case io
        /// The database has been closed.
        case closed
        /// The database was written by a newer or another program.
        case incompatible
        /// A column's value is not of the type asked for, or the column does not exist.
        case type
        /// The SQL text or its parameters are wrong: a mistake in the program.
        case statement
        case `internal`
    }

    public enum Constraint: String, Sendable {
        case unique, primaryKey, foreignKey, notNull, check, other
    }

    public var kind: Kind
    public var message: String
    /// The SQL text, where one statement is at fault.
    public var statement: String?
    /// Which rule was broken, when `kind` is `constraint`.
    public var constraint: Constraint?
    /// The driver's own number (for SQLite the extended result code), 0 when there is none.
    public var code: Int32

    public init(
        _ kind: Kind, _ message: String, statement: String? = nil, constraint: Constraint? = nil, code: Int32 = 0
    ) {
        self.kind = kind
        self.message = message
        self.statement = statement
        self.constraint = constraint
        self.code = code
    }
}

extension StorageError: CustomStringConvertible {
    public var description: String {
        // What is told to whoever starts the host, or has to make room for it, says it all.
        if [.locked, .incompatible, .full, .io, .corrupt].contains(kind) { return message }
        if let statement { return "\(message) [\(kind.rawValue), in: \(statement)]" }
        return "\(message) [\(kind.rawValue)]"
    }
}
