import Core
import Dispatch
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct BlockingPoolTests {
    @Test func `results and errors come back`() async throws {
        struct Failure: Error {}
        let pool = BlockingPool(name: "test", maximumThreads: 2)
        #expect(try await pool.run { 6 * 7 } == 42)
        await #expect(throws: Failure.self) { try await pool.run { throw Failure() } }
    }

    @Test func `what a call holds is let go when it returns`() async throws {
        final class Token: Sendable {
            let counts: Counts

            init(_ counts: Counts) { self.counts = counts }

            deinit { counts.running.add(1, ordering: .relaxed) }
        }
        let pool = BlockingPool(name: "test", maximumThreads: 2)
        let counts = Counts()
        func hold() async throws {
            let token = Token(counts)
            try await pool.run { withExtendedLifetime(token) {} }
        }
        for number in 1...500 {
            try await hold()
            #expect(counts.running.load(ordering: .relaxed) == number)
        }
    }

    @Test func `as many calls block at the same time as there are threads`() async throws {
        let pool = BlockingPool(name: "test", maximumThreads: 3)
        let counts = Counts()
        let gate = DispatchSemaphore(value: 0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<9 {
                group.addTask {
                    try await pool.run {
                        let now = counts.running.add(1, ordering: .relaxed).newValue
                        counts.highest.max(now, ordering: .relaxed)
                        // The third opens the gate for all: with fewer threads nobody would come through.
                        if now == 3 { for _ in 0..<9 { gate.signal() } }
                        gate.wait()
                        counts.running.subtract(1, ordering: .relaxed)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(counts.highest.load(ordering: .relaxed) == 3)
    }

    @Test func `a task can stay on the threads`() async throws {
        let pool = BlockingPool(name: "stays", maximumThreads: 1)
        func thread() -> String {
            String(decoding: (try? File.read("/proc/thread-self/comm")) ?? [], as: UTF8.self)
        }
        let names = try await pool.runTask {
            let before = thread()
            await Task.yield()
            _ = await Task { 1 }.value
            return [before, thread()]
        }
        #expect(names == ["stays\n", "stays\n"])
        #expect(thread() != "stays\n")
        pool.close()
        await #expect(throws: BlockingPoolError.closed) { try await pool.runTask {} }
    }

    @Test func `a full queue and a closed pool refuse`() async throws {
        let pool = BlockingPool(name: "test", maximumThreads: 1, maximumQueued: 1)
        let gate = DispatchSemaphore(value: 0)
        let started = DispatchSemaphore(value: 0)
        async let first: Void = pool.run {
            started.signal()
            gate.wait()
        }
        // The one thread is taken; one call waits, the next is refused, whichever of the two comes first.
        await Task.detached { started.waitForSignal() }.value
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    do {
                        try await pool.run {}
                        return true
                    } catch {
                        // Only now can the waiting one go on.
                        gate.signal()
                        return false
                    }
                }
            }
            var outcomes: [Bool] = []
            for await outcome in group { outcomes.append(outcome) }
            #expect(outcomes.sorted { !$0 && $1 } == [false, true])
        }
        try await first
        pool.close()
        await #expect(throws: BlockingPoolError.closed) { try await pool.run {} }
    }
}

private final class Counts: Sendable {
    let running = Atomic(0)
    let highest = Atomic(0)
}

extension DispatchSemaphore {
    fileprivate func waitForSignal() { wait() }
}
