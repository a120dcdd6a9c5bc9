import Core
import Synchronization

/// Counts the tasks that are being done, and lets a shutdown wait until there are none.
final class DrainGate: Sendable {
    private struct State {
        var active = 0
        var isDraining = false
    }

    private let state = Mutex(State())
    private let asked = Wakeup()
    private let drained = Wakeup()

    /// Whether a task may begin. Every one that does must ``end()``.
    func begin() -> Bool {
        state.withLock { state in
            guard !state.isDraining else { return false }
            state.active += 1
            return true
        }
    }

    func end() {
        let isLast = state.withLock { state -> Bool in
            state.active -= 1
            return state.isDraining && state.active == 0
        }
        if isLast { drained.notify() }
    }

    func drain() {
        let isIdle = state.withLock { state -> Bool in
            state.isDraining = true
            return state.active == 0
        }
        asked.notify()
        if isIdle { drained.notify() }
    }

    /// Returns once a drain was asked for and nothing is being done any more, or the time for that is over.
    func wait(clock: any HostClock, milliseconds: Int64) async {
        await asked.wait()
        guard !Task.isCancelled else { return }
        let drained = drained
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await drained.wait() }
            group.addTask { try? await clock.sleep(milliseconds: milliseconds) }
            await group.next()
            group.cancelAll()
        }
    }
}
