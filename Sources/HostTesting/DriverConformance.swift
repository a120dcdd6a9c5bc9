import Storage

/// What every driver must do, as cases that any test target runs over a driver of its own:
///
/// ```swift
/// @Test(arguments: DriverConformance.cases)
/// func conforms(_ conformance: DriverConformance) async throws {
///     let directory = try TemporaryDirectory()
///     try conformance.run(SQLiteDriver(directory: directory.path))
/// }
/// ```
///
/// A case throws a ``ConformanceFailure`` that says what was expected.
public struct DriverConformance: Sendable, CustomStringConvertible {
    public let name: String
    private let body: @Sendable (any SQLConnection, any SQLConnection) throws -> Void

    public var description: String { name }

    /// Runs the case on a new, empty database, and shuts the driver down.
    public func run(_ driver: any SQLDriver) throws {
        defer { driver.shutdown() }
        let writer = try driver.connect(.writer)
        defer { writer.close() }
        try transact(writer) {
            try writer.run(
                """
                CREATE TABLE conformance (id BIGINT PRIMARY KEY, name TEXT NOT NULL UNIQUE, number BIGINT,
                    amount DOUBLE PRECISION, bytes BYTEA, CHECK (number IS NULL OR number < 1000000))
                """, [], row: nil)
            try writer.run(
                "CREATE TABLE conformance_parts (id BIGINT PRIMARY KEY, owner BIGINT NOT NULL REFERENCES conformance (id))",
                [], row: nil)
        }
        let reader = try driver.connect(.reader)
        defer { reader.close() }
        try body(writer, reader)
    }

    public static let cases: [DriverConformance] = values + statements + transactions
}

public struct ConformanceFailure: Error, CustomStringConvertible {
    public let description: String
}

func expect(_ condition: Bool, _ what: @autoclosure () -> String) throws {
    guard condition else { throw ConformanceFailure(description: what()) }
}

func expectError(_ kind: StorageError.Kind, _ what: String, _ body: () throws -> Void) throws {
    do {
        try body()
    } catch let error as StorageError {
        try expect(error.kind == kind, "\(what): an error of kind \(kind) was expected, it was: \(error)")
        return
    }
    throw ConformanceFailure(description: "\(what): an error of kind \(kind) was expected, there was none")
}

func transact(_ connection: any SQLConnection, _ body: () throws -> Void) throws {
    try connection.control(.beginWrite)
    try body()
    try connection.control(.commit)
}

extension SQLConnection {
    func rows(_ sql: String, _ parameters: [SQLValue] = []) throws -> [[SQLValue]] {
        var rows: [[SQLValue]] = []
        try run(sql, parameters) { row in
            rows.append(row.values)
            return true
        }
        return rows
    }

    func insert(_ id: Int, _ name: String, _ number: SQLValue = .null) throws {
        try run(
            "INSERT INTO conformance (id, name, number) VALUES ($1, $2, $3)", [.int(id), .text(name), number], row: nil)
    }
}

extension DriverConformance {
    private static let values: [DriverConformance] = [
        DriverConformance(name: "every value comes back as it went in") { writer, _ in
            let texts = ["", "plain", "quote ' \" \\", "nul-free ünïcödé 🐎", String(repeating: "long", count: 50_000)]
            let numbers: [Int64] = [0, 1, -1, 999_999, .min, -4_294_967_297]
            let blobs: [[UInt8]] = [[], [0], Array(0...255), [UInt8](repeating: 7, count: 100_000)]
            let amounts: [Double] = [0, 0.1, -1.5e300, .leastNonzeroMagnitude, 1]
            try transact(writer) {
                for (id, text) in texts.enumerated() {
                    let values: [SQLValue] = [
                        .int(id), .text("\(id)" + text), .integer(numbers[id]), .real(amounts[id]),
                        .blob(blobs[id % blobs.count]),
                    ]
                    try writer.run(
                        "INSERT INTO conformance (id, name, number, amount, bytes) VALUES ($1, $2, $3, $4, $5)", values,
                        row: nil)
                    let read = try writer.rows(
                        "SELECT id, name, number, amount, bytes FROM conformance WHERE id = $1", [.int(id)])
                    try expect(read == [values], "row \(id) came back as \(read.description.prefix(200))")
                }
            }
        },
        DriverConformance(name: "null stays null") { writer, _ in
            try transact(writer) { try writer.insert(1, "a") }
            let read = try writer.rows("SELECT number, amount, bytes FROM conformance")
            try expect(read == [[.null, .null, .null]], "nulls came back as \(read)")
        },
        DriverConformance(name: "a parameter may be used twice and in any order") { writer, _ in
            try transact(writer) { try writer.insert(1, "a", 5) }
            let read = try writer.rows(
                "SELECT id FROM conformance WHERE name = $2 AND number = $1 AND number <= $1", [5, "a"])
            try expect(read == [[1]], "the row was not found: \(read)")
        },
    ]

