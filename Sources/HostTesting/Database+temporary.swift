import Storage

extension Database {
    /// A database for one test: a real SQLite file that does not wait for the disk, in a directory that goes away when
    /// the returned value does.
    ///
    /// ```swift
    /// let temporary = try Database.temporary(schema: Queue.schema)
    /// try await temporary.database.write { … }
    /// ```
    public static func temporary(schema: [Migration], faults: StorageFaults? = nil) throws -> TemporaryDatabase {
        try TemporaryDatabase(schema: schema, faults: faults)
    }
}

/// A database and the directory it lives in. Keep it for as long as the database is used.
public final class TemporaryDatabase: Sendable {
    public let directory: TemporaryDirectory
    public let database: Database

    public init(schema: [Migration], faults: StorageFaults? = nil, durability: Durability = .none) throws {
        directory = try TemporaryDirectory("database")
        var options = SQLiteOptions()
        options.durability = durability
        let driver = try SQLiteDriver(directory: directory.path, options: options)
        let wrapped: any SQLDriver = if let faults { FaultInjectingDriver(driver, faults) } else { driver }
        database = try Database(wrapped, schema: schema)
    }
}
