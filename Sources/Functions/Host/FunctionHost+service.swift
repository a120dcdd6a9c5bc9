import Core
import NIOCore
import Synchronization

extension FunctionHost {
    /// Ends idle instances by the host's clock until the task is cancelled, and drains then.
    public func run() async throws {
        let idle = configuration.limits.idleMilliseconds
        while !Task.isCancelled {
            let now = clock.now
            let expired = now.adding(milliseconds: -idle)
            let executors = state.withLock { $0.executors.values.map(\.executor) }
            for executor in executors { executor.retire(idleSince: expired) }
            // Not before the longest idle instance is due, and not so seldom that a new one is missed for long.
            let oldest = executors.compactMap(\.idleSince).min()
            let due = oldest?.adding(milliseconds: idle) ?? now.adding(milliseconds: idle)
            do {
                try await clock.sleep(until: max(due, now.adding(milliseconds: min(1000, idle))))
            } catch { break }
        }
        await drain()
    }

    /// Ends in a while what runs then: its callers are told that the host shuts down, as if it had never run. To be
    /// called when the host begins to end, for other parts wait for their invocations first.
    public func endSoon() { _ = endLater(in: configuration.limits.drainMilliseconds) }

    /// Not a task: it would be cancelled with the one that ends the host. In real time, as processes are.
    private func endLater(in milliseconds: Int64) -> Scheduled<Void> {
        eventLoopGroup.next().scheduleTask(in: .milliseconds(milliseconds)) { [weak self] in
            guard let self else { return }
            state.withLock { $0.isShutDown = true }
            for executor in executors { executor.kill() }
        }
    }

    /// Takes no more invocations, waits for those under way and ends every process. After so many milliseconds what
    /// still runs is killed.
    public func drain(withinMilliseconds limit: Int64? = nil) async {
        let executors = state.withLock { state in
            state.isShutDown = true
            return state.executors.values.map(\.executor) + state.leaving.values
        }
        let killing = endLater(in: limit ?? configuration.limits.drainMilliseconds)
        await withTaskGroup(of: Void.self) { drains in
            for executor in executors { drains.addTask { await executor.drain() } }
        }
        killing.cancel()
        reactors.stop()
        controlGroups?.remove()
    }

    /// Ends the idle instance that has waited longest, whichever function it belongs to.
    func makeRoom() {
        let oldest = executors.compactMap { executor in executor.idleSince.map { (executor, $0) } }
            .min { $0.1 < $1.1 }
        _ = oldest?.0.retireOldest()
    }

    func makeRoomForWaiting() {
        if executors.contains(where: \.lacksRoom) { makeRoom() }
    }

    /// Lets every function start what waited for room.
    func roomIsFree() {
        for executor in executors { executor.roomIsFree() }
    }

    private var executors: [any FunctionExecutor] {
        state.withLock { $0.executors.values.map(\.executor) + Array($0.leaving.values) }
    }
}
