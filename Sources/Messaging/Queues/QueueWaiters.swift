import Core
import Synchronization

/// The receivers that wait for messages, by queue.
final class QueueWaiters: Sendable {
    private let waiting = Mutex<[Int64: [Wakeup]]>([:])

    func register(_ queue: Int64) -> Wakeup {
        let waiter = Wakeup()
        waiting.withLock { $0[queue, default: []].append(waiter) }
        return waiter
    }

    func remove(_ waiter: Wakeup, _ queue: Int64) {
        waiting.withLock { table in
            table[queue]?.removeAll { $0 === waiter }
            if table[queue]?.isEmpty == true { table[queue] = nil }
        }
    }

    /// Wakes every receiver of the queue: each looks for itself whether there is something left.
    func notify(_ queue: Int64) {
        for waiter in waiting.withLock({ $0[queue] ?? [] }) { waiter.notify() }
    }
}
