import Core
import Synchronization

/// Says which deliveries were given up without anything that takes them instead: one a second, and how many more.
struct LossReport: Sendable {
    private final class State: Sendable {
        let last = Mutex<(time: Timestamp, unsaid: Int)?>(nil)
    }

    private let report: @Sendable (String) -> Void
    private let state = State()

    init(_ report: @escaping @Sendable (String) -> Void) { self.report = report }

    func note(_ delivery: Delivery, _ outcome: DeliveryOutcome, at now: Timestamp) {
        let unsaid = state.last.withLock { last -> Int? in
            if let (time, unsaid) = last, now.milliseconds(since: time) < 1000 {
                last = (time, unsaid + 1)
                return nil
            }
            defer { last = (now, 0) }
            return last?.unsaid ?? 0
        }
        guard let unsaid else { return }
        var reason = outcome.error.map { "\($0.code): \($0.message)" } ?? "the target failed"
        while reason.hasSuffix(".") { reason.removeLast() }
        let others = unsaid > 0 ? " (and \(unsaid) more before it)" : ""
        report(
            "an event for \(delivery.target) was given up\(others): \(reason). A dead-letter queue would have kept it.")
    }
}
