import Core
import Synchronization
import Testing

@Suite struct SharedActionTests {
    struct Failed: Error {}

    @Test func everyCallerIsServedByARunThatBeganAfterItsCall() async throws {
        let action = SharedAction()
        let (begun, running) = (Counter(), Counter())
        let pool = BlockingPool(name: "callers", maximumThreads: 8)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    try await pool.run {
                        let before = begun.value
                        action.run {
                            begun.add(1)
                            #expect(running.add(1) == 1)
                            running.add(-1)
                        }
                        #expect(begun.value > before)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect((1...200).contains(begun.value))
    }

    @Test func aRunThatFailsServesNobody() throws {
        let action = SharedAction()
        #expect(throws: Failed.self) { try action.run { throw Failed() } }
        var hasRun = false
        action.run { hasRun = true }
        #expect(hasRun)
    }
}

private final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }

    @discardableResult
    func add(_ number: Int) -> Int { count.add(number, ordering: .sequentiallyConsistent).newValue }
}
