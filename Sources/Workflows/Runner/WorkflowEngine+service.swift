import Core
public import ServiceLifecycle
import Storage

extension WorkflowEngine: Service {
    /// Takes up the executions that were under way, and runs until shutdown. A shutdown begins no more tasks and waits a
    /// while for those that have begun; the next start begins those anew whose end was not recorded.
    public func run() async throws {
        try await recover()
        await withGracefulShutdownHandler {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await self.timers.run { await self.wakeDue() } }
                group.addTask { await self.doWork() }
                await draining.wait(clock: clock, milliseconds: options.drain)
                timers.stop()
                group.cancelAll()
                await group.waitForAll()
            }
        } onGracefulShutdown: {
            self.drain()
        }
        finishWork()
    }

    /// Begins a shutdown, as the service group's signal does.
    public func drain() { draining.drain() }

    private func doWork() async {
        await withDiscardingTaskGroup { group in
            for await body in work { group.addTask(operation: body) }
            group.cancelAll()
        }
    }

    private func wakeDue() async {
        for execution in timers.takeDue(at: clock.now) { post(.clock, to: execution) }
    }

    /// Reads what waits and what was under way when the host last ended.
    private func recover() async throws {
        let (parked, running) = try await database.read { transaction in
            try self.loadActivities(in: transaction)
            let parked = try transaction.query(
                """
                SELECT id, due_at FROM workflows_executions
                WHERE status = 'RUNNING' AND parked = 1 AND due_at IS NOT NULL
                """
            ).map { (try $0.int64(0), try $0.time(1)) }
            let running = try transaction.query(
                "SELECT id FROM workflows_executions WHERE status = 'RUNNING' AND parked = 0 ORDER BY id"
            ).map { try $0.int64(0) }
            return (parked, running)
        }
        for (execution, due) in parked { timers.set(execution, due: due) }
        for execution in running { resume(execution) }
    }

    /// Brings an execution back to memory and asks again for what it was waiting for.
    private func resume(_ execution: Int64) {
        guard let taken = live.post(nil, to: execution) else { return }
        spawn { await self.workOff(taken) }
    }
}
