import Core
import Synchronization

/// A clock that stands still until it is moved.
final class TestClock: HostClock {
    private struct Sleeper {
        var deadline: Timestamp
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = Timestamp(milliseconds: 1_763_800_000_000)
        var sleepers: [Int: Sleeper] = [:]
        var nextNumber = 0
        var cancelled: Set<Int> = []
        var arrivals: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var now: Timestamp { state.withLock { $0.now } }

    func sleep(until deadline: Timestamp) async throws {
        let number = state.withLock { state in
            state.nextNumber += 1
            return state.nextNumber
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome: (resume: Result<Void, any Error>?, arrived: [CheckedContinuation<Void, Never>]) =
                    state.withLock { state in
                        if state.cancelled.remove(number) != nil { return (.failure(CancellationError()), []) }
                        if deadline <= state.now { return (.success(()), []) }
                        state.sleepers[number] = Sleeper(deadline: deadline, continuation: continuation)
                        let arrived = state.arrivals.filter { $0.count <= state.sleepers.count }
                        state.arrivals.removeAll { $0.count <= state.sleepers.count }
                        return (nil, arrived.map(\.continuation))
                    }
                for arrived in outcome.arrived { arrived.resume() }
                if let result = outcome.resume { continuation.resume(with: result) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                let sleeper = state.sleepers.removeValue(forKey: number)
                if sleeper == nil { state.cancelled.insert(number) }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Returns when so many tasks sleep.
    func waitForSleepers(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.sleepers.count >= count { return true }
                state.arrivals.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    func advance(milliseconds: Int64) {
        let woken = state.withLock { state in
            state.now = state.now.adding(milliseconds: milliseconds)
            let due = state.sleepers.filter { $0.value.deadline <= state.now }
            for number in due.keys { state.sleepers[number] = nil }
            return due.values.sorted { $0.deadline < $1.deadline }
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }
}
