import Core
import NIOCore
import Synchronization

/// The `exec` contract: a process for each invocation, within the host's budget of processes.
final class ExecPool: WaitingExecutor {
    private struct State {
        var running: [ObjectIdentifier: ExecInvocation] = [:]
        var free: [ExecPlace] = []
        var waiting = WaitingLine()
        var provisioned = 0
        var isDraining = false
        var drained: [@Sendable () -> Void] = []
    }

    let plan: InstancePlan
    let resources: PoolResources
    private let logStream: String
    private let environment: [String]
    private let credentials: FunctionCredentials?
    private let state = Mutex(State())

    init(plan: InstancePlan, resources: PoolResources) {
        self.plan = plan
        self.resources = resources
        // One stream for the version: a process lives for one invocation only.
        logStream = plan.logStream(instance: plan.makeInstanceID())
        // And one set of credentials: to issue more would cost more than many a process.
        credentials = plan.credentials?.issue(to: plan.function)
        environment = plan.environment.list(
            runtimeAPI: nil, logStream: logStream, temporary: nil, additions: credentials?.variables ?? [:])
    }

    deinit {
        if let credentials { plan.credentials?.revoke(credentials) }
    }

    func run(_ invocation: Invocation) -> Bool {
        enum Next { case start, wait, refuse, turnAway }
        let next: Next = state.withLock { state in
            if state.isDraining { return .turnAway }
            if resources.budget.takeInstance() { return .start }
            guard resources.budget.takeWaitingPlace() else { return .refuse }
            state.waiting.append(invocation)
            return .wait
        }
        switch next {
        case .start: start(invocation)
        case .wait:
            watchWaiting()
            resources.makeRoom()
            // The room may have become free while the invocation began to wait.
            roomIsFree()
        case .refuse: invocation.reject(.noRoom)
        case .turnAway: return false
        }
        return true
    }

    /// Starts a process that the budget has already been charged for.
    private func start(_ invocation: Invocation) {
        let free = state.withLock { $0.free.popLast() }
        let run = ExecInvocation(
            invocation, plan: plan, environment: environment, logStream: logStream,
            place: free ?? ExecPlace(id: plan.makeInstanceID(), parent: plan.temporaryDirectory),
            reactor: resources.reactors.next(), eventLoop: invocation.eventLoop ?? resources.eventLoopGroup.next()
        ) { [weak self] in self?.ended($0) }
        state.withLock { $0.running[ObjectIdentifier(run)] = run }
        run.start()
    }

    private func ended(_ run: ExecInvocation) {
        state.withLock { state in
            state.running[ObjectIdentifier(run)] = nil
            state.free.append(run.place)
        }
        resources.budget.returnInstance()
        roomIsFree()
        finishDraining()
        resources.roomIsFree()
    }

    func roomIsFree() {
        while lacksRoom, resources.budget.takeInstance() {
            guard let invocation = state.withLock({ $0.waiting.popFirst() }) else {
                resources.budget.returnInstance()
                // Another may just have been told that there is none.
                return resources.roomIsFree()
            }
            resources.budget.returnWaitingPlace()
            start(invocation)
        }
    }

    func withWaiting<Result>(_ body: (inout WaitingLine) -> Result) -> Result {
        state.withLock { body(&$0.waiting) }
    }

    var lacksRoom: Bool { withWaiting { !$0.isEmpty } }

    // MARK: Nothing stays warm

    /// Nothing needs to be started for it to be ready.
    func provision(_ count: Int) { state.withLock { $0.provisioned = count } }

    func retire(idleSince instant: Timestamp) {}

    var idleSince: Timestamp? { nil }

    func retireOldest() -> Bool { false }

    // MARK: The end

    func beginDraining(_ ended: @escaping @Sendable () -> Void) {
        state.withLock { state in
            state.isDraining = true
            state.drained.append(ended)
        }
        finishDraining()
    }

    func kill() {
        let (running, waiting) = state.withLock { state in
            state.isDraining = true
            return (Array(state.running.values), state.waiting.removeAll())
        }
        refuse(waiting)
        for run in running { run.kill() }
    }

    func finishDraining() {
        let ended = state.withLock { state -> [@Sendable () -> Void] in
            guard state.isDraining, state.running.isEmpty, state.waiting.isEmpty else { return [] }
            defer { state.drained = [] }
            return state.drained
        }
        guard !ended.isEmpty else { return }
        removePlaces()
        for call in ended { call() }
    }

    private func removePlaces() {
        let places = state.withLock { state in
            defer { state.free = [] }
            return state.free
        }
        resources.reactors.next().execute { _ in
            for place in places { place.remove() }
        }
    }

    var statistics: FunctionStatistics {
        state.withLock { state in
            FunctionStatistics(
                instances: state.running.count, idleInstances: 0, runningInvocations: state.running.count,
                waitingInvocations: state.waiting.count, provisionedInstances: state.provisioned,
                hasProvisioned: true)
        }
    }
}
