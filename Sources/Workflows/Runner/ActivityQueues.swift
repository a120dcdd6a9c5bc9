import Core
import Synchronization

/// A task for a worker of an activity.
public struct ActivityTask: Sendable, Equatable {
    var execution: Int64
    var task: TaskID
    public var token: String
    public var input: JSON
}

/// The tasks that wait for workers, and the workers that wait for tasks, by activity.
///
/// Held in memory: executions bring their waiting tasks back when they are taken up after a restart.
final class ActivityQueues: Sendable {
    private struct Queue {
        var tasks: [ActivityTask] = []
        var workers: [Worker] = []
    }

    private final class Worker: Sendable {
        let wakeup = Wakeup()
        let task = Mutex<ActivityTask?>(nil)
    }

    private let queues = Mutex<[String: Queue]>([:])
    private let clock: any HostClock

    init(clock: any HostClock) { self.clock = clock }

    func offer(_ task: ActivityTask, to activity: String) {
        let worker = queues.withLock { queues -> Worker? in
            if queues[activity]?.workers.isEmpty == false { return queues[activity]?.workers.removeFirst() }
            let isKnown = queues[activity]?.tasks.contains { $0.token == task.token } ?? false
            if !isKnown { queues[activity, default: Queue()].tasks.append(task) }
            return nil
        }
        if let worker {
            worker.task.withLock { $0 = task }
            worker.wakeup.notify()
        }
    }

    func withdraw(execution: Int64, task: TaskID, from activity: String) {
        queues.withLock { queues in
            queues[activity]?.tasks.removeAll { $0.execution == execution && $0.task == task }
        }
    }

    /// The next task of the activity; waits for one until the deadline.
    func take(from activity: String, until deadline: Timestamp) async -> ActivityTask? {
        let worker = Worker()
        let ready = queues.withLock { queues -> ActivityTask? in
            if queues[activity]?.tasks.isEmpty == false { return queues[activity]?.tasks.removeFirst() }
            queues[activity, default: Queue()].workers.append(worker)
            return nil
        }
        if let ready { return ready }
        let clock = clock
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await clock.sleep(until: deadline) }
            group.addTask { await worker.wakeup.wait() }
            await group.next()
            group.cancelAll()
        }
        queues.withLock { queues in queues[activity]?.workers.removeAll { $0 === worker } }
        return worker.task.withLock { $0 }
    }
}
