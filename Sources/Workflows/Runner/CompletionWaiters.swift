import Core
import Synchronization

/// Those who wait for executions to end, by the executions' ARNs.
final class CompletionWaiters: Sendable {
    private let places = Mutex<[String: [CompletionWaiter]]>([:])

    /// Takes a place in the line. Ask whether the execution has ended after that, and before waiting.
    func register(_ execution: String) -> CompletionWaiter {
        let waiter = CompletionWaiter()
        places.withLock { $0[execution, default: []].append(waiter) }
        return waiter
    }

    func leave(_ execution: String, _ waiter: CompletionWaiter) {
        places.withLock { places in
            places[execution]?.removeAll { $0 === waiter }
            if places[execution]?.isEmpty == true { places[execution] = nil }
        }
    }

    func ended(_ record: ExecutionRecord) {
        let waiting = places.withLock { $0[record.arn] ?? [] }
        for waiter in waiting { waiter.end(record) }
    }
}

/// A place in the line, which is handed the execution as it was recorded at its end.
final class CompletionWaiter: Sendable {
    private let wakeup = Wakeup()
    private let record = Mutex<ExecutionRecord?>(nil)

    fileprivate func end(_ record: ExecutionRecord) {
        self.record.withLock { $0 = record }
        wakeup.notify()
    }

    /// Nil when the task was cancelled before the end.
    func wait() async -> ExecutionRecord? {
        while true {
            if let ended = record.withLock({ $0 }) { return ended }
            if Task.isCancelled { return nil }
            await wakeup.wait()
        }
    }
}
