import Synchronization

/// Counts the threads of a database and runs one action when the last of them has ended.
final class ThreadGroup: Sendable {
    private struct State {
        var running: Int
        var isFinished = false
        var waiters: [UnsafeContinuation<Void, Never>] = []
    }

    private let state: Mutex<State>
    private let finish: @Sendable () -> Void

    init(count: Int, finish: @escaping @Sendable () -> Void) {
        state = Mutex(State(running: count))
        self.finish = finish
    }

    /// Each thread calls this once, as the last thing it does.
    func ended() {
        let isLast = state.withLock { state in
            state.running -= 1
            return state.running == 0
        }
        guard isLast else { return }
        finish()
        let waiters = state.withLock { state in
            state.isFinished = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withUnsafeContinuation { (waiter: UnsafeContinuation<Void, Never>) in
            let isFinished = state.withLock { state in
                if !state.isFinished { state.waiters.append(waiter) }
                return state.isFinished
            }
            if isFinished { waiter.resume() }
        }
    }
}
