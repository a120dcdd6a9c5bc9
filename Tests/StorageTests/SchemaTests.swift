import HostTesting
import Storage
import Testing

@Suite struct SchemaTests {
    private static let first = Migration("shop", 1, ["CREATE TABLE shop_items (id BIGINT PRIMARY KEY)"])
    private static let second = Migration("shop", 2, ["ALTER TABLE shop_items ADD COLUMN name TEXT"])
    private static let other = Migration("log", 1, ["CREATE TABLE log_lines (id BIGINT PRIMARY KEY)"])

    private func open(_ directory: TemporaryDirectory, _ schema: [Migration]) async throws {
        let database = try Database(SQLiteDriver(directory: directory.path), schema: schema)
        for migration in schema {
            let table = migration.namespace == "log" ? "log_lines" : "shop_items"
            _ = try await database.read { try $0.query("SELECT * FROM \(table)") }
        }
        await database.close()
    }

    /// Schemas a database is opened with one after another; all work.
    @Test(arguments: [
        [[first]], [[first], [first]], [[first], [first, second]], [[first], [first, second, other]],
        [[other], [other, first, second]], [[], [first]],
        [[first], [Migration("shop", 1, ["CREATE  TABLE shop_items\n  (id BIGINT PRIMARY KEY)"])]],
    ])
    func growing(_ schemas: [[Migration]]) async throws {
        let directory = try TemporaryDirectory()
        for schema in schemas { try await open(directory, schema) }
    }

    /// What an open database is opened with next, the kind of error, and what the message says.
    @Test(arguments: [
        ([first], StorageError.Kind.incompatible, "its part 'shop' is at version 2, this program knows 1"),
        ([], .incompatible, "its part 'shop' is at version 2, this program knows 0"),
        ([Migration("shop", 1, ["CREATE TABLE shop_items (id TEXT)"]), second], .incompatible, "migration shop/1"),
        ([second], .statement, "migration shop/2 is out of order: 1 was expected"),
        ([first, second, second], .statement, "migration shop/2 is out of order: 3 was expected"),
        ([first, second, Migration("bad", 1, ["CREATE TABLE"])], .statement, "migration bad/1 failed"),
    ])
    func refused(_ schema: [Migration], _ kind: StorageError.Kind, _ message: String) async throws {
        let directory = try TemporaryDirectory()
        try await open(directory, [Self.first, Self.second])
        let error = #expect(throws: StorageError.self) {
            try Database(SQLiteDriver(directory: directory.path), schema: schema)
        }
        #expect(error?.kind == kind)
        #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
        try await open(directory, [Self.first, Self.second])
    }

    @Test func aFailingMigrationLeavesNothingBehind() async throws {
        let directory = try TemporaryDirectory()
        let broken = Migration("late", 1, ["CREATE TABLE late_rows (id BIGINT)", "INSERT INTO nowhere VALUES (1)"])
        #expect(throws: StorageError.self) {
            try Database(SQLiteDriver(directory: directory.path), schema: [Self.first, broken])
        }
        let database = try Database(SQLiteDriver(directory: directory.path), schema: [])
        let tables = try await database.read {
            try $0.query("SELECT name FROM sqlite_master WHERE type = 'table'").map { try $0.text(0) }
        }
        #expect(tables == ["storage_migrations"])
        await database.close()
    }
}
