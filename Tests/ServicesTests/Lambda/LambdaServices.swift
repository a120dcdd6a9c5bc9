import AWSModels
import Core
import Events
import Functions
import Gateway
import class Gateway.Dispatcher
import HostTesting
import Messaging
import Metering
import NIOPosix
import Objects
import Services
import Storage
import Synchronization
import Wire

/// Lambda, with SQS and Secrets Manager beside it, behind a dispatcher, on a temporary database.
final class LambdaServices: Sendable {
    final class Targets: TargetDirectory {
        let table = Mutex(TargetTable())
        func target(for arn: String) -> (any DeliveryTarget)? { table.withLock { $0.target(for: arn) } }
    }

    static let account = "111111111111"
    static let region = "eu-west-1"
    private static let threads = MultiThreadedEventLoopGroup(numberOfThreads: 1)

    let directory: TemporaryDirectory
    let temporary: TemporaryDatabase
    let clock = VirtualClock()
    let functions: FunctionHost
    let deliveries: Events.Dispatcher
    let mappings: EventSourceMappingService
    let queues: QueueService
    let dispatcher: Dispatcher
    let route: FunctionURLRoute
    let sessions: STSSessions

    /// - Parameter interpreters: functions that are never invoked need none that works.
    init(interpreters: InterpreterCatalog) async throws {
        directory = try TemporaryDirectory("lambda")
        temporary = try Database.temporary(
            schema: DeliveryStore.schema + FunctionStore.schema + LambdaProvider.schema + QueueStore.schema
                + SecretStore.schema + TagStore.schema + ObjectStore.schema + NotificationSigner.schema + Meter.schema)
        let (clock, database, random) = (clock, temporary.database, SystemRandomSource())
        let identifiers = IdentifierSequence(clock: clock)
        sessions = STSSessions(clock: clock)
        var configuration = FunctionHostConfiguration(
            dataDirectory: "\(directory.path)/functions", interpreters: interpreters)
        configuration.credentials = sessions
        functions = try FunctionHost(
            configuration: configuration, clock: clock, logs: NoLogSink(), eventLoopGroup: Self.threads)
        let objects = ObjectStore(
            database: database, clock: clock, options: .init(directory: "\(directory.path)/buckets")
        ) { _, _ in }
        try await objects.open()
        let functionDirectory = FunctionDirectory()
        let targets = Targets()
        deliveries = Events.Dispatcher(
            database: database, clock: clock, targets: targets,
            endings: [.asyncInvocation: AsyncInvocationEnding(directory: functionDirectory)], identifiers: identifiers)
        queues = QueueService(database: database, clock: clock, random: random, identifiers: identifiers)
        let invoker = FunctionInvoker(directory: functionDirectory, host: functions, clock: clock)
        let meter = Meter()
        mappings = EventSourceMappingService(
            database: database, queues: queues, invoker: invoker, meter: meter, clock: clock)
        route = FunctionURLRoute(
            invoker: invoker,
            access: FunctionURLAccess(
                credentials: sessions, demandsSignatures: false, identities: CallerIdentities(sessions: sessions),
                clock: clock),
            clock: clock)
        let queues = queues
        let rotations = RotationTarget(
            database: database, invoker: invoker, outbox: deliveries.outbox, clock: clock, random: random)
        targets.table.withLock {
            $0.register(FunctionTarget(invoker), service: "lambda")
            $0.register(QueueTarget(queues), service: "sqs")
            $0.register(rotations, service: "secretsmanager")
        }
        let deployment = FunctionDeployment(database: database, directory: functionDirectory, host: functions)
        let provider = LambdaProvider(
            deployment: deployment, invoker: invoker,
            packages: try FunctionPackages(directory: "\(directory.path)/packages", objects: objects),
            outbox: deliveries.outbox, mappings: mappings, clock: clock)
        dispatcher = Dispatcher(
            GatewayConfiguration(),
            services: [
                Lambda.service(provider),
                SQS.service(
                    SQSProvider(
                        queues: queues, database: database, meter: meter, usage: NoUsageRecorder(), clock: clock)),
                SecretsManager.service(
                    SecretsManagerProvider(
                        database: database, clock: clock, random: random, functions: functionDirectory,
                        outbox: deliveries.outbox)),
            ], clock: clock)
    }

