import HostTesting
import Testing

@testable import Storage

@Suite(.timeLimit(.minutes(1))) struct MailboxTests {
    /// How the elements of a long queue are taken; all come out, in order.
    @Test(arguments: [[1], [1000], [1, 700], [3, 1, 5000]]) func everythingComesOutInOrder(_ limits: [Int]) {
        let mailbox = Mailbox<Int>(capacity: 20_000)
        var taken: [Int] = []
        for number in 0..<10_000 { _ = mailbox.offer(number) }
        for round in 0..<5000 {
            taken += mailbox.take(limit: limits[round % limits.count]) ?? []
            _ = mailbox.offer(10_000 + round)
        }
        mailbox.close()
        #expect(mailbox.offer(1) == .closed)
        while let rest = mailbox.take(limit: 100) { taken += rest }
        #expect(taken == Array(0..<15_000))
    }

    @Test func itIsBounded() {
        let mailbox = Mailbox<Int>(capacity: 2)
        #expect([mailbox.offer(1), mailbox.offer(2), mailbox.offer(3)] == [.accepted, .accepted, .full])
        #expect(mailbox.take() == 1)
        #expect(mailbox.offer(3) == .accepted)
        #expect(mailbox.count == 2)
    }

    @Test func itWaitsNoLongerThanTold() {
        let mailbox = Mailbox<Int>(capacity: 10)
        _ = mailbox.offer(1)
        #expect(mailbox.take(limit: 5, atLeast: 3, until: monotonicNanoseconds() + 1_000_000) == [1])
        #expect(mailbox.take(limit: 5, atLeast: 3, until: 0).isEmpty)
        for number in 0..<4 { _ = mailbox.offer(number) }
        #expect(mailbox.take(limit: 3, atLeast: 2, until: .max / 2) == [0, 1, 2])
    }

    /// What batches were like, and whether the writer waits for company next.
    @Test func oneCallerAloneNeverWaits() {
        var gathering = Gathering(limit: 500_000)
        for _ in 0..<10 {
            gathering.committed(1, nanoseconds: 1_000_000, waiting: 0)
            #expect(gathering.expected == 1)
        }
        gathering.committed(32, nanoseconds: 1_000_000, waiting: 32)
        #expect(gathering.expected == 64 && gathering.patience == 500_000)
        gathering.committed(60, nanoseconds: 200_000, waiting: 4)
        #expect(gathering.expected == 64 && gathering.patience == 100_000)
        // Company that does not come is not waited for again at once.
        gathering.committed(2, nanoseconds: 200_000, waiting: 0)
        #expect(gathering.expected == 1)
    }

    @Test func aDatabaseThatIsDroppedLetsGoOfItsDirectory() async throws {
        let directory = try TemporaryDirectory()
        for number in 0..<5 {
            // The threads end a moment after the last reference has gone.
            let database = try await openWhenFree(directory.path)
            try await database.write { try insert("n\(number)", number, $0) }
        }
    }

    private func openWhenFree(_ directory: String) async throws -> Database {
        while true {
            do {
                return try Database(SQLiteDriver(directory: directory), schema: counters)
            } catch {
                guard error.kind == .locked else { throw error }
            }
            await Task.yield()
        }
    }

    final class Counters: CommitSums {
        let written = Recorder<[String: Int64]>()

        func write(_ sums: [String: Int64], in transaction: Transaction) throws {
            written.record(sums)
            for (name, sum) in sums { try insert(name, Int(sum), transaction) }
        }
    }

    @Test func countersAreWrittenOncePerCommit() async throws {
        let temporary = try Database.temporary(schema: counters)
        let sums = Counters()
        try await temporary.database.write { transaction in
            for _ in 0..<5 { transaction.add(2, to: "a", of: sums) }
            transaction.add(-3, to: "b", of: sums)
        }
        #expect(sums.written.recorded == [["a": 10, "b": -3]])
        await #expect(throws: StorageError.self) {
            try await temporary.database.write { transaction in
                transaction.add(.max, to: "c", of: sums)
                transaction.add(1, to: "c", of: sums)
            }
        }
        #expect(try await count(temporary.database) == 2)
    }
}
