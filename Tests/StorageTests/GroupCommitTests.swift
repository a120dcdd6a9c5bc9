import Glibc
import HostTesting
import Storage
import Synchronization
import Testing

let counters = [
    Migration(
        "counters", 1,
        ["CREATE TABLE counters (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, value BIGINT NOT NULL)"])
]

struct Refused: Error, Equatable {
    var number: Int
}

func insert(_ name: String, _ value: Int, _ transaction: Transaction) throws {
    try transaction.execute("INSERT INTO counters (name, value) VALUES ($1, $2)", .text(name), .int(value))
}

func count(_ database: Database) async throws -> Int {
    try await database.read { try $0.first("SELECT count(*) FROM counters")?.int(0) ?? -1 }
}

@Suite(.timeLimit(.minutes(1))) struct GroupCommitTests {
    @Test func everyWriteIsThereAndAnswersItsOwnResult() async throws {
        let temporary = try Database.temporary(schema: counters)
        let results = try await withThrowingTaskGroup(of: (Int, Int64).self) { group in
            for number in 0..<2000 {
                group.addTask {
                    let id = try await temporary.database.write { transaction in
                        try transaction.first(
                            "INSERT INTO counters (name, value) VALUES ($1, $2) RETURNING id", .text("n\(number)"),
                            .int(number))?.int64("id")
                    }
                    return (number, try #require(id))
                }
            }
            return try await group.reduce(into: [Int: Int64]()) { $0[$1.0] = $1.1 }
        }
        let rows = try await temporary.database.read { try $0.query("SELECT id, value FROM counters") }
        #expect(rows.count == 2000)
        for row in rows { #expect(results[try row.int("value")] == (try row.int64("id"))) }
    }

    @Test func manyRowsAreChangedInPieces() async throws {
        let temporary = try Database.temporary(schema: counters)
        let total = Database.pieceSize * 2 + 1
        try await temporary.database.write { transaction in
            for number in 0..<total { try insert("n\(number)", number, transaction) }
        }
        let pieces = Atomic(0)
        try await temporary.database.writeInPieces { transaction in
            pieces.add(1, ordering: .relaxed)
            let changed = try transaction.execute(
                "DELETE FROM counters WHERE id IN (SELECT id FROM counters LIMIT $1)", .int(Database.pieceSize))
            return .init(changed: changed)
        }
        #expect(try await count(temporary.database) == 0)
        #expect(pieces.load(ordering: .relaxed) == 3)
    }

    @Test func whatClosuresHoldIsGoneBeforeTheirCallersGoOn() async throws {
        final class Held: Sendable {}
        let temporary = try Database.temporary(schema: counters)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<500 {
                group.addTask {
                    weak var held: Held?
                    let database = temporary.database
                    func body(_ held: Held) -> @Sendable (Transaction) throws -> Void {
                        { transaction in
                            transaction.afterCommit { _ = held }
                            if number % 5 == 0 { throw Refused(number: number) }
                        }
                    }
                    func make() -> @Sendable (Transaction) throws -> Void {
                        let new = Held()
                        held = new
                        return body(new)
                    }
                    _ = try? await number % 2 == 0 ? database.write(make()) : database.read(make())
                    #expect(held == nil, "number \(number)")
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func aThrowingClosureUndoesOnlyItself() async throws {
        let temporary = try Database.temporary(schema: counters)
        let outcomes = await withTaskGroup(of: (Int, Bool).self) { group in
            for number in 0..<500 {
                group.addTask {
                    do {
                        try await temporary.database.write { transaction in
                            try insert("n\(number)", number, transaction)
                            if number % 3 == 0 { throw Refused(number: number) }
                        }
                        return (number, true)
                    } catch {
                        return (number, !(error as? Refused == Refused(number: number)))
                    }
                }
            }
            return await group.reduce(into: [Int: Bool]()) { $0[$1.0] = $1.1 }
        }
        for number in 0..<500 { #expect(outcomes[number] == (number % 3 != 0), "number \(number)") }
        let values = try await temporary.database.read {
            try $0.query("SELECT value FROM counters").map { try $0.int(0) }
        }
        #expect(values.sorted() == (0..<500).filter { $0 % 3 != 0 })
    }

    @Test func aConstraintErrorReachesItsCallerAlone() async throws {
        let temporary = try Database.temporary(schema: counters)
        try await temporary.database.write { try insert("taken", 0, $0) }
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask {
                    let name = number % 2 == 0 ? "taken" : "free\(number)"
                    do {
                        try await temporary.database.write { try insert(name, number, $0) }
                        #expect(number % 2 == 1)
                    } catch {
                        let error = error as? StorageError
                        #expect(number % 2 == 0 && error?.kind == .constraint && error?.constraint == .unique)
                    }
                }
            }
        }
        #expect(try await count(temporary.database) == 51)
    }

    /// Points of failure, and what the callers of one batch get.
    @Test(arguments: [
        (StorageFaults.Point.commit, StorageError.Kind.full), (.commit, .io), (.begin, .busy), (.begin, .corrupt),
    ])
    func aLostBatchIsToldToEveryCaller(_ point: StorageFaults.Point, _ kind: StorageError.Kind) async throws {
        let faults = StorageFaults()
        let temporary = try Database.temporary(schema: counters, faults: faults)
        let ran = Recorder<Int>()
        faults.fail(point, times: .max, with: StorageError(kind, "injected"))
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<200 {
                group.addTask {
                    await #expect(throws: StorageError(kind, "injected")) {
                        try await temporary.database.write { transaction in
                            try insert("n\(number)", number, transaction)
                            transaction.afterCommit { ran.record(number) }
                        }
                    }
                }
            }
        }
        #expect(faults.injected > 0)
        #expect(ran.recorded.isEmpty, "actions of a lost batch must not run")
        faults.clear()
        #expect(try await count(temporary.database) == 0)
        try await temporary.database.write { try insert("after", 1, $0) }
        #expect(try await count(temporary.database) == 1)
    }

    @Test func actionsRunAfterTheCommitInOrder() async throws {
        let temporary = try Database.temporary(schema: counters)
        let order = Recorder<Int>()
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<300 {
                group.addTask {
                    try? await temporary.database.write { transaction in
                        try insert("n\(number)", number, transaction)
                        let id = try transaction.first("SELECT max(id) FROM counters")?.int(0) ?? 0
                        transaction.afterCommit { order.record(id) }
                        if number % 5 == 0 { throw Refused(number: number) }
                    }
                    if number % 5 != 0 { #expect(!order.recorded.isEmpty) }
                }
            }
        }
        let seen = order.recorded
        #expect(seen.count == 240)
        #expect(seen == seen.sorted(), "commit order is the order of the closures")
    }

    @Test func aFailingPartLeavesTheRest() async throws {
        let temporary = try Database.temporary(schema: counters)
        let ran = Recorder<String>()
        try await temporary.database.write { transaction in
            try insert("a", 1, transaction)
            transaction.afterCommit { ran.record("a") }
            #expect(throws: Refused(number: 7)) {
                try transaction.savepoint {
                    try insert("b", 2, transaction)
                    transaction.afterCommit { ran.record("b") }
                    try transaction.savepoint { try insert("c", 3, transaction) }
                    throw Refused(number: 7)
                }
            }
            try transaction.savepoint { try insert("d", 4, transaction) }
        }
        let names = try await temporary.database.read {
            try $0.query("SELECT name FROM counters ORDER BY name").map { try $0.text(0) }
        }
        #expect(names == ["a", "d"])
        #expect(ran.recorded == ["a"])
    }

    @Test func aFullQueueRefuses() async throws {
        let directory = try TemporaryDirectory()
        var options = DatabaseOptions()
        options.maximumQueuedWrites = 3
        let database = try Database(SQLiteDriver(directory: directory.path), schema: counters, options: options)
        let gate = Gate()
        async let first: Void = database.write { _ in gate.pass() }
        await gate.waitUntilReached()
        let outcomes = await withTaskGroup(of: StorageError.Kind?.self) { group in
            for number in 0..<10 {
                group.addTask {
                    do {
                        try await database.write { try insert("n\(number)", number, $0) }
                        return nil
                    } catch {
                        return (error as? StorageError)?.kind
                    }
                }
            }
            var outcomes: [StorageError.Kind?] = []
            for await outcome in group {
                outcomes.append(outcome)
                if outcomes.count == 7 { gate.open() }
            }
            return outcomes
        }
        try await first
        #expect(outcomes.filter { $0 == .busy }.count == 7)
        #expect(try await count(database) == 3)
        await database.close()
    }

    @Test func closingFinishesWhatIsQueued() async throws {
        let directory = try TemporaryDirectory()
        let database = try Database(SQLiteDriver(directory: directory.path), schema: counters)
        let gate = Gate()
        async let first: Void = database.write { _ in gate.pass() }
        await gate.waitUntilReached()
        let late = (0..<50).map { number in
            Task { try await database.write { try insert("n\(number)", number, $0) } }
        }
        while database.queuedWrites < 50 { await Task.yield() }
        async let closed: Void = database.close()
        gate.open()
        try await first
        for task in late { _ = try await task.value }
        await closed
        await #expect(throws: StorageError.self) { try await database.write { try insert("x", 0, $0) } }
        let again = try Database(SQLiteDriver(directory: directory.path), schema: counters)
        #expect(try await count(again) == 50)
        await again.close()
    }
}

/// Holds the writer's thread where a test wants it.
final class Gate: Sendable {
    private let reached = Atomic(false)
    private let opened = Atomic(false)

    func pass() {
        reached.store(true, ordering: .releasing)
        while !opened.load(ordering: .acquiring) { sched_yield() }
    }

    func waitUntilReached() async {
        while !reached.load(ordering: .acquiring) { await Task.yield() }
    }

    func open() { opened.store(true, ordering: .releasing) }
}
