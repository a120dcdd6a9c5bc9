import Core
import NIOCore
import Synchronization

/// The warm instances of one function version.
///
/// A free instance takes the next invocation, the most recently used first, so that the others grow idle and end. With
/// none free one more is started for each invocation that waits, within the host's budget; whichever instance is free
/// first takes whatever has waited longest.
final class InstancePool: WaitingExecutor {
    enum Status: Equatable {
        case starting
        case busy
        case idle(since: Timestamp)
    }

    struct Slot {
        var instance: RuntimeInstance
        var status: Status
        /// It is one of those that begin, of which there are only so many at once.
        var holdsStart = false
    }

    struct State {
        var slots: [ObjectIdentifier: Slot] = [:]
        /// Free instances, the most recently used last.
        var idle: [RuntimeInstance] = []
        var waiting = WaitingLine()
        /// Instances that start on demand.
        var starting = 0
        var provisioning: Provisioning
        var isDraining = false
        var isKilled = false
        var drained: [@Sendable () -> Void] = []

        mutating func set(_ status: Status, of instance: RuntimeInstance) {
            guard let before = slots[ObjectIdentifier(instance)]?.status else { return }
            leave(before, instance)
            slots[ObjectIdentifier(instance)]?.status = status
            enter(status, instance)
        }

        /// Whether the instance was one of those that begin, which it is no more.
        mutating func takeStart(of instance: RuntimeInstance) -> Bool {
            guard slots[ObjectIdentifier(instance)]?.holdsStart == true else { return false }
            slots[ObjectIdentifier(instance)]?.holdsStart = false
            return true
        }

        mutating func add(_ instance: RuntimeInstance, _ status: Status, holdsStart: Bool) {
            slots[ObjectIdentifier(instance)] = Slot(instance: instance, status: status, holdsStart: holdsStart)
            if instance.isProvisioned { provisioning.instances += 1 }
            enter(status, instance)
        }

        mutating func remove(_ instance: RuntimeInstance) {
            guard let slot = slots.removeValue(forKey: ObjectIdentifier(instance)) else { return }
            leave(slot.status, instance)
            if instance.isProvisioned { provisioning.instances -= 1 }
        }

        private mutating func enter(_ status: Status, _ instance: RuntimeInstance) {
            switch status {
            case .starting: if !instance.isProvisioned { starting += 1 }
            case .idle: idle.append(instance)
            case .busy: break
            }
            if instance.isProvisioned, status != .starting { provisioning.ready += 1 }
        }

        private mutating func leave(_ status: Status, _ instance: RuntimeInstance) {
            switch status {
            case .starting: if !instance.isProvisioned { starting -= 1 }
            case .idle: idle.removeAll { $0 === instance }
            case .busy: break
            }
            if instance.isProvisioned, status != .starting { provisioning.ready -= 1 }
        }
    }

    let plan: InstancePlan
    let resources: PoolResources
    let state: Mutex<State>

    init(plan: InstancePlan, resources: PoolResources) {
        self.plan = plan
        self.resources = resources
        state = Mutex(State(provisioning: Provisioning(wanted: plan.function.provisionedConcurrency)))
    }

    // MARK: Invocations

    func run(_ invocation: Invocation) -> Bool {
        enum Next { case dispatch(RuntimeInstance), wait, refuse, turnAway }
        let next: Next = state.withLock { state in
            guard !state.isDraining else { return .turnAway }
            if let instance = Self.takeIdle(&state, near: invocation.eventLoop) { return .dispatch(instance) }
            guard resources.budget.takeWaitingPlace() else { return .refuse }
            state.waiting.append(invocation)
            return .wait
        }
        switch next {
        case .dispatch(let instance): instance.dispatch(invocation)
        case .wait:
            watchWaiting()
            startWhatIsMissing(near: invocation.eventLoop)
        case .refuse: invocation.reject(.noRoom)
        case .turnAway: return false
        }
        return true
    }

    /// The most recently used instance, if there is one on the caller's own event loop: a hop between threads costs more
    /// than everything else in an invocation. Provisioned ones, which are paid for, come first.
    private static func takeIdle(_ state: inout State, near eventLoop: (any EventLoop)?) -> RuntimeInstance? {
        var candidates = state.idle[...]
        if state.provisioning.ready > 0, candidates.contains(where: \.isProvisioned) {
            candidates = candidates.filter(\.isProvisioned)[...]
        }
        let near = eventLoop.flatMap { loop in candidates.last { $0.eventLoop === loop } }
        guard let instance = near ?? candidates.last else { return nil }
        state.set(.busy, of: instance)
        return instance
    }

    func withWaiting<Result>(_ body: (inout WaitingLine) -> Result) -> Result {
        state.withLock { body(&$0.waiting) }
    }

    // MARK: Starting

    /// More invocations wait than instances start.
    var lacksRoom: Bool { state.withLock { $0.waiting.count > $0.starting } }

    func startWhatIsMissing(near eventLoop: (any EventLoop)?) {
        while lacksRoom {
            // Whoever has begun calls this again.
            guard resources.budget.takeStart() else { return }
            guard resources.budget.takeInstance() else {
                resources.budget.returnStart()
                // Another function's idle instance makes room; its end leads back here.
                resources.makeRoom()
                return
            }
            let instance = start(.onDemand, near: eventLoop, status: .starting)
            // An instance that takes its time, waiting for others for instance, holds nobody up for long.
            resources.eventLoopGroup.next().scheduleTask(in: .milliseconds(plan.limits.startMilliseconds)) {
                [weak self, weak instance] in
                guard let self, let instance, self.state.withLock({ $0.takeStart(of: instance) }) else { return }
                self.startIsOver()
            }
        }
    }

    /// One of those that began begins no more: another may.
    func startIsOver() {
        resources.budget.returnStart()
        resources.roomIsFree()
    }

    /// Starts an instance that the budget has already been charged for.
    @discardableResult
    func start(_ origin: RuntimeInstance.Origin, near eventLoop: (any EventLoop)?, status: Status) -> RuntimeInstance {
        let instance = RuntimeInstance(
            plan: plan, origin: origin, eventLoop: eventLoop ?? resources.eventLoopGroup.next(),
            reactor: resources.reactors.next(), owner: self)
        state.withLock { $0.add(instance, status, holdsStart: origin == .onDemand && status == .starting) }
        instance.start()
        return instance
    }

    func roomIsFree() {
        startWhatIsMissing(near: nil)
        startProvisioned()
    }

    var statistics: FunctionStatistics {
        state.withLock { state in
            let provisioning = state.provisioning
            let starting = state.starting + provisioning.instances - provisioning.ready
            return FunctionStatistics(
                instances: state.slots.count, idleInstances: state.idle.count,
                runningInvocations: state.slots.count - state.idle.count - starting,
                waitingInvocations: state.waiting.count, provisionedInstances: provisioning.ready,
                hasProvisioned: provisioning.isReached,
                hasFailedToProvision: provisioning.hasFailed)
        }
    }
}
