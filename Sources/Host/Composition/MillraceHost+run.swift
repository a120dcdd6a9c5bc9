import AWSModels
import Core
import Events
import Functions
import Gateway
import Logging
import Objects
import ServiceLifecycle
import NIOCore
import Services
import Storage
import UnixSignals
import Wire

extension MillraceHost {
    /// The services that answer on the gateway. What is not here is answered with AWS's error for it.
    var services: [AWSService] {
        [
            STS.service(STSProvider(clock: clock, random: SystemRandomSource())),
            StepFunctions.service(StepFunctionsProvider(workflows)),
            EventBridge.service(EventBridgeProvider(buses)),
            Scheduler.service(SchedulerProvider(database: database, schedules: schedules, clock: clock)),
        ]
    }

    /// Serves until the program is told to stop; then lets what has begun come to its end.
    func run(ready: @escaping @Sendable () async -> Void = {}) async throws {
        let gateway = Gateway(
            gatewayConfiguration, services: services, routes: [AdminRoute(adminHandlers)], clock: clock)
        // Nothing runs when the port is taken.
        _ = try await gateway.start()
        let parts: [any Service] = [
            logs, http, Part("functions") { try await self.functionHost.run() },
            Part("file drops") { try await self.drops.run() }, dispatcher, workflows, scheduleRunner, BusRunner(buses),
            Serving(gateway, ready),
        ]
        var logger = Logger(label: "millrace", factory: { _ in SwiftLogNoOpLogHandler() })
        logger.logLevel = .critical
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: parts.map { ServiceGroupConfiguration.ServiceConfiguration(service: $0) },
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        await database.close()
        try? await threads.shutdownGracefully()
    }

    private var gatewayConfiguration: GatewayConfiguration {
        var configuration = GatewayConfiguration()
        configuration.host = settings.host
        configuration.port = settings.port
        configuration.domains = settings.domains
        configuration.defaultAccount = settings.scope.account
        configuration.defaultRegion = settings.scope.region
        if !settings.credentials.isEmpty { configuration.credentials = StaticCredentials(settings.credentials) }
        if let (chain, key) = settings.certificate {
            configuration.tls = TLSFiles(certificateChain: chain, privateKey: key)
        }
        return configuration
    }
}

/// A part that runs until its task is cancelled.
struct Part: Service {
    let name: String
    let body: @Sendable () async throws -> Void

    init(_ name: String, _ body: @escaping @Sendable () async throws -> Void) {
        self.name = name
        self.body = body
    }

    func run() async throws {
        await cancelWhenGracefulShutdown { try? await body() }
    }
}

/// A gateway that listens already: serves until shutdown, then drains.
struct Serving: Service {
    let gateway: Gateway
    let ready: @Sendable () async -> Void

    init(_ gateway: Gateway, _ ready: @escaping @Sendable () async -> Void) {
        self.gateway = gateway
        self.ready = ready
    }

    func run() async throws {
        await ready()
        try? await gracefulShutdown()
        await gateway.stop()
    }
}
