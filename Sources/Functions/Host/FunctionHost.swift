public import Core
public import NIOCore
import Glibc
import Synchronization

/// Hosts functions as processes: starts, feeds, limits, logs and ends them.
///
/// A function version is deployed with its configuration and the directory of its code, and invoked by reference.
/// ``run()`` keeps the house: it ends idle instances until it is cancelled, and drains.
public final class FunctionHost: Sendable {
    struct State {
        var executors: [FunctionVersionReference: Deployment] = [:]
        /// Replaced versions whose last invocations still run.
        var leaving: [ObjectIdentifier: any FunctionExecutor] = [:]
        var isShutDown = false
    }

    struct Deployment {
        var configuration: FunctionConfiguration
        var executor: any FunctionExecutor
    }

    public let configuration: FunctionHostConfiguration
    let clock: any HostClock
    let random: any RandomSource
    let logs: any LogSink
    let eventLoopGroup: any EventLoopGroup
    let limiter: ConcurrencyLimiter
    let budget: InstanceBudget
    let reactors: ReactorSet
    let resolver: RuntimeResolver
    let processesPerUser: UInt64?
    let controlGroups: ControlGroupHierarchy?
    let sandbox: Sandbox?
    let state = Mutex(State())

    /// Prepares the data directory and starts the threads that processes are children of.
    public init(
        configuration: FunctionHostConfiguration, clock: any HostClock, random: any RandomSource = SystemRandomSource(),
        logs: any LogSink, eventLoopGroup: any EventLoopGroup
    ) throws(FunctionError) {
        self.configuration = configuration
        processesPerUser = Self.processLimit(configuration.limits.processesPerFunction)
        controlGroups =
            configuration.usesControlGroups
            ? ControlGroupHierarchy.prepare(
                name: ControlGroupHierarchy.name(of: getpid(), random.nextUInt64())) : nil
        self.clock = clock
        self.random = random
        self.logs = logs
        self.eventLoopGroup = eventLoopGroup
        let instances = "\(configuration.dataDirectory)/instances"
        // What a host that was killed left behind.
        FilePath.removeTree(instances)
        try FilePath.makeDirectory(instances)
        limiter = ConcurrencyLimiter(accountLimit: configuration.limits.accountConcurrency)
        budget = InstanceBudget(
            limit: configuration.limits.instances, startLimit: configuration.limits.starts,
            waitingLimit: configuration.limits.waiting)
        resolver = RuntimeResolver(
            interpreters: { configuration.interpreters ?? Self.machineInterpreters },
            bootstraps: try BootstrapFiles(writtenTo: "\(configuration.dataDirectory)/runtime"))
        sandbox =
            configuration.isolation == .namespaces
            ? try Sandbox(
                root: "\(configuration.dataDirectory)/root",
                runtimeDirectory: "\(configuration.dataDirectory)/runtime") : nil
        try sandbox?.requirePermission(in: instances)
        reactors = try ReactorSet(count: 2 * FunctionHostLimits.processors)
    }

    /// Looked for when the first function needs one.
    private static let machineInterpreters = interpretersOfThisMachine()

    /// The interpreters in the search path and where version managers keep them.
    public static func interpretersOfThisMachine() -> InterpreterCatalog {
        func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
        return InterpreterCatalog.discover(searchPath: variable("PATH") ?? "", home: variable("HOME") ?? "/root")
    }

    /// The system counts all of a user's together, so those that run now come on
    /// top; for root it does not count at all.
    private static func processLimit(_ perFunction: Int) -> UInt64? {
        guard geteuid() != 0 else { return nil }
        let own = FilePath.children(of: "/proc").lazy.filter { name in
            var status = stat()
            return name.utf8.first.map { (48...57).contains($0) } == true && stat("/proc/\(name)", &status) == 0
                && status.st_uid == geteuid()
        }
        let threads = own.reduce(0) { $0 + FilePath.children(of: "/proc/\($1)/task").count }
        return UInt64(max(1, perFunction) + threads)
    }

    // MARK: Deploying

