import AWSModels
import Core
import Events
import Functions
import Gateway
import Logs
import Messaging
import Metering
import NIOCore
import NIOPosix
import Objects
import OutgoingHTTP
import ServiceLifecycle
import Services
import Storage
import Wire
import Workflows

/// The whole host, put together: what it keeps, what it runs and what answers callers.
///
/// A new service is one line in ``services``; a new part that runs is one line in ``run(ready:)``.
final class MillraceHost: Sendable {
    let settings: HostSettings
    let clock: any HostClock
    let database: Database
    let meter: Meter
    let usage: BatchedUsageRecorder
    private let ownPrices: PriceBook?
    let brake = SpendingBrake()
    let startedAt: Timestamp
    let identifiers: IdentifierSequence
    let threads: MultiThreadedEventLoopGroup

    let http: HTTPClient
    let logs: LogService
    let targets = TargetRegistry()
    let dispatcher: Events.Dispatcher
    let schedules: ScheduleRunner
    let buses: BusService
    let connectionTokens: ConnectionTokens
    let queues: QueueService
    let topics: TopicService
    let signer: NotificationSigner
    let objects: Objects.ObjectStore
    let drops: ChangeFeed
    let bucketRoutes: BucketRoutes
    let sessions: STSSessions
    let keys: KMSKeys
    let functions: FunctionHost
    let deployment: FunctionDeployment
    let invoker: FunctionInvoker
    let packages: FunctionPackages
    let mappings: EventSourceMappingService
    let workflows: WorkflowEngine
    /// What workflow tasks call; filled when the services are made.
    let inProcess = InProcessServices()
    let webhooks: WebhookRoutes

    private static func priceBook(_ file: String) throws -> PriceBook {
        let bytes = try File.read(file, limit: 4 << 20)
        do throws(PriceBookError) {
            return try PriceBook(parsing: bytes)
        } catch {
            throw CommandFailure("the price list \(file) cannot be used: \(error)")
        }
    }

    /// Opens the database and reads what the parts keep in memory. Nothing runs yet.
    init(_ settings: HostSettings, clock: any HostClock = SystemClock()) async throws {
        self.settings = settings
        self.clock = clock
        startedAt = clock.now
        let random = SystemRandomSource()
        ownPrices = try settings.pricesFile.map(Self.priceBook)
        var storage = SQLiteOptions()
        storage.durability = settings.durability
        database = try Database(
            SQLiteDriver(directory: settings.dataDirectory, options: storage), schema: Self.schema)
        meter = Meter()
        usage = BatchedUsageRecorder(database: database, meter: meter, clock: clock)
        identifiers = try await Self.identifiers(database, clock)
        http = HTTPClient(
            policy: AddressPolicy(controlPort: UInt16(settings.port), publicPaths: [FunctionURLRoute.pathPrefix]))
        threads = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)

        let directory = FunctionDirectory()
        dispatcher = Events.Dispatcher(
            database: database, clock: clock, targets: targets,
            endings: [
                .asyncInvocation: AsyncInvocationEnding(directory: directory), .rule: RuleDeadLetter(),
                .schedule: ScheduleDeadLetter(), .subscription: SubscriptionEnding(),
            ], identifiers: identifiers
        ) { Output.fail($0) }
        let outbox = dispatcher.outbox
        logs = LogService(
            database: database, clock: clock, identifiers: identifiers, outbox: outbox, meter: meter)
        let scheduleStore = ScheduleStore(clock: clock, identifiers: identifiers)
        buses = BusService(
            database: database, clock: clock, identifiers: identifiers, outbox: outbox, meter: meter,
            schedules: scheduleStore)
        connectionTokens = ConnectionTokens(buses, http: http)
        schedules = ScheduleRunner(
            database: database, store: scheduleStore, outbox: outbox, meter: meter, rules: buses)
        signer = try await NotificationSigner.load(from: database)
        queues = QueueService(
            database: database, clock: clock, random: random, identifiers: identifiers,
            seals: NotificationSeals(signer))
        topics = TopicService(
            database: database, clock: clock, random: random, identifiers: identifiers, outbox: outbox,
            signer: signer, endpoint: settings.endpoint)
        let routes = BucketRoutes(outbox: outbox)
        bucketRoutes = routes
        objects = Objects.ObjectStore(
            database: database, clock: clock, random: random,
            options: Objects.ObjectStore.Options(directory: "\(settings.dataDirectory)/buckets")
        ) { change, transaction in
            try routes.route(change, in: transaction)
        }
        drops = ChangeFeed(store: objects) { problem in Output.fail("\(problem)") }