    private static let unusedInterpreters = InterpreterCatalog(
        python: [.init(path: "/bin/false", version: [3, 12])], node: [])

    /// Runs the body and ends the functions after it, whatever the body did.
    static func with(
        interpreters: InterpreterCatalog = unusedInterpreters, _ body: (LambdaServices) async throws -> Void
    ) async throws {
        let host = try await LambdaServices(interpreters: interpreters)
        do {
            try await body(host)
            await host.functions.drain(withinMilliseconds: 0)
        } catch {
            await host.functions.drain(withinMilliseconds: 0)
            throw error
        }
    }

    // MARK: Calls

    struct Answer {
        var status: Int
        var headers: HTTPFields
        var bytes: [UInt8]

        var json: JSON { (try? JSON(parsing: bytes)) ?? .null }
        var text: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// - Parameter target: method, path and query, such as `GET /2015-03-31/functions`.
    func call(
        _ target: String, _ body: JSON? = nil, headers: [(String, String)] = []
    ) async throws -> Answer {
        let parts = target.split(separator: " ", maxSplits: 1)
        let place = parts[1].split(separator: "?", maxSplits: 1)
        var request = WireRequest(
            method: String(parts[0]), path: String(place[0]), query: place.count > 1 ? String(place[1]) : "",
            headers: [
                "Host": "127.0.0.1:4566", "Content-Type": "application/json",
                "Authorization":
                    "AWS4-HMAC-SHA256 Credential=\(Self.account)/20261122/\(Self.region)/lambda/aws4_request, "
                    + "SignedHeaders=host, Signature=0",
            ], body: ByteStream(body?.bytes() ?? []))
        for (name, value) in headers { request.headers[name] = value }
        return try await send(request)
    }

    /// A call of a service in JSON.
    func call(sqs operation: String, _ input: JSON) async throws -> Answer {
        try await call("sqs", "AmazonSQS.\(operation)", "1.0", input)
    }

    func call(secrets operation: String, _ input: JSON, account: String = account) async throws -> Answer {
        try await call("secretsmanager", "secretsmanager.\(operation)", "1.1", input, account: account)
    }

    private func call(
        _ service: String, _ target: String, _ version: String, _ input: JSON, account: String = account
    ) async throws -> Answer {
        try await call(
            "POST /", input,
            headers: [
                ("X-Amz-Target", target), ("Content-Type", "application/x-amz-json-\(version)"),
                (
                    "Authorization",
                    "AWS4-HMAC-SHA256 Credential=\(account)/20261122/\(Self.region)/\(service)/aws4_request, "
                        + "SignedHeaders=host, Signature=0"
                ),
            ])
    }

    func send(_ request: WireRequest) async throws -> Answer {
        let response = await dispatcher.respond(to: request)
        return Answer(
            status: response.status, headers: response.headers, bytes: try await response.body.collect(upTo: 1 << 20))
    }

    // MARK: Functions

    /// An archive with one file, as requests carry it.
    static func archive(_ name: String = "index.py", _ text: String = "def handler(event, context): return event")
        throws
        -> String
    {
        Base64.encode(try ZipWriter.archive([.init(name, text)]))
    }

    static let role = "arn:aws:iam::\(account):role/worker"

    /// Creates a Python function; its configuration is what Lambda's defaults make of the members.
    @discardableResult
    func create(_ name: String, code: String? = nil, _ members: JSONObject = [:]) async throws -> Answer {
        var input: JSONObject = [
            "FunctionName": .string(name), "Runtime": "python3.12", "Handler": "index.handler",
            "Role": .string(Self.role),
            "Code": ["ZipFile": .string(try code.map { try Self.archive("index.py", $0) } ?? Self.archive())],
        ]
        for (name, value) in members { input[name] = value }
        return try await call("POST /2015-03-31/functions", .object(input))
    }
}