    private static let statements: [DriverConformance] = [
        DriverConformance(name: "the count of changed rows") { writer, _ in
            try transact(writer) {
                for id in 1...5 { try writer.insert(id, "\(id)", .int(id)) }
                let counts = [
                    try writer.run("UPDATE conformance SET number = 0 WHERE id > $1", [2], row: nil),
                    try writer.run("UPDATE conformance SET number = 0 WHERE id > $1", [100], row: nil),
                    try writer.run("SELECT id FROM conformance", [], row: nil),
                    try writer.run("DELETE FROM conformance WHERE id < $1", [3], row: nil),
                ]
                try expect(counts == [3, 0, 0, 2], "changed rows were \(counts)")
            }
        },
        DriverConformance(name: "upsert returns the row") { writer, _ in
            let upsert = """
                INSERT INTO conformance (id, name, number) VALUES ($1, $2, $3)
                ON CONFLICT (id) DO UPDATE SET number = conformance.number + excluded.number RETURNING number
                """
            try transact(writer) {
                let first = try writer.rows(upsert, [1, "a", 5])
                let second = try writer.rows(upsert, [1, "a", 7])
                try expect(first == [[5]] && second == [[12]], "the counter went \(first), \(second)")
            }
        },
        DriverConformance(name: "work is claimed in order, and all of it though the reader stops") { writer, _ in
            try transact(writer) {
                for id in 1...5 { try writer.insert(id, "\(id)", 0) }
                var seen = 0
                let changed = try writer.run(
                    """
                    UPDATE conformance SET number = 1 WHERE id IN
                    (SELECT id FROM conformance WHERE number = 0 ORDER BY id LIMIT $1) RETURNING id
                    """, [3]
                ) { _ in
                    seen += 1
                    return false
                }
                let left = try writer.rows("SELECT id FROM conformance WHERE number = 0 ORDER BY id")
                try expect(
                    seen == 1 && changed == 3 && left == [[4], [5]], "\(seen) seen, \(changed) claimed, \(left)")
            }
        },
        DriverConformance(name: "one statement may run inside the rows of the same one") { writer, _ in
            try transact(writer) { for id in 1...3 { try writer.insert(id, "\(id)") } }
            var count = 0
            try writer.run("SELECT id FROM conformance ORDER BY id", []) { _ in
                _ = try? writer.run("SELECT id FROM conformance ORDER BY id", []) { _ in
                    count += 1
                    return true
                }
                return true
            }
            try expect(count == 9, "\(count) inner rows, 9 were expected")
        },
        DriverConformance(name: "mistakes in statements are named") { writer, _ in
            try expectError(.statement, "an unknown table") { _ = try writer.rows("SELECT 1 FROM nowhere") }
            try expectError(.statement, "bad syntax") { _ = try writer.rows("SELEC 1") }
            try expectError(.statement, "too few parameters") { _ = try writer.rows("SELECT $1, $2", [1]) }
            try expectError(.statement, "too many parameters") { _ = try writer.rows("SELECT $1", [1, 2]) }
            try expectError(.statement, "two statements") { _ = try writer.rows("SELECT 1; SELECT 2") }
            try expectError(.statement, "no statement") { _ = try writer.rows("  ") }
        },
        DriverConformance(name: "broken rules are told apart") { writer, _ in
            try transact(writer) { try writer.insert(1, "a") }
            let cases: [(StorageError.Constraint, String, [SQLValue])] = [
                (.unique, "INSERT INTO conformance (id, name) VALUES ($1, $2)", [2, "a"]),
                (.primaryKey, "INSERT INTO conformance (id, name) VALUES ($1, $2)", [1, "b"]),
                (.notNull, "INSERT INTO conformance (id, name) VALUES ($1, $2)", [2, nil]),
                (.check, "INSERT INTO conformance (id, name, number) VALUES ($1, $2, $3)", [2, "b", 1_000_000]),
                (.foreignKey, "INSERT INTO conformance_parts (id, owner) VALUES ($1, $2)", [1, 77]),
            ]
            for (constraint, sql, parameters) in cases {
                do throws(StorageError) {
                    try writer.run(sql, parameters, row: nil)
                } catch {
                    let isRight = error.kind == .constraint && error.constraint == constraint
                    try expect(isRight, "\(constraint) was expected, it was \(error.constraint as Any): \(error)")
                    continue
                }
                throw ConformanceFailure(description: "the rule \(constraint) was not enforced")
            }
        },
    ]

