import Synchronization

/// Counts invocations under way, as Lambda does: a function with reserved concurrency has that and no more; all others
/// share what the account has left.
final class ConcurrencyLimiter: Sendable {
    private struct State {
        var reserved: [FunctionKey: Int] = [:]
        var reservedTotal = 0
        var running: [FunctionKey: Int] = [:]
        var runningUnreserved = 0
    }

    private let accountLimit: Int
    private let state = Mutex(State())

    init(accountLimit: Int) { self.accountLimit = accountLimit }

    /// Nil ends the reservation.
    func reserve(_ concurrency: Int?, for function: FunctionKey) {
        state.withLock { state in
            let before = state.reserved[function]
            guard before != concurrency else { return }
            let running = state.running[function] ?? 0
            // What runs now moves between the function's own account and the shared one.
            if before == nil { state.runningUnreserved -= running }
            if concurrency == nil { state.runningUnreserved += running }
            state.reserved[function] = concurrency
            state.reservedTotal += (concurrency ?? 0) - (before ?? 0)
        }
    }

    /// Nil when the invocation may run; ``leave(_:)`` must follow then.
    func enter(_ function: FunctionKey) -> InvocationRejection? {
        state.withLock { state in
            let running = state.running[function] ?? 0
            if let reserved = state.reserved[function] {
                guard running < reserved else { return Self.rejection(.reservedConcurrency) }
            } else {
                guard state.runningUnreserved < accountLimit - state.reservedTotal else {
                    return Self.rejection(.accountConcurrency)
                }
                state.runningUnreserved += 1
            }
            state.running[function] = running + 1
            return nil
        }
    }

    func leave(_ function: FunctionKey) {
        state.withLock { state in
            let running = (state.running[function] ?? 1) - 1
            state.running[function] = running > 0 ? running : nil
            if state.reserved[function] == nil { state.runningUnreserved -= 1 }
        }
    }

    /// Invocations under way in all.
    var running: Int { state.withLock { $0.running.values.reduce(0, +) } }

    private static func rejection(_ reason: InvocationRejection.Reason) -> InvocationRejection {
        InvocationRejection(reason, "Rate Exceeded.")
    }
}
