import Core
import NIOCore
import Synchronization

extension InstancePool: InstanceOwner {
    func instanceIsFree(_ instance: RuntimeInstance) {
        enum Next { case dispatch(Invocation), retire, wait }
        let now = plan.clock.now
        let (next, hasBegun): (Next, Bool) = state.withLock { state in
            let hasBegun = state.takeStart(of: instance)
            if let invocation = state.waiting.popFirst() {
                resources.budget.returnWaitingPlace()
                state.set(.busy, of: instance)
                return (.dispatch(invocation), hasBegun)
            }
            let isSurplus = instance.isProvisioned && state.provisioning.instances > state.provisioning.wanted
            if state.isDraining || isSurplus {
                state.set(.busy, of: instance)
                return (.retire, hasBegun)
            }
            state.set(.idle(since: now), of: instance)
            return (.wait, hasBegun)
        }
        switch next {
        case .dispatch(let invocation): instance.dispatch(invocation)
        case .retire: instance.retire()
        // Another function's invocations may have found no idle instance to take the place of.
        case .wait: if resources.budget.isCrowded { resources.makeRoomForWaiting() }
        }
        if hasBegun { startIsOver() }
    }

    func instanceEnded(_ instance: RuntimeInstance, unstarted: Invocation?, initFailure: InitFailure?) {
        let (wasKnown, heldStart) = state.withLock { state in
            defer { state.remove(instance) }
            return (state.slots[ObjectIdentifier(instance)] != nil, state.takeStart(of: instance))
        }
        if heldStart { resources.budget.returnStart() }
        if wasKnown { resources.budget.returnInstance() }
        if instance.isProvisioned {
            // Nobody waits for it: whoever calls meanwhile is served on demand.
            if let unstarted { putBack(unstarted) }
            provisionedEnded(hasServed: instance.hasServed)
        } else if let initFailure, let invocation = unstarted ?? takeLongestWaiting() {
            fail(invocation, on: instance, initFailure)
        } else if let unstarted {
            putBack(unstarted)
        }
        startWhatIsMissing(near: instance.eventLoop)
        finishDraining()
        resources.roomIsFree()
    }

    private func fail(_ invocation: Invocation, on instance: RuntimeInstance, _ failure: InitFailure) {
        switch failure {
        case .timedOut where !isKilled && resources.budget.takeInstance():
            start(.withinInvocation, near: instance.eventLoop, status: .busy).dispatch(invocation)
        case .timedOut: putBack(invocation)
        case .reported(let type, let payload): instance.failInvocation(invocation, type: type, payload: payload)
        case .ended(let type, let reason):
            let message = FunctionErrorPayload.message(invocation.context.requestID, reason)
            let payload = FunctionErrorPayload.make(type: type, message: message)
            instance.failInvocation(invocation, type: type, payload: payload)
        case .host(let error): invocation.reject(InvocationRejection(.hostFailure, error.message))
        }
    }

    private var isKilled: Bool { state.withLock(\.isKilled) }

    private func takeLongestWaiting() -> Invocation? {
        state.withLock { state in
            guard let invocation = state.waiting.popFirst() else { return nil }
            resources.budget.returnWaitingPlace()
            return invocation
        }
    }

    /// An invocation that was given to an instance and never started waits again, before all others.
    private func putBack(_ invocation: Invocation) {
        guard !isKilled else { return invocation.reject(.hostEnds) }
        guard resources.budget.takeWaitingPlace() else {
            return invocation.reject(.noRoom)
        }
        state.withLock { $0.waiting.putBack(invocation) }
        watchWaiting()
        startWhatIsMissing(near: invocation.eventLoop)
    }
}

// MARK: Retiring

extension InstancePool {
    var idleSince: Timestamp? {
        state.withLock { state in
            state.oldestOnDemand.flatMap { Self.idleSince($0, state) }
        }
    }

    func retire(idleSince instant: Timestamp) {
        let retired = state.withLock { state in
            let old = state.idle.filter { instance in
                !instance.isProvisioned && Self.idleSince(instance, state).map { $0 <= instant } == true
            }
            for instance in old { state.set(.busy, of: instance) }
            return old
        }
        for instance in retired { instance.retire() }
    }

    func retireOldest() -> Bool {
        let instance = state.withLock { state -> RuntimeInstance? in
            guard let instance = state.oldestOnDemand else { return nil }
            state.set(.busy, of: instance)
            return instance
        }
        instance?.retire()
        return instance != nil
    }

    private static func idleSince(_ instance: RuntimeInstance, _ state: State) -> Timestamp? {
        guard case .idle(let since)? = state.slots[ObjectIdentifier(instance)]?.status else { return nil }
        return since
    }

    func beginDraining(_ ended: @escaping @Sendable () -> Void) {
        let idle = state.withLock { state in
            state.isDraining = true
            state.drained.append(ended)
            let idle = state.idle
            for instance in idle { state.set(.busy, of: instance) }
            return idle
        }
        for instance in idle { instance.retire() }
        // Those that start for nobody end when they are ready; those that start for someone serve first.
        finishDraining()
    }

    func kill() {
        let (instances, waiting) = state.withLock { state in
            state.isDraining = true
            state.isKilled = true
            return (state.slots.values.map(\.instance), state.waiting.removeAll())
        }
        refuse(waiting)
        for instance in instances { instance.kill() }
    }

    func finishDraining() {
        let ended = state.withLock { state -> [@Sendable () -> Void] in
            guard state.isDraining, state.slots.isEmpty, state.waiting.isEmpty else { return [] }
            defer { state.drained = [] }
            return state.drained
        }
        for call in ended { call() }
    }
}

extension InstancePool.State {
    /// The instance that has been idle for longest, of those that may end.
    fileprivate var oldestOnDemand: RuntimeInstance? { idle.first { !$0.isProvisioned } }
}
