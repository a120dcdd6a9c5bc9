import Synchronization

/// How many processes and waiting invocations all pools of a host may have together.
final class InstanceBudget: Sendable {
    private struct State {
        var instances = 0
        var waiting = 0
    }

    let limit: Int
    let waitingLimit: Int
    private let state = Mutex(State())

    init(limit: Int, waitingLimit: Int) {
        self.limit = limit
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

    func takeWaitingPlace() -> Bool {
        state.withLock { state in
            guard state.waiting < waitingLimit else { return false }
            state.waiting += 1
            return true
        }
    }

    func returnWaitingPlace() { state.withLock { $0.waiting -= 1 } }
}
