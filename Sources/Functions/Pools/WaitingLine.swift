import DequeModule
import NIOCore

/// The invocations of a function version that wait for an instance, in the order in which they came.
struct WaitingLine {
    private var invocations = Deque<Invocation>()
    private var isWatched = false

    var count: Int { invocations.count }

    var isEmpty: Bool { invocations.isEmpty }

    mutating func append(_ invocation: Invocation) { invocations.append(invocation) }

    /// One that has had its turn, and lost it.
    mutating func putBack(_ invocation: Invocation) { invocations.prepend(invocation) }

    mutating func popFirst() -> Invocation? { invocations.popFirst() }

    mutating func removeAll() -> [Invocation] {
        defer { invocations = [] }
        return Array(invocations)
    }

    // MARK: Waiting too long

    /// Whether the caller is to look after those who wait; nobody else does then.
    fileprivate mutating func takeWatch() -> Bool {
        guard !isWatched, !isEmpty else { return false }
        isWatched = true
        return true
    }

    /// Removes those that came before the instant, and tells when the first of the others came. With none left the
    /// watch has ended.
    fileprivate mutating func takeOverdue(before instant: NIODeadline) -> (overdue: [Invocation], next: NIODeadline?) {
        var overdue: [Invocation] = []
        while let first = invocations.first, first.acceptedAt <= instant {
            overdue.append(first)
            invocations.removeFirst()
        }
        isWatched = !isEmpty
        return (overdue, invocations.first?.acceptedAt)
    }
}

/// An executor whose invocations may have to wait for room, but not for ever: functions that call one another could hold
/// all the instances that they wait for.
protocol WaitingExecutor: FunctionExecutor {
    var plan: InstancePlan { get }
    var resources: PoolResources { get }
    func withWaiting<Result>(_ body: (inout WaitingLine) -> Result) -> Result
    func finishDraining()
}

extension WaitingExecutor {
    /// To be called whenever an invocation has begun to wait.
    func watchWaiting() {
        if withWaiting({ $0.takeWatch() }) { refuseOverdue(in: .milliseconds(plan.limits.waitingMilliseconds)) }
    }

    private func refuseOverdue(in delay: TimeAmount) {
        resources.eventLoopGroup.next().scheduleTask(in: delay) { [weak self] in self?.refuseOverdue() }
    }

    private func refuseOverdue() {
        let now = NIODeadline.now()
        let patience = TimeAmount.milliseconds(plan.limits.waitingMilliseconds)
        let (overdue, next) = withWaiting { $0.takeOverdue(before: now - patience) }
        if let next { refuseOverdue(in: max(.milliseconds(1), next + patience - now)) }
        for invocation in overdue {
            resources.budget.returnWaitingPlace()
            invocation.reject(.noRoom)
        }
        finishDraining()
    }

    /// The host ends: nobody waits any more.
    func refuse(_ waiting: [Invocation]) {
        for invocation in waiting {
            resources.budget.returnWaitingPlace()
            invocation.reject(.hostEnds)
        }
    }
}

extension InvocationRejection {
    static let hostEnds = InvocationRejection(.shuttingDown, "The host shuts down.")
    static let noRoom = InvocationRejection(
        .queueFull, "Rate Exceeded. Too many invocations wait for an instance.")
}
