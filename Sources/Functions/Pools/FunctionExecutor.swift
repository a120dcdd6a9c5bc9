import Core

/// What runs the invocations of one function version: a pool of warm instances, or a process for each.
protocol FunctionExecutor: AnyObject, Sendable {
    /// Takes an accepted invocation; its completion is called whatever happens. From any thread.
    /// False when it takes no more, because another has taken its place.
    func run(_ invocation: Invocation) -> Bool
    /// Keeps so many instances ready ahead of demand from now on.
    func provision(_ count: Int)
    /// Ends instances that have been idle since then or longer.
    func retire(idleSince instant: Timestamp)
    /// When the longest idle instance became idle.
    var idleSince: Timestamp? { get }
    /// Ends the longest idle instance, to make room for another function's. False when none is idle.
    func retireOldest() -> Bool
    /// Invocations wait that no instance starts for.
    var lacksRoom: Bool { get }
    /// Starts what waits for room.
    func roomIsFree()
    /// Takes no more invocations; calls back when those under way have ended and their processes are gone.
    func beginDraining(_ ended: @escaping @Sendable () -> Void)
    /// Ends every process at once.
    func kill()
    var statistics: FunctionStatistics { get }
}

extension FunctionExecutor {
    func drain() async {
        await withCheckedContinuation { continuation in beginDraining { continuation.resume() } }
    }
}

/// A moment's count of what a function version has.
public struct FunctionStatistics: Hashable, Sendable {
    /// Processes, those that start included.
    public var instances: Int
    public var idleInstances: Int
    public var runningInvocations: Int
    /// Invocations that wait for an instance.
    public var waitingInvocations: Int
    /// Instances of the provisioned concurrency that are ready or at work.
    public var provisionedInstances: Int
    /// As many of those as were asked for have been ready at once; what ends since then is replaced.
    public var hasProvisioned: Bool
    /// Those of the provisioned concurrency that are missing cannot be started, and are tried no more.
    public var hasFailedToProvision: Bool

    public init(
        instances: Int, idleInstances: Int, runningInvocations: Int, waitingInvocations: Int,
        provisionedInstances: Int = 0, hasProvisioned: Bool = false,
        hasFailedToProvision: Bool = false
    ) {
        self.instances = instances
        self.idleInstances = idleInstances
        self.runningInvocations = runningInvocations
        self.waitingInvocations = waitingInvocations
        self.provisionedInstances = provisionedInstances
        self.hasProvisioned = hasProvisioned
        self.hasFailedToProvision = hasFailedToProvision
    }
}
