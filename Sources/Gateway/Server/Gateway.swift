public import Core
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
public import ServiceLifecycle
import Synchronization
public import Wire

/// The program's HTTP server: one port for all services and routes.
public final class Gateway: Sendable {
    public let configuration: GatewayConfiguration
    /// For clients in the same process.
    public let dispatcher: Dispatcher
    private let clock: any HostClock
    private let server = Mutex<ServerContext?>(nil)
    private let group: MultiThreadedEventLoopGroup
    private let listener = Mutex<(any Channel)?>(nil)

    public init(
        _ configuration: GatewayConfiguration, services: [AWSService], routes: [any HTTPRoute] = [],
        clock: any HostClock = SystemClock(), random: any RandomSource = SystemRandomSource()
    ) {
        self.configuration = configuration
        dispatcher = Dispatcher(configuration, services: services, routes: routes, clock: clock, random: random)
        self.clock = clock
        group = MultiThreadedEventLoopGroup(
            numberOfThreads: configuration.threads > 0 ? configuration.threads : System.coreCount)
    }

    /// Starts to listen and returns the port.
    public func start() async throws(GatewayError) -> Int {
        if let defect = configuration.defect { throw GatewayError(reason: defect) }
        let server = ServerContext(dispatcher, configuration.limits, try tlsContext(), clock)
        self.server.withLock { $0 = server }
        do {
            let channel = try await bootstrap(server).bind(host: configuration.host, port: configuration.port).get()
            listener.withLock { $0 = channel }
            return channel.localAddress?.port ?? configuration.port
        } catch {
            throw GatewayError(binding: "\(configuration.host):\(configuration.port)", error)
        }
    }

    private func tlsContext() throws(GatewayError) -> TLSContext? {
        guard let files = configuration.tls else { return nil }
        return try TLSContext(files)
    }

    private func bootstrap(_ server: ServerContext) -> ServerBootstrap {
        Self.makeTypesOfConnections
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderListSize = configuration.limits.headerSize
        limits.maxHeaderFieldSize = configuration.limits.headerSize
        limits.maxHeaderFieldCount = configuration.limits.headerCount
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.autoRead, value: false)
            // Encrypted connections end as a whole.
            .childChannelOption(.allowRemoteHalfClosure, value: server.tls == nil)
            .childChannelInitializer { [limits] channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    if let tls = server.tls { try pipeline.addHandler(TLSHandler(tls)) }
                    try pipeline.addHandler(
                        ByteToMessageHandler(HTTPRequestDecoder(limitConfiguration: limits)))
                    try pipeline.addHandler(ConnectionHandler(server, channel.eventLoop))
                }
            }
    }

    /// The types of a connection's handlers, made by the runtime before there are connections. Their first use on two
    /// event loops at once can end the program: the runtime looks for conformances of a generic class in metadata that
    /// the other thread has not filled in yet.
    private static let makeTypesOfConnections: Void = {
        _ = ByteToMessageHandler(HTTPRequestDecoder())
    }()

    /// Stops listening, lets requests in flight end within the limit, and closes what is left.
    public func stop() async {
        let channel = listener.withLock { $0.take() }
        try? await channel?.close()
        guard let connections = server.withLock({ $0?.connections }) else {
            try? await group.shutdownGracefully()
            return
        }
        for connection in connections.all { connection.pipeline.fireUserInboundEventTriggered(DrainEvent()) }
        // Sockets drain in the machine's time, whatever clock the requests are told.
        let end = ContinuousClock.now + .milliseconds(configuration.limits.drainTime)
        while connections.count > 0, ContinuousClock.now < end {
            try? await Task.sleep(for: .milliseconds(5))
        }
        for connection in connections.all { connection.close(promise: nil) }
        try? await group.shutdownGracefully()
    }
}

extension Gateway: Service {
    /// Serves until the service group shuts down, then drains.
    public func run() async throws {
        _ = try await start()
        try? await gracefulShutdown()
        await stop()
    }
}

/// Why the gateway does not listen.
public struct GatewayError: Error, Sendable, CustomStringConvertible {
    public var reason: String

    public var description: String { reason }

    init(reason: String) { self.reason = reason }

    init(binding address: String, _ error: any Error) {
        guard let system = error as? IOError else {
            reason = "cannot listen on \(address): \(error)"
            return
        }
        let why =
            switch system.errnoCode {
            case EADDRINUSE: "another program uses that port; stop it or choose another port"
            case EACCES: "ports below 1024 are for root; choose another port"
            case EADDRNOTAVAIL: "this machine has no such address"
            case let code: String(cString: strerror(code))
            }
        reason = "cannot listen on \(address): \(why)"
    }
}
