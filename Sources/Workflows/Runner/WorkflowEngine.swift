public import Core
import StatesLanguage
public import Storage
import Synchronization

/// Runs workflows: the journal, the timers, the tasks, and the executions that are under way.
///
/// Standard executions are durable: what happens to them is written before anything follows from it, and after a crash
/// they go on where they stood. Those that only wait take no memory but their identifier and the instant.
public final class WorkflowEngine: Sendable {
    public struct Options: Sendable {
        public var limits = WorkflowLimits.standard
        /// Executions whose next instant is farther away than this many milliseconds are dropped from memory.
        public var parkAfter: Int64 = 5000
        /// Express executions that may run at one time.
        public var expressConcurrency = 10_000
        /// Milliseconds that a call for an activity task waits for one.
        public var activityPoll: Int64 = 60_000

        /// Milliseconds that a shutdown waits for tasks that have begun.
        public var drain: Int64 = 10_000

        public init() {}
    }

    public let database: Database
    public let clock: any HostClock
    public let options: Options
    let random: any RandomSource
    let identifiers: IdentifierSequence
    let integration: any TaskIntegration
    let objects: (any ObjectStore)?
    let meter: any WorkflowMeter
    let observer: any WorkflowObserver
    let cache: MachineCache
    let live = LiveTable()
    let timers: TimerQueue
    let waiters = CompletionWaiters()
    let activities: ActivityQueues
    let mapRuns = MapRunTable()
    let expressSlots: Mutex<Int>
    let draining = DrainGate()
    /// Machines that executions were started of lately, until one is changed.
    let resolved = Mutex<[String: ResolvedMachine]>([:])
    /// ARNs of the activities; nil until they are read.
    let knownActivities = Mutex<Set<String>?>(nil)
    let work: AsyncStream<@Sendable () async -> Void>
    private let workInput: AsyncStream<@Sendable () async -> Void>.Continuation

    /// - Parameters:
    ///   - integration: Has the tasks done.
    ///   - objects: Where distributed Maps read items and write results; without it such maps fail with a clear error.
    public init(
        database: Database, clock: any HostClock, random: any RandomSource = SystemRandomSource(),
        identifiers: IdentifierSequence, integration: any TaskIntegration, objects: (any ObjectStore)? = nil,
        meter: any WorkflowMeter = UnmeteredWorkflows(), observer: any WorkflowObserver = UnobservedWorkflows(),
        options: Options = Options()
    ) {
        self.database = database
        self.clock = clock
        self.random = random
        self.identifiers = identifiers
        self.integration = integration
        self.objects = objects
        self.meter = meter
        self.observer = observer
        self.options = options
        cache = MachineCache(limits: options.limits)
        timers = TimerQueue(clock: clock)
        activities = ActivityQueues(clock: clock)
        expressSlots = Mutex(options.expressConcurrency)
        (work, workInput) = AsyncStream.makeStream()
    }

    /// Has the work done by the service's own tasks, so that it ends with the service.
    func spawn(_ body: @escaping @Sendable () async -> Void) { workInput.yield(body) }

    func finishWork() { workInput.finish() }

    func signal(_ kind: Signal.Kind, to machine: WorkflowMachine) -> Signal {
        var signal = Signal(kind, at: clock.now, seed: random.nextUInt64())
        if !machine.activities.isEmpty {
            signal.missingActivities = knownActivities.withLock { known in
                known.map { known in machine.activities.filter { !known.contains($0) } } ?? []
            }
        }
        return signal
    }

    /// The highest identifier in use: sequences of identifiers must start above it.
    public static func highestIdentifier(in database: Database) async throws -> Int64 {
        try await database.read { transaction in
            try transaction.first(
                """
                SELECT MAX(id) FROM (SELECT MAX(id) AS id FROM workflows_definitions
                    UNION ALL SELECT MAX(id) AS id FROM workflows_executions) AS highest
                """)?.int64OrNil(0) ?? 0
        }
    }

    /// How many executions are in memory.
    public var liveCount: Int { live.count }
}
