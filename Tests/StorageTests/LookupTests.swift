import Glibc
import HostTesting
import Storage
import Testing

@Suite(.timeLimit(.minutes(1))) struct LookupTests {
    @Test func findsWhatIsCommittedOnTheCallersThread() async throws {
        let temporary = try Database.temporary(schema: counters)
        for number in 0..<100 {
            try await temporary.database.write { try insert("n", number, $0) }
            let found = try await temporary.database.lookup { transaction in
                try transaction.first("SELECT value FROM counters WHERE name = $1", "n")?.int(0)
            }
            #expect(found == number)
            try await temporary.database.write { _ = try $0.execute("DELETE FROM counters") }
        }
        let (outside, inside) = try await Self.threads(temporary.database)
        #expect(outside == inside)
    }

    /// Without a suspension in between, a task stays on its thread.
    private static func threads(_ database: Database) async throws -> (outside: pthread_t, inside: pthread_t) {
        let outside = pthread_self()
        return (outside, try await database.lookup { _ in pthread_self() })
    }

    /// Those who find no connection free wait for the readers.
    @Test func anyNumberLookUpAtTheSameTime() async throws {
        let temporary = try Database.temporary(schema: counters)
        try await temporary.database.write { transaction in
            for number in 0..<100 { try insert("n\(number)", number, transaction) }
        }
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<5000 {
                group.addTask {
                    let row = try await temporary.database.lookup { transaction in
                        try transaction.first(
                            "SELECT value FROM counters WHERE name = $1", .text("n\(number % 100)"))
                    }
                    return try #require(row).int(0)
                }
            }
            return try await group.reduce(0, +)
        }
        #expect(sum == 50 * 4950)
    }

    @Test func errorsComeOutAndTheConnectionStaysGood() async throws {
        let temporary = try Database.temporary(schema: counters)
        for number in 0..<10 {
            await #expect(throws: Refused(number: number)) {
                try await temporary.database.lookup { _ -> Int in throw Refused(number: number) }
            }
            await #expect(throws: StorageError.self) {
                try await temporary.database.lookup { try insert("n", 1, $0) }
            }
        }
        #expect(try await temporary.database.lookup { _ in 1 } == 1)
    }

    @Test func aClosedDatabaseSaysSo() async throws {
        let temporary = try Database.temporary(schema: counters)
        _ = try await temporary.database.lookup { _ in 1 }
        await temporary.database.close()
        let error = await #expect(throws: StorageError.self) { try await temporary.database.lookup { _ in 1 } }
        #expect(error?.kind == .closed)
    }
}
