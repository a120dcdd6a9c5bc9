import Glibc
import HostTesting
import Testing

@testable import Storage

/// Commits that the disk follows.
@Suite(.timeLimit(.minutes(1))) struct SynchronizerTests {
    @Test func theDiskFollowsCommits() async throws {
        let directory = try TemporaryDirectory()
        var options = SQLiteOptions()
        options.durability = .second
        let driver = try SQLiteDriver(directory: directory.path, options: options)
        let database = try Database(driver, schema: counters)
        for number in 0..<20 { try await database.write { try insert("\(number)", number, $0) } }
        let synchronizer = try #require(driver.synchronizer)
        // It does not wait for its second to pass.
        synchronizer.stop()
        #expect(synchronizer.synchronizations > 0)
        try synchronizer.check()
        await database.close()
    }

    @Test func aDiskThatFailsStopsWrites() async throws {
        let directory = try TemporaryDirectory()
        let synchronizer = SQLiteSynchronizer(database: "\(directory.path)/missing")
        try synchronizer.start()
        synchronizer.committed()
        synchronizer.stop()
        let error = #expect(throws: StorageError.self) { try synchronizer.check() }
        #expect(error?.kind == .io)

        let connection = try SQLiteConnection(
            path: "\(directory.path)/file.db", role: .writer, options: SQLiteOptions(), synchronizer: synchronizer)
        defer { connection.close() }
        #expect(throws: StorageError.self) { try connection.control(.beginWrite) }
        #expect(!connection.isInTransaction)
    }
}
