public import Core
public import Messaging
public import Metering
public import ServiceLifecycle
public import Storage
import Synchronization

/// Polls queues for functions: one poller for every enabled mapping, started and ended as mappings change.
public final class EventSourceMappingService: Service, Sendable {
    private struct Running {
        var mapping: EventSourceMapping
        let stop: Wakeup
    }

    private struct State {
        var mappings: [String: EventSourceMapping] = [:]
        var running: [String: Running] = [:]
        var isRunning = false
    }

    let database: Database
    let queues: QueueService
    let invoker: FunctionInvoker
    let meter: Meter
    let clock: any HostClock
    private let documents = LambdaDocuments()
    private let state = Mutex(State())
    private let starts: AsyncStream<QueuePoller>
    private let startsInput: AsyncStream<QueuePoller>.Continuation

    public init(
        database: Database, queues: QueueService, invoker: FunctionInvoker, meter: Meter, clock: any HostClock
    ) {
        self.database = database
        self.queues = queues
        self.invoker = invoker
        self.meter = meter
        self.clock = clock
        (starts, startsInput) = AsyncStream.makeStream()
    }

    /// Reads the mappings. Call it once, before requests are taken.
    public func load() async throws {
        let documents = documents
        let mappings = try await database.read { try documents.everywhere(.mapping, in: $0) }
            .map(EventSourceMapping.init)
        state.withLock { state in
            for mapping in mappings { state.mappings[mapping.id] = mapping }
        }
    }

    // MARK: Mappings

    func mapping(_ id: String, _ scope: Scope, in transaction: Transaction) throws -> EventSourceMapping? {
        try documents.get(.mapping, id, scope, in: transaction).map {
            EventSourceMapping(LambdaDocuments.Document(scope: scope, id: id, content: $0))
        }
    }

    func all(_ scope: Scope, in transaction: Transaction) throws -> [EventSourceMapping] {
        try documents.all(.mapping, scope, in: transaction).map(EventSourceMapping.init)
    }

    func put(_ mapping: EventSourceMapping, in transaction: Transaction) throws {
        try documents.put(.mapping, mapping.id, mapping.document, mapping.scope, in: transaction)
        transaction.afterCommit { self.adopt(mapping, id: mapping.id) }
    }

    func remove(_ mapping: EventSourceMapping, in transaction: Transaction) throws {
        try documents.remove(.mapping, mapping.id, mapping.scope, in: transaction)
        transaction.afterCommit { self.adopt(nil, id: mapping.id) }
    }

    func setTags(_ tags: [String: String], of id: String, _ scope: Scope, in transaction: Transaction) throws {
        guard var mapping = try mapping(id, scope, in: transaction) else { return }
        mapping.tags = tags
        try put(mapping, in: transaction)
    }

    // MARK: Running

    /// Runs until shutdown; batches under way are finished.
    public func run() async throws {
        state.withLock { $0.isRunning = true }
        for mapping in state.withLock({ Array($0.mappings.values) }) { adopt(mapping, id: mapping.id) }
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await withDiscardingTaskGroup { group in
                    for await poller in starts { group.addTask { await poller.run() } }
                }
            } onCancel: {
                self.stopAll()
            }
        } onGracefulShutdown: {
            self.stopAll()
        }
    }

    private func stopAll() {
        let running = state.withLock { state in
            state.isRunning = false
            defer { state.running = [:] }
            return Array(state.running.values)
        }
        startsInput.finish()
        for poller in running { poller.stop.notify() }
    }

    /// Makes what runs follow the mapping; nil ends it.
    private func adopt(_ mapping: EventSourceMapping?, id: String) {
        let (ended, started) = state.withLock { state -> (Wakeup?, QueuePoller?) in
            state.mappings[id] = mapping
            guard state.isRunning else { return (nil, nil) }
            if let mapping, let running = state.running[id], running.mapping.polls(as: mapping) { return (nil, nil) }
            let ended = state.running.removeValue(forKey: id)?.stop
            guard let mapping, mapping.isEnabled else { return (ended, nil) }
            let stop = Wakeup()
            state.running[id] = Running(mapping: mapping, stop: stop)
            return (ended, QueuePoller(mapping: mapping, service: self, stop: stop))
        }
        ended?.notify()
        if let started { startsInput.yield(started) }
    }
}

extension EventSourceMapping {
    /// Whether a poller of this one may go on for the other.
    fileprivate func polls(as other: EventSourceMapping) -> Bool {
        var other = other
        other.tags = tags
        other.modifiedAt = modifiedAt
        return self == other
    }
}
