import Synchronization

/// Calls back when the earliest instant that was set has come; setting an earlier one moves it forward.
public final class Alarm: Sendable {
    private struct State {
        var due: Timestamp?
        var isStopped = false
    }

    private let clock: any HostClock
    private let state = Mutex(State())
    private let change = Wakeup()

    public init(clock: any HostClock) { self.clock = clock }

    public func set(for instant: Timestamp) {
        let isEarlier = state.withLock { state -> Bool in
            if let due = state.due, due <= instant { return false }
            state.due = instant
            return true
        }
        if isEarlier { change.notify() }
    }

    public func stop() {
        state.withLock { $0.isStopped = true }
        change.notify()
    }

    /// Runs until stopped or cancelled. The instant is cleared before the call, which may set the next one.
    public func run(_ ring: @escaping @Sendable () async -> Void) async {
        while !state.withLock({ $0.isStopped }), !Task.isCancelled {
            await waitForChangeOrDue()
            let isDue = state.withLock { state -> Bool in
                guard !state.isStopped, let due = state.due, due <= clock.now else { return false }
                state.due = nil
                return true
            }
            if isDue { await ring() }
        }
    }

    private func waitForChangeOrDue() async {
        guard let due = state.withLock({ $0.due }) else { return await change.wait() }
        guard due > clock.now else { return }
        let clock = clock
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await clock.sleep(until: due) }
            group.addTask { await self.change.wait() }
            await group.next()
            group.cancelAll()
        }
    }
}
