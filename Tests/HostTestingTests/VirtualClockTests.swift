import Core
import HostTesting
import Storage
import Testing

@Suite(.timeLimit(.minutes(1))) struct VirtualClockTests {
    private let clock = VirtualClock(start: Timestamp(milliseconds: 1000))

    private static let wakings: [([Int64], Int64, [Int64])] = [
        ([30, 10, 20], 30, [10, 20, 30]), ([30, 10, 20], 20, [10, 20]), ([5, 5, 5], 5, [5, 5, 5]), ([7], 6, []),
        ([1, 100_000_000], 200_000_000, [1, 100_000_000]),
    ]

    /// Delays of sleepers, how far the clock goes, and who wakes in which order at which instant.
    @Test(arguments: wakings)
    func sleepersWakeByDeadline(_ delays: [Int64], _ advance: Int64, _ expected: [Int64]) async {
        let woken = Recorder<Int64>()
        let tasks = delays.map { delay in
            Task { [clock] in
                try await clock.sleep(milliseconds: delay)
                let now = clock.now.milliseconds - 1000
                woken.record(now)
            }
        }
        await clock.waitForSleepers(delays.count)
        await clock.advance(by: advance)
        #expect(woken.recorded == expected)
        #expect(clock.now == Timestamp(milliseconds: 1000 + advance))
        #expect(clock.sleepers == delays.count - expected.count)
        for task in tasks { task.cancel() }
        for task in tasks { _ = await task.result }
        #expect(clock.sleepers == 0)
    }

    @Test func equalDeadlinesWakeInTheOrderOfFallingAsleep() async throws {
        let woken = Recorder<Int>()
        var tasks: [Task<Void, any Error>] = []
        for number in 0..<20 {
            tasks.append(
                Task { [clock] in
                    try await clock.sleep(milliseconds: 50)
                    woken.record(number)
                })
            await clock.waitForSleepers(number + 1)
        }
        await clock.advance(by: 50)
        for task in tasks { try await task.value }
        #expect(woken.recorded == Array(0..<20))
    }

    @Test func aLoopRunsAsOftenAsTimeAllows() async throws {
        let ticks = Recorder<Int64>()
        let loop = Task { [clock] in
            while true {
                try await clock.sleep(milliseconds: 1000)
                ticks.record(clock.now.milliseconds)
            }
        }
        await clock.waitForSleepers(1)
        await clock.advance(by: 60_000)
        #expect(ticks.recorded == (1...60).map { 1000 + $0 * 1000 })
        #expect(await clock.advanceToNext())
        #expect(clock.now.milliseconds == 62_000)
        loop.cancel()
        _ = await loop.result
        #expect(await !clock.advanceToNext())
    }

    @Test func aPastDeadlineDoesNotSleep() async throws {
        try await clock.sleep(until: Timestamp(milliseconds: 1000))
        try await clock.sleep(milliseconds: -5)
        #expect(clock.sleepers == 0)
    }

    @Test func cancellingBeforeDuringAndAfter() async throws {
        let before = Task { [clock] in
            withUnsafeCurrentTask { $0?.cancel() }
            try await clock.sleep(milliseconds: 10)
        }
        await #expect(throws: CancellationError.self) { try await before.value }
        let during = Task { [clock] in try await clock.sleep(milliseconds: 10) }
        await clock.waitForSleepers(1)
        during.cancel()
        await #expect(throws: CancellationError.self) { try await during.value }
        let after = Task { [clock] in try await clock.sleep(milliseconds: 10) }
        await clock.waitForSleepers(1)
        await clock.advance(by: 10)
        after.cancel()
        try await after.value
    }

    /// Cancelling races with falling asleep; whatever wins, nobody is left behind.
    @Test func cancellingRacesWithFallingAsleep() async {
        for _ in 0..<2000 {
            let task = Task { [clock] in try await clock.sleep(milliseconds: 10) }
            task.cancel()
            _ = await task.result
        }
        #expect(clock.sleepers == 0)
    }

    /// A loop that goes through a database between two sleeps keeps up with a clock that waits for it.
    @Test func timeWaitsForTheDatabase() async throws {
        let temporary = try Database.temporary(
            schema: [Migration("ticks", 1, ["CREATE TABLE ticks (at BIGINT PRIMARY KEY)"])])
        let clock = VirtualClock(settle: VirtualClock.settling(temporary.database))
        let start = clock.now
        let loop = Task {
            while true {
                try await clock.sleep(milliseconds: 1000)
                let now = clock.now
                try await temporary.database.write { try $0.execute("INSERT INTO ticks (at) VALUES ($1)", .time(now)) }
            }
        }
        await clock.waitForSleepers(1)
        await clock.advance(by: 20_500)
        loop.cancel()
        _ = await loop.result
        let ticks = try await temporary.database.read { try $0.query("SELECT at FROM ticks").map { try $0.time(0) } }
        #expect(ticks == (1...20).map { start.adding(milliseconds: $0 * 1000) })
    }

    @Test func timeDoesNotGoBack() async {
        await clock.advance(to: Timestamp(milliseconds: 500))
        #expect(clock.now.milliseconds == 1000)
    }
}
