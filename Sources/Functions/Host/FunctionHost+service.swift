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

    /// Takes no more invocations, waits for those under way and ends every process. After so many milliseconds what
    /// still runs is killed.
    public func drain(withinMilliseconds limit: Int64? = nil) async {
        let executors = state.withLock { state in
            state.isShutDown = true
            return state.executors.values.map(\.executor) + state.leaving.values
        }
        // Not a task: it would be cancelled with the one that ends the host. In real time, as processes are.
        let patience = TimeAmount.milliseconds(limit ?? configuration.limits.drainMilliseconds)
        let killing = eventLoopGroup.next().scheduleTask(in: patience) {
            for executor in executors { executor.kill() }
        }
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