    /// Hosts a version from now on, in place of what the reference meant before. Invocations under way end on the old
    /// code; its instances end when they do. Returns warnings, such as an interpreter of another version.
    @discardableResult
    public func deploy(_ function: FunctionConfiguration) throws(FunctionError) -> [String] {
        try function.validate()
        let runtime = try resolver.resolve(function)
        try sandbox?.prepare(for: function, runtime)
        let executor = makeExecutor(function, runtime)
        let (isAccepted, replaced) = state.withLock { state in
            guard !state.isShutDown else { return (false, nil as (any FunctionExecutor)?) }
            let before = state.executors[function.reference]?.executor
            if let before { state.leaving[ObjectIdentifier(before)] = before }
            state.executors[function.reference] = Deployment(configuration: function, executor: executor)
            return (true, before)
        }
        guard isAccepted else { throw FunctionError(.host, "the host shuts down") }
        limiter.reserve(function.reservedConcurrency, for: function.reference.function)
        executor.provision(function.provisionedConcurrency)
        if let replaced { leave(replaced) }
        return runtime.warning.map { [$0] } ?? []
    }

    /// Checks everything ``deploy(_:)`` checks, and changes nothing. Returns the same warnings.
    public func check(_ function: FunctionConfiguration) throws(FunctionError) -> [String] {
        try function.validate()
        return try resolver.resolve(function).warning.map { [$0] } ?? []
    }

    /// Ends a version: no more invocations, and its instances end with those under way.
    public func withdraw(_ reference: FunctionVersionReference) {
        let (isLast, withdrawn) = state.withLock { state in
            let before = state.executors.removeValue(forKey: reference)?.executor
            if let before { state.leaving[ObjectIdentifier(before)] = before }
            return (!state.executors.keys.contains { $0.function == reference.function }, before)
        }
        if isLast { limiter.reserve(nil, for: reference.function) }
        if let withdrawn { leave(withdrawn) }
    }

    /// Sets or ends a function's reserved concurrency, for all its versions.
    public func setReservedConcurrency(_ concurrency: Int?, of reference: FunctionVersionReference) {
        limiter.reserve(concurrency, for: reference.function)
    }

    /// Sets how many instances of the version are kept ready. Those that run go on.
    public func setProvisionedConcurrency(_ concurrency: Int, of reference: FunctionVersionReference) {
        let executor = state.withLock { state in
            state.executors[reference]?.configuration.provisionedConcurrency = concurrency
            return state.executors[reference]?.executor
        }
        executor?.provision(concurrency)
    }

    /// What the version has running; nil when it is not hosted.
    public func statistics(of reference: FunctionVersionReference) -> FunctionStatistics? {
        state.withLock { $0.executors[reference]?.executor }?.statistics
    }

    public func configuration(of reference: FunctionVersionReference) -> FunctionConfiguration? {
        state.withLock { $0.executors[reference]?.configuration }
    }

    /// The versions hosted now, with what each has running.
    public var statistics: [FunctionVersionReference: FunctionStatistics] {
        state.withLock { $0.executors }.mapValues { $0.executor.statistics }
    }

    /// What control groups limit here: some of `memory`, `pids` and `cpu`, or nothing where the host may make none.
    /// Without them the host itself looks at memory and the number of processes, ten times a second.
    public var controlledResources: [String] {
        (controlGroups?.directories.keys.map(\.rawValue) ?? []).sorted()
    }

    private func makeExecutor(_ function: FunctionConfiguration, _ runtime: ResolvedRuntime) -> any FunctionExecutor {
        let plan = InstancePlan(
            function: function, runtime: runtime,
            environment: FunctionEnvironment(
                function: function, runtime: runtime,
                paths: sandbox == nil
                    ? FunctionEnvironment.Paths(task: function.codeDirectory, layers: function.layers.reversed())
                    : FunctionEnvironment.Paths(task: Sandbox.taskRoot, layers: [Sandbox.layerRoot]),
                hostVariables: configuration.environment),
            temporaryDirectory: "\(configuration.dataDirectory)/instances", limits: configuration.limits,
            processesPerUser: processesPerUser, controlGroups: controlGroups, sandbox: sandbox,
            credentials: configuration.credentials, clock: clock,
            random: random, logs: logs)
        let resources = PoolResources(
            budget: budget, reactors: reactors, eventLoopGroup: eventLoopGroup,
            makeRoom: { [weak self] in self?.makeRoom() },
            makeRoomForWaiting: { [weak self] in self?.makeRoomForWaiting() },
            roomIsFree: { [weak self] in self?.roomIsFree() })
        switch runtime.contract {
        case .runtimeAPI: return InstancePool(plan: plan, resources: resources)
        case .exec: return ExecPool(plan: plan, resources: resources)
        }
    }

    /// Lets a replaced version end with its last invocation.
    private func leave(_ executor: any FunctionExecutor) {
        executor.beginDraining { [weak self] in
            self?.state.withLock { _ = $0.leaving.removeValue(forKey: ObjectIdentifier(executor)) }
        }
    }
}
