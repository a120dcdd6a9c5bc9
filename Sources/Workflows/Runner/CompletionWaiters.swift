import Core
import Synchronization

/// Those who wait for executions to end.
final class CompletionWaiters: Sendable {
    private let waiters = Mutex<[Int64: [Wakeup]]>([:])

    /// Takes a place in the line. Ask whether the execution has ended after that, and before waiting.
    func register(_ execution: Int64) -> Wakeup {
        let wakeup = Wakeup()
        waiters.withLock { $0[execution, default: []].append(wakeup) }
        return wakeup
    }

    func leave(_ execution: Int64, _ wakeup: Wakeup) {
        waiters.withLock { waiters in
            waiters[execution]?.removeAll { $0 === wakeup }
            if waiters[execution]?.isEmpty == true { waiters[execution] = nil }
        }
    }

    func ended(_ execution: Int64) {
        let waiting = waiters.withLock { $0[execution] ?? [] }
        for wakeup in waiting { wakeup.notify() }
    }
}
