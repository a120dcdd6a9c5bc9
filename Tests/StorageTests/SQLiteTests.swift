import Foundation
import Glibc
import HostTesting
import Storage
import Testing

@Suite(.timeLimit(.minutes(1))) struct SQLiteTests {
    @Test(arguments: DriverConformance.cases)
    func conforms(_ conformance: DriverConformance) throws {
        let directory = try TemporaryDirectory()
        try conformance.run(SQLiteDriver(directory: directory.path))
    }

    @Test(arguments: [(Durability.commit, Int64(2)), (.second, 1), (.none, 0)])
    func settingsAreInForce(_ durability: Durability, _ synchronous: Int64) throws {
        let directory = try TemporaryDirectory()
        var options = SQLiteOptions()
        options.durability = durability
        let driver = try SQLiteDriver(directory: directory.path, options: options)
        defer { driver.shutdown() }
        let connection = try driver.connect(.writer)
        defer { connection.close() }
        let expected: [(String, SQLValue)] = [
            ("synchronous", .integer(synchronous)), ("journal_mode", "wal"), ("foreign_keys", 1),
            ("wal_autocheckpoint", 0),
            ("application_id", 0x4D69_6C6C), ("user_version", 1), ("temp_store", 2),
        ]
        for (name, value) in expected {
            var found = SQLValue.null
            try connection.run("PRAGMA \(name)", []) { row in
                found = row.values[0]
                return true
            }
            #expect(found == value, "\(name)")
        }
    }

    @Test func aSecondHostIsTurnedAwayWithTheOwnersNumber() throws {
        let directory = try TemporaryDirectory()
        let first = try SQLiteDriver(directory: directory.path)
        let error = #expect(throws: StorageError.self) { try SQLiteDriver(directory: directory.path) }
        #expect(error?.kind == .locked)
        #expect(
            error?.message == "another host (process \(getpid())) is running on the data directory \(directory.path). "
                + "Stop it, or start this one on another directory")
        first.shutdown()
        try SQLiteDriver(directory: directory.path).shutdown()
    }

    /// What a killed host was just starting holds the lock a moment longer than the host.
    @Test func theLockOfADeadHostIsWaitedFor() async throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/millrace.lock"
        // No process has a number beyond the kernel's limit.
        write("4194305\n", to: path)
        let holder = open(path, O_RDWR | O_CLOEXEC)
        #expect(flock(holder, LOCK_EX | LOCK_NB) == 0)
        // On a thread: the pool may have none but the one that waits for the lock.
        let release = Thread {
            flock(holder, LOCK_UN)
            close(holder)
        }
        release.start()
        try SQLiteDriver(directory: directory.path).shutdown()
    }

    @Test(arguments: ["", "/proc/millrace", "/dev/null/data", String(repeating: "x", count: 4000), "a\0b"])
    func anUnusableDirectoryIsNamed(_ path: String) throws {
        let error = #expect(throws: StorageError.self) { try SQLiteDriver(directory: path) }
        #expect(error?.kind == .io)
        #expect(error?.message.contains("data directory") == true)
    }

    /// Why it cannot be made is the answer to the first attempt, not to a later look.
    @Test func theReasonIsThatOfMakingIt() throws {
        let error = #expect(throws: StorageError.self) { try SQLiteDriver(directory: "/sys/millrace/data") }
        // Not permitted to root, denied to others, read-only in a container.
        let reasons = [EPERM, EACCES, EROFS].map { String(cString: strerror($0)) }
        let message = "the data directory /sys/millrace/data cannot be made: "
        #expect(reasons.map { message + $0 }.contains(error?.description ?? ""), "\(error?.description ?? "")")
    }

    /// What the file holds when the host starts, and what it says.
    @Test(arguments: [
        ("not a database at all, but a long enough text to be one", StorageError.Kind.corrupt),
        ("SQLite format 3\0garbage follows the magic, and more of it", .corrupt),
    ])
    func aDamagedFileIsRefused(_ content: String, _ kind: StorageError.Kind) throws {
        let directory = try TemporaryDirectory()
        write(String(repeating: content, count: 200), to: "\(directory.path)/millrace.db")
        let error = #expect(throws: StorageError.self) {
            try Database(SQLiteDriver(directory: directory.path), schema: counters)
        }
        #expect(error?.kind == kind)
        #expect(error?.message.contains("\(directory.path)/millrace.db") == true)
    }

    @Test func damageInTheMiddleIsReportedWhereItIsRead() async throws {
        let directory = try TemporaryDirectory()
        var database = try Database(SQLiteDriver(directory: directory.path), schema: counters)
        try await database.write { transaction in
            for number in 0..<5000 { try insert("name of \(number)", number, transaction) }
        }
        await database.close()
        let file = open("\(directory.path)/millrace.db", O_RDWR)
        let garbage = [UInt8](repeating: 0xA5, count: 40_960)
        #expect(pwrite(file, garbage, garbage.count, 4096 * 6) == garbage.count)
        close(file)
        database = try Database(SQLiteDriver(directory: directory.path), schema: counters)
        let damaged = database
        let error = await #expect(throws: StorageError.self) {
            _ = try await damaged.read { try $0.query("SELECT sum(value) FROM counters WHERE name > 'a'") }
        }
        #expect(error?.kind == .corrupt)
        await database.close()
    }

    @Test func anotherProgramsDatabaseIsLeftAlone() throws {
        let directory = try TemporaryDirectory()
        do {
            let driver = try SQLiteDriver(directory: directory.path)
            let connection = try driver.connect(.writer)
            try connection.run("PRAGMA application_id = 77", [], row: nil)
            connection.close()
            driver.shutdown()
        }
        let error = #expect(throws: StorageError.self) {
            try Database(SQLiteDriver(directory: directory.path), schema: [])
        }
        #expect(error?.kind == .incompatible)
        #expect(error?.message.contains("another program") == true)
    }

    @Test func aFullDatabaseFailsCleanlyAndGoesOn() async throws {
        let directory = try TemporaryDirectory()
        var options = SQLiteOptions()
        options.maximumPages = 40
        let database = try Database(SQLiteDriver(directory: directory.path, options: options), schema: counters)
        var acknowledged = 0
        var failure: StorageError?
        while failure == nil, acknowledged < 1000 {
            do {
                let number = acknowledged
                try await database.write { try insert(String(repeating: "\(number) ", count: 500), number, $0) }
                acknowledged += 1
            } catch {
                failure = error as? StorageError
            }
        }
        #expect(failure?.kind == .full)
        #expect(failure?.message.contains("the disk is full") == true)
        #expect(try await count(database) == acknowledged)
        try await database.write { try $0.execute("DELETE FROM counters") }
        try await database.write { try insert("fits again", 1, $0) }
        await database.close()
    }

    /// A real small file system, where the machine lets the test mount one.
    @Test(.enabled(if: Self.canMount, "this machine lets the test mount no small file system"))
    func aFullDiskFailsCleanlyAndGoesOn() async throws {
        let directory = try TemporaryDirectory()
        try #require(mount("tmpfs", directory.path, "tmpfs", 0, "size=1m") == 0)
        defer { umount2(directory.path, Int32(MNT_DETACH)) }
        let database = try Database(SQLiteDriver(directory: directory.path), schema: counters)
        let outcomes = await withTaskGroup(of: StorageError.Kind?.self) { group in
            for number in 0..<400 {
                group.addTask {
                    do {
                        try await database.write {
                            try insert(String(repeating: "\(number) ", count: 2000), number, $0)
                        }
                        return nil
                    } catch {
                        return (error as? StorageError)?.kind ?? .internal
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let acknowledged = outcomes.filter { $0 == nil }.count
        #expect(Set(outcomes.compactMap(\.self)) == [.full])
        #expect(try await count(database) == acknowledged)
        await database.close()
    }

    @Test func aReadThatTakesTooLongIsStopped() async throws {
        let directory = try TemporaryDirectory()
        var options = SQLiteOptions()
        options.readLimitMilliseconds = 30
        let database = try Database(SQLiteDriver(directory: directory.path, options: options), schema: counters)
        let endless = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
        let error = await #expect(throws: StorageError.self) { try await database.read { try $0.first(endless) } }
        #expect(error?.kind == .interrupted)
        #expect(try await count(database) == 0, "the connection works on")
        await database.close()
    }

    @Test func readsCannotWrite() async throws {
        let temporary = try Database.temporary(schema: counters)
        await #expect(throws: StorageError.self) { try await temporary.database.read { try insert("a", 1, $0) } }
        #expect(try await count(temporary.database) == 0)
    }

    @Test func theWriteAheadLogStaysShort() async throws {
        let directory = try TemporaryDirectory()
        var options = SQLiteOptions()
        options.checkpointPages = 100
        options.walLimitPages = 400
        options.durability = .none
        let database = try Database(SQLiteDriver(directory: directory.path, options: options), schema: counters)
        for round in 0..<1500 {
            try await database.write { transaction in
                for number in 0..<10 {
                    try insert("\(round)/\(number)" + String(repeating: "x", count: 1000), number, transaction)
                }
            }
        }
        var information = stat()
        #expect(stat("\(directory.path)/millrace.db-wal", &information) == 0)
        // About 15 MB of rows and as much of index pages went through it.
        #expect(information.st_size < 3 << 20, "the log has \(information.st_size) bytes")
        await database.close()
    }

    private static let canMount: Bool = {
        guard geteuid() == 0, let directory = try? TemporaryDirectory(),
            mount("tmpfs", directory.path, "tmpfs", 0, "size=1m") == 0
        else { return false }
        return umount2(directory.path, Int32(MNT_DETACH)) == 0
    }()

    private func write(_ text: String, to path: String) {
        let file = open(path, O_WRONLY | O_CREAT, 0o644)
        let bytes = Array(text.utf8)
        #expect(Glibc.write(file, bytes, bytes.count) == bytes.count)
        close(file)
    }
}
