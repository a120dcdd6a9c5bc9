import CSQLite
import Glibc
import Synchronization

/// The embedded store: one SQLite file in a data directory that belongs to one host at a time.
public final class SQLiteDriver: SQLDriver {
    /// `Mill` in ASCII: what the file's header says it is.
    static let applicationID: Int64 = 0x4D69_6C6C
    /// The layout of the file itself, as opposed to the modules' schemas.
    static let fileVersion: Int64 = 1

    public let location: String
    private let options: SQLiteOptions
    private let lock: DirectoryLock
    private let checkpointer: SQLiteCheckpointer
    let synchronizer: SQLiteSynchronizer?

    /// Locks the data directory, making it when it is missing, and names the file in it.
    public init(directory: String, file: String = "millrace.db", options: SQLiteOptions = SQLiteOptions())
        throws(StorageError)
    {
        Self.configureLibrary
        lock = try DirectoryLock(directory)
        location = directory.hasSuffix("/") ? directory + file : "\(directory)/\(file)"
        self.options = options
        checkpointer = SQLiteCheckpointer(path: location, options: options)
        synchronizer = options.durability == .second ? SQLiteSynchronizer(database: location) : nil
    }

    /// Once a process; it changes nothing when another part of the process has used SQLite already.
    private static let configureLibrary: Void = { _ = millrace_leave_memory_uncounted() }()

    public func connect(_ role: ConnectionRole) throws(StorageError) -> any SQLConnection {
        guard role == .writer else { return try SQLiteConnection(path: location, role: role, options: options) }
        let connection = try SQLiteConnection(
            path: location, role: role, options: options, checkpointer: checkpointer, synchronizer: synchronizer)
        try identify(connection)
        try checkpointer.start()
        try synchronizer?.start()
        return connection
    }

    public func shutdown() {
        checkpointer.stop()
        synchronizer?.stop()
        lock.release()
    }

    /// Marks a new file as ours, and refuses one that is another program's or a newer one's.
    private func identify(_ connection: SQLiteConnection) throws(StorageError) {
        let identity = try connection.pragma("application_id")
        let version = try connection.pragma("user_version")
        if identity == .integer(0), version == .integer(0) {
            var tables = 0
            try connection.run("SELECT 1 FROM sqlite_master LIMIT 1", []) { _ in
                tables += 1
                return true
            }
            guard tables == 0 else { throw foreign() }
            try connection.pragma("application_id = \(Self.applicationID)")
            try connection.pragma("user_version = \(Self.fileVersion)")
            return
        }
        guard identity == .integer(Self.applicationID) else { throw foreign() }
        guard case .integer(let found) = version, found <= Self.fileVersion else {
            throw StorageError(
                .incompatible,
                "the database \(location) was written by a newer program (file version \(version)). Start that program")
        }
    }

    private func foreign() -> StorageError {
        StorageError(
            .incompatible, "\(location) is a database of another program. Name another data directory or move the file")
    }
}
