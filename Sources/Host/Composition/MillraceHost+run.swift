import AWSModels
import Core
import Events
import Functions
import Gateway
import Logging
import Messaging
import Metering
import NIOCore
import Objects
import Project
import ServiceLifecycle
import Services
import Storage
import UnixSignals
import Wire

extension MillraceHost {
    /// The services that answer on the gateway. What is not here is answered with AWS's error for it.
    var services: [AWSService] {
        let secrets = SecretsManagerProvider(
            database: database, clock: clock, random: SystemRandomSource(), functions: invoker.directory,
            outbox: dispatcher.outbox)
        return [
            STS.service(
                STSProvider(
                    clock: clock, identities: identities,
                    trustsProviders: !gatewayConfiguration.demandsSignatures)),
            IAM.service(IAMProvider(database: database, clock: clock)),
            KMS.service(KMSProvider(keys)),
            SecretsManager.service(secrets),
            SSM.service(
                SSMProvider(
                    database: database, clock: clock, buses: buses, secrets: secrets, identities: identities)),
            objectProvider.service,
            SNS.service(
                SNSProvider(
                    topics: topics, database: database, meter: meter, clock: clock,
                    random: SystemRandomSource(), identifiers: identifiers, keys: keys)),
            SQS.service(
                SQSProvider(
                    queues: queues, database: database, meter: meter, usage: usage, clock: clock, keys: keys)),
            StepFunctions.service(StepFunctionsProvider(workflows, services: inProcess, logs: logs)),
            EventBridge.service(EventBridgeProvider(buses, tokens: connectionTokens)),
            CloudWatchLogs.service(CloudWatchLogsProvider(logs, buckets: objectProvider, keys: keys, clock: clock)),
            Scheduler.service(SchedulerProvider(database: database, schedules: schedules.store, clock: clock)),
            Lambda.service(
                LambdaProvider(
                    deployment: deployment, invoker: invoker, packages: packages, outbox: dispatcher.outbox,
                    mappings: mappings, clock: clock)),
        ]
    }

    /// Serves until the program is told to stop; then lets what has begun come to its end.
    ///
    /// - Parameter ready: called with the project when it is served and callers are answered.
    func run(ready: @escaping @Sendable (ProjectDefinition) async throws -> Void = { _ in }) async throws {
        let project = ProjectService(self)
        let services = services
        let budgets = BudgetWatch(
            database: database, prices: { self.prices }, brake: brake, buses: buses, clock: clock,
            region: settings.scope.region
        ) { Output.fail($0) }
        inProcess.add(services)
        let gateway = Gateway(
            gatewayConfiguration, services: services,
            routes: [
                AdminRoute(adminHandlers(project, budgets)), SigningCertificateRoute(signer: signer),
                FunctionURLRoute(invoker: invoker, access: urlAccess, clock: clock), ArchiveRoute(packages: packages),
                WebsiteRoute(
                    websites: Websites(
                        objectProvider, scheme: settings.certificate == nil ? "http" : "https",
                        isOpen: !gatewayConfiguration.demandsSignatures, random: SystemRandomSource())),
                ObjectFormRoute(
                    forms: ObjectForms(
                        objectProvider,
                        credentials: gatewayConfiguration.credentials ?? gatewayConfiguration.presigningCredentials,
                        demandsSignatures: gatewayConfiguration.demandsSignatures, random: SystemRandomSource())),
            ], clock: clock)
        let receiver = Gateway(webhookConfiguration, services: [], routes: [webhooks], clock: clock)
        // A sender that meets a host which has just been started again must not be told that its webhook is gone.
        try await project.loadWebhooks()
        // Nothing runs when a port is taken.
        _ = try await gateway.start()
        _ = try await receiver.start()
        let parts: [any Service] = [
            logs, http, Part { try await self.functions.run() }, Part { try await self.drops.run() },
            Part { await self.objects.run() }, dispatcher,
            mappings, workflows, schedules, BusRunner(buses), QueueUpkeep(queues, topics), keys, usage, budgets,
            SpareMemory(clock: clock),
            LifecycleSweeper(store: objects, clock: clock) { Output.fail($0) }, Serving(receiver),
            Serving(gateway),
            ProjectWatch(project, directory: settings.project, ready: ready),
            // Parts end one after another from here up, and some wait for invocations.
            AtShutdown { self.functions.endSoon() },
        ]
        let logger = Logger(label: "millrace", factory: { _ in SwiftLogNoOpLogHandler() })
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: parts.map { ServiceGroupConfiguration.ServiceConfiguration(service: Named($0)) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        await database.close()
        try? await threads.shutdownGracefully()
    }

    private var identities: CallerIdentities {
        CallerIdentities(sessions: sessions, directory: IAMDirectory(database))
    }

    private var urlAccess: FunctionURLAccess {
        let gateway = gatewayConfiguration
        return FunctionURLAccess(
            credentials: gateway.credentials ?? sessions, demandsSignatures: gateway.demandsSignatures,
            identities: identities, clock: clock)
    }

    private var webhookConfiguration: GatewayConfiguration {
        var configuration = GatewayConfiguration()
        configuration.host = settings.webhookHost
        configuration.port = settings.webhookPort
        configuration.defaultAccount = settings.scope.account
        // Webhooks are checked by their own signatures, not by those of AWS.
        configuration.credentials = StaticCredentials([])
        return configuration
    }

    private var gatewayConfiguration: GatewayConfiguration {
        var configuration = GatewayConfiguration()
        configuration.host = settings.host
        configuration.port = settings.port
        configuration.domains = settings.domains
        configuration.defaultAccount = settings.scope.account
        configuration.defaultRegion = settings.scope.region
        if settings.credentials.isEmpty {
            configuration.presigningCredentials = StaticCredentials([.customary])
        } else {
            configuration.credentials = CredentialSources([StaticCredentials(settings.credentials), sessions])
        }
        if let (chain, key) = settings.certificate {
            configuration.tls = TLSFiles(certificateChain: chain, privateKey: key)
        }
        return configuration
    }
}

/// A part under one type: the group prints what it runs, and finding out how another type is printed takes the runtime a
/// fifth of a millisecond of each start.
private struct Named: Service, CustomStringConvertible {
    let part: any Service

    init(_ part: any Service) { self.part = part }

    var description: String { "a part of the host" }

    func run() async throws { try await part.run() }
}

/// A part that runs until its task is cancelled. What it throws before that ends the host and is what the user reads;
/// what it throws because of it is not a failure.
struct Part: Service {
    let body: @Sendable () async throws -> Void

    func run() async throws {
        try await cancelWhenGracefulShutdown {
            do { try await body() } catch { if !Task.isCancelled { throw error } }
        }
    }
}

/// Told of the shutdown when its turn comes, and done with that.
struct AtShutdown: Service {
    let body: @Sendable () -> Void

    func run() async throws {
        try? await gracefulShutdown()
        body()
    }
}

/// A gateway that listens already: serves until shutdown, then drains.
struct Serving: Service {
    let gateway: Gateway

    init(_ gateway: Gateway) { self.gateway = gateway }

    func run() async throws {
        try? await gracefulShutdown()
        await gateway.stop()
    }
}
