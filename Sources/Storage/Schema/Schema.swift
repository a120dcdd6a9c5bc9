/// The migrations of the whole program, and how a database is brought to them.
struct Schema {
    private let migrations: [Migration]
    private let location: String
    private var newest: [String: Int] = [:]

    /// - Throws: `statement` when the numbers of a namespace are not 1, 2, 3, … in order: a mistake in the program.
    init(_ migrations: [Migration], at location: String) throws(StorageError) {
        self.migrations = migrations
        self.location = location
        for migration in migrations {
            let expected = newest[migration.namespace, default: 0] + 1
            guard migration.version == expected else {
                throw StorageError(
                    .statement,
                    "migration \(migration.namespace)/\(migration.version) is out of order: \(expected) was expected")
            }
            newest[migration.namespace] = expected
        }
    }

    /// Runs what is missing, all of it or nothing.
    func apply(to connection: any SQLConnection) throws(StorageError) {
        try connection.control(.beginWrite)
        do {
            try connection.run(
                """
                CREATE TABLE IF NOT EXISTS storage_migrations (
                    namespace TEXT NOT NULL, version BIGINT NOT NULL, fingerprint BIGINT NOT NULL,
                    PRIMARY KEY (namespace, version))
                """, [], row: nil)
            let applied = try applied(in: connection)
            try refuseNewer(applied)
            for migration in migrations { try apply(migration, applied, connection) }
            try connection.control(.commit)
        } catch {
            if connection.isInTransaction { try? connection.control(.rollback) }
            throw error
        }
    }

    private func applied(in connection: any SQLConnection) throws(StorageError) -> [String: [Int: Int64]] {
        var rows: [Row] = []
        try connection.run("SELECT namespace, version, fingerprint FROM storage_migrations", []) { row in
            rows.append(row)
            return true
        }
        var applied: [String: [Int: Int64]] = [:]
        for row in rows { applied[try row.text(0), default: [:]][try row.int(1)] = try row.int64(2) }
        return applied
    }

    private func refuseNewer(_ applied: [String: [Int: Int64]]) throws(StorageError) {
        for (namespace, versions) in applied.sorted(by: { $0.key < $1.key }) {
            let known = newest[namespace] ?? 0
            guard let last = versions.keys.max(), last > known else { continue }
            throw StorageError(
                .incompatible,
                "the database \(location) was written by a newer program: its part '\(namespace)' is at version "
                    + "\(last), this program knows \(known). Start the newer program, or use another data directory")
        }
    }

    private func apply(
        _ migration: Migration, _ applied: [String: [Int: Int64]], _ connection: any SQLConnection
    ) throws(StorageError) {
        let name = "\(migration.namespace)/\(migration.version)"
        if let fingerprint = applied[migration.namespace]?[migration.version] {
            guard fingerprint == migration.fingerprint else {
                throw StorageError(
                    .incompatible,
                    "migration \(name) of the database \(location) was another one than this program's. "
                        + "Start the program that made the database, or use another data directory")
            }
            return
        }
        for statement in migration.statements {
            do {
                try connection.run(statement, [], row: nil)
            } catch {
                var failure = error
                failure.message = "migration \(name) failed: \(error.message)"
                throw failure
            }
        }
        try connection.run(
            "INSERT INTO storage_migrations (namespace, version, fingerprint) VALUES ($1, $2, $3)",
            [.text(migration.namespace), .int(migration.version), .integer(migration.fingerprint)], row: nil)
    }
}