    private static let transactions: [DriverConformance] = [
        DriverConformance(name: "a rollback undoes everything") { writer, _ in
            try writer.control(.beginWrite)
            try writer.insert(1, "a")
            try expect(writer.isInTransaction, "the transaction is not open")
            try writer.control(.rollback)
            try expect(!writer.isInTransaction, "the transaction is still open")
            let read = try writer.rows("SELECT id FROM conformance")
            try expect(read.isEmpty, "\(read) stayed")
        },
        DriverConformance(name: "marks nest, and each undoes its own part") { writer, _ in
            try transact(writer) {
                try writer.control(.savepoint(depth: 0))
                try writer.insert(1, "kept")
                try writer.control(.savepoint(depth: 1))
                try writer.insert(2, "undone")
                try writer.control(.rollbackTo(depth: 1))
                try writer.insert(3, "kept too")
                try writer.control(.release(depth: 0))
                try writer.control(.savepoint(depth: 0))
                try writer.insert(4, "undone as well")
                try writer.control(.rollbackTo(depth: 0))
                try writer.control(.savepoint(depth: 0))
                try writer.control(.release(depth: 0))
            }
            let read = try writer.rows("SELECT id FROM conformance ORDER BY id")
            try expect(read == [[1], [3]], "rows 1 and 3 were expected: \(read)")
        },
        DriverConformance(name: "a reader sees one moment, and the next one after that") { writer, reader in
            try transact(writer) { try writer.insert(1, "a") }
            try reader.control(.beginRead)
            let before = try reader.rows("SELECT id FROM conformance")
            try transact(writer) { try writer.insert(2, "b") }
            let during = try reader.rows("SELECT id FROM conformance")
            try reader.control(.rollback)
            try reader.control(.beginRead)
            let after = try reader.rows("SELECT id FROM conformance")
            try reader.control(.rollback)
            try expect([before.count, during.count, after.count] == [1, 1, 2], "\(before) \(during) \(after)")
        },
        DriverConformance(name: "a reader cannot write") { _, reader in
            try reader.control(.beginRead)
            do {
                try reader.insert(1, "a")
            } catch {
                try reader.control(.rollback)
                return
            }
            throw ConformanceFailure(description: "a reading connection wrote a row")
        },
        DriverConformance(name: "a deep backlog of statements keeps the cache bounded and right") { writer, _ in
            try transact(writer) { try writer.insert(1, "a") }
            for round in 0..<700 {
                let read = try writer.rows("SELECT id + \(round) FROM conformance")
                try expect(read == [[.int(1 + round)]], "statement \(round) answered \(read)")
            }
        },
    ]
}
