import Synchronization

/// Instances that are kept ready ahead of demand.
extension InstancePool {
    struct Provisioning {
        var wanted: Int { didSet { isReached = ready >= wanted } }
        /// Those that run or start.
        var instances = 0
        /// Of those, the ones that have been ready.
        var ready = 0 { didSet { if ready >= wanted { isReached = true } } }
        /// As many as are wanted have been ready at once. One that ends and is replaced does not undo it.
        private(set) var isReached = false
        /// Instances in a row that ended before they had served anybody.
        var failures = 0

        /// Lambda gives up after as many, until the configuration is set again.
        static let failureLimit = 6

        var hasFailed: Bool { failures >= Self.failureLimit }
        var isLacking: Bool { instances < wanted && !hasFailed }
    }

    func provision(_ count: Int) {
        let surplus = state.withLock { state in
            state.provisioning.wanted = count
            state.provisioning.failures = 0
            let idle = state.idle.filter(\.isProvisioned).prefix(max(0, state.provisioning.instances - count))
            for instance in idle { state.set(.busy, of: instance) }
            return Array(idle)
        }
        for instance in surplus { instance.retire() }
        startProvisioned()
    }

    /// Starts what is missing, as far as the host's budget goes.
    func startProvisioned() {
        while state.withLock({ $0.provisioning.isLacking && !$0.isDraining }) {
            guard resources.budget.takeInstance(.provisioned) else { return }
            start(.provisioned, near: nil, status: .starting)
        }
    }

    /// One of them has ended, for whatever reason: another takes its place.
    func provisionedEnded(hasServed: Bool) {
        state.withLock { state in
            guard state.provisioning.instances < state.provisioning.wanted else { return }
            state.provisioning.failures = hasServed ? 0 : state.provisioning.failures + 1
        }
        startProvisioned()
    }
}

extension RuntimeInstance {
    var isProvisioned: Bool { origin == .provisioned }
}
