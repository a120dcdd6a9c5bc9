import Synchronization

/// How many processes, of them how many that begin, and waiting invocations all pools of a host may have together.
final class InstanceBudget: Sendable {
    private struct State {
        var instances = 0
        var starts = 0
        var waiting = 0
    }

    let limit: Int
    let startLimit: Int
    let waitingLimit: Int
    private let state = Mutex(State())

    init(limit: Int, startLimit: Int, waitingLimit: Int) {
        self.limit = limit
        self.startLimit = startLimit
        self.waitingLimit = waitingLimit
    }

    var instances: Int { state.withLock { $0.instances } }

    /// Some wait, and there is no room for any more instances.
    var isCrowded: Bool { state.withLock { $0.waiting > 0 && $0.instances >= limit } }

    /// Instances that are kept whether they are needed or not leave a quarter of the room to all others.
    func takeInstance(_ origin: RuntimeInstance.Origin = .onDemand) -> Bool {
        state.withLock { state in
            guard state.instances < limit - (origin == .provisioned ? limit / 4 : 0) else { return false }
            state.instances += 1
            return true
        }
    }

    func returnInstance() { state.withLock { $0.instances -= 1 } }

    /// Whether one more may begin now. Only instances that are started on demand ask.
    func takeStart() -> Bool {
        state.withLock { state in
            guard state.starts < startLimit else { return false }
            state.starts += 1
            return true
        }
    }

    func returnStart() { state.withLock { $0.starts -= 1 } }

    func takeWaitingPlace() -> Bool {
        state.withLock { state in
            guard state.waiting < waitingLimit else { return false }
            state.waiting += 1
            return true
        }
    }

    func returnWaitingPlace() { state.withLock { $0.waiting -= 1 } }
}