        sessions = STSSessions(clock: clock, random: random)
        keys = KMSKeys(database: database, clock: clock, random: random)
        functions = try FunctionHost(
            configuration: Self.functionConfiguration(settings, sessions),
            clock: clock, random: random, logs: FunctionLogSink(logs: logs, meter: meter, directory: directory),
            eventLoopGroup: threads)
        deployment = FunctionDeployment(database: database, directory: directory, host: functions)
        invoker = FunctionInvoker(directory: directory, host: functions, clock: clock, brake: brake)
        packages = try FunctionPackages(directory: "\(settings.dataDirectory)/packages", objects: objects)
        mappings = EventSourceMappingService(
            database: database, queues: queues, invoker: invoker, meter: meter, clock: clock)
        workflows = WorkflowEngine(
            database: database, clock: clock, random: random, identifiers: identifiers,
            integration: TaskIntegrationTable(
                services: inProcess, functions: invoker,
                http: HTTPTaskIntegration(http, buses: buses, tokens: connectionTokens), clock: clock,
                endpoint: settings.endpoint),
            objects: BucketItems(objects),
            meter: MeteredWorkflows(meter, database: database, brake: brake, later: usage.record),
            observer: WorkflowEvents(logs: logs, buses: buses))
        webhooks = WebhookRoutes(
            invoker: invoker, workflows: workflows, database: database, outbox: outbox, meter: meter, usage: usage,
            clock: clock, scope: settings.scope)
        registerTargets()
        try await load()
    }

    /// The user's, or else those that the program is built with: read when somebody asks for the first time.
    var prices: PriceBook { ownPrices ?? .usEast1 }

    /// Everything that deliveries can go to.
    private func registerTargets() {
        targets.register(FunctionTarget(invoker), service: "lambda")
        targets.register(LogGroupTarget(logs), service: "logs")
        targets.register(LogExportTarget(logs, buckets: objectProvider), service: LogService.exportTarget)
        targets.register(
            RotationTarget(
                database: database, invoker: invoker, outbox: dispatcher.outbox, clock: clock,
                random: SystemRandomSource()),
            service: "secretsmanager")
        targets.register(WorkflowTarget(workflows: workflows), service: "states")
        targets.register(QueueTarget(queues), service: "sqs")
        let (meter, clock) = (meter, clock)
        let topicTarget = TopicTarget(topics) { publication, transaction in
            SNSMetering.record(
                publication, bytes: publication.size, isNew: true, meter, at: clock.now, in: transaction)
        }
        targets.register(topicTarget, service: "sns")
        targets.register(EventsTarget(buses, http: http, tokens: connectionTokens), service: "events")
        targets.register(EndpointTarget(http), service: EndpointAddress.service)
    }

    private func load() async throws {
        try await queues.load()
        try await topics.load()
        try await buses.load()
        try await objects.open()
        try await bucketRoutes.load(from: database)
        try await mappings.load()
        try await packages.removeUnused(in: database)
        for message in try await deployment.loadAll() { Output(json: settings.isQuiet).note(message) }
    }

    private static let schema: [Migration] =
        Meter.schema + DeliveryStore.schema + ScheduleStore.schema + BusService.schema + TagStore.schema
        + LogService.schema
        + QueueStore.schema + NotificationSigner.schema + TopicStore.schema + FunctionStore.schema
        + LambdaProvider.schema + IAMStore.schema + KMSStore.schema + SecretStore.schema + ParameterStore.schema
        + Objects.ObjectStore.schema + WorkflowSchema.migrations + BucketRoutes.schema + ProjectStore.schema

    /// Identifiers of every table rise above those that were given before, even when the clock was set back.
    private static func identifiers(_ database: Database, _ clock: any HostClock) async throws -> IdentifierSequence {
        let deliveries = try await database.read { transaction in
            try transaction.first("SELECT MAX(id) FROM deliveries")?.int64OrNil(0) ?? 0
        }
        let floor = max(deliveries, try await WorkflowEngine.highestIdentifier(in: database))
        return IdentifierSequence(clock: clock, above: floor)
    }

    /// What every function finds in its environment, so that AWS's tools in it work with this host.
    private static func functionConfiguration(
        _ settings: HostSettings, _ sessions: STSSessions
    ) -> FunctionHostConfiguration {
        var configuration = FunctionHostConfiguration(
            dataDirectory: settings.dataDirectory,
            environment: [
                "AWS_ENDPOINT_URL": settings.endpoint, "AWS_DISABLE_HOST_PREFIX_INJECTION": "true",
                "MILLRACE_WEBHOOK_URL": settings.webhookEndpoint,
            ])
        if let (chain, _) = settings.certificate {
            // Where the certificate is nobody's but the host's own, AWS's tools trust it by these.
            configuration.environment["AWS_CA_BUNDLE"] = chain
            configuration.environment["NODE_EXTRA_CA_CERTS"] = chain
        }
        configuration.credentials = sessions
        configuration.isolation = settings.isolatesFunctions ? .namespaces : .none
        return configuration
    }
}
