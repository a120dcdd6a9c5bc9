import CFunctionSpawn
import Core
import Glibc
import NIOCore
import NIOPosix

extension RuntimeInstance {
    /// Opens the Runtime API and starts the process. From any thread.
    func start() {
        eventLoop.execute {
            self.limitInit()
            self.listen().whenComplete { result in
                switch result {
                case .success(let channel): self.listening(channel)
                case .failure(let error):
                    self.failStart(FunctionError(.host, "cannot open a port for the Runtime API: \(error)"))
                }
            }
        }
    }

    private func limitInit() {
        let limits = plan.limits
        let milliseconds =
            switch origin {
            case .onDemand: limits.initMilliseconds
            case .provisioned: max(limits.provisionedInitMilliseconds, Int64(plan.function.timeoutSeconds) * 1000)
            case .withinInvocation: Int64(plan.function.timeoutSeconds) * 1000
            }
        setDeadline(startedAt + .milliseconds(milliseconds))
    }

    private func listen() -> EventLoopFuture<any Channel> {
        let bootstrap = ServerBootstrap(group: eventLoop)
            .serverChannelOption(.backlog, value: 16)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            // One request is one read: asking once more would only be told that there is nothing.
            .childChannelOption(.maxMessagesPerRead, value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(RuntimeAPIConnection(service: self))
                }
            }
        do {
            return bootstrap.bind(to: try SocketAddress(ipAddress: "127.0.0.1", port: 0))
        } catch {
            return eventLoop.makeFailedFuture(error)
        }
    }

    private func listening(_ channel: any Channel) {
        guard phase == .starting, let port = channel.localAddress?.port else {
            channel.close(promise: nil)
            if phase == .stopping { reportEnd() }
            return
        }
        listener = channel
        credentials = plan.credentials?.issue(to: plan.function)
        var additions = credentials?.variables ?? [:]
        if origin == .provisioned { additions["AWS_LAMBDA_INITIALIZATION_TYPE"] = "provisioned-concurrency" }
        let environment = plan.environment.list(
            runtimeAPI: "127.0.0.1:\(port)", logStream: logStream,
            temporary: plan.visible(temporaryDirectory), additions: additions)
        log.append(plan.lines.initStart(plan.function, origin, at: plan.clock.now))
        let programs = extensionPrograms
        extensions.expected = Set(programs.map(FilePath.name(of:)))
        let accepted = reactor.execute { reactor in self.spawn(environment, extensions: programs, on: reactor) }
        if !accepted { failStart(FunctionError(.host, "the host is shutting down")) }
    }

    // MARK: On the reactor's thread

    private func spawn(_ environment: [String], extensions programs: [String], on reactor: ProcessReactor) {
        do throws(FunctionError) {
            try FilePath.makeDirectory(temporaryDirectory, mode: 0o700)
            let processes = try InstanceProcesses(log, plan.makeControlGroup(id), on: reactor)
            defer { processes.close() }
            // Extensions start before the runtime and write into the same log.
            for program in programs { try spawnExtension(program, environment, in: processes) }
            let request = plan.spawnRequest(
                environment: environment, temporary: temporaryDirectory, group: processes.group)
            let process = try processes.start(request) { [self] exit, account in
                eventLoop.execute { self.processEnded(exit, account) }
            }
            let group = processes.group
            eventLoop.execute { self.processStarted(process, group) }
        } catch {
            eventLoop.execute { self.failStart(error) }
        }
    }

    private func spawnExtension(
        _ program: String, _ environment: [String], in processes: InstanceProcesses
    ) throws(FunctionError) {
        let request = plan.spawnRequest(
            program: program, environment: environment, temporary: temporaryDirectory, group: processes.group)
        let process = try processes.start(request) { [self] exit, _ in
            eventLoop.execute { self.extensionEnded(program, exit) }
        }
        eventLoop.execute { self.extensions.processes[program] = process }
    }

    // MARK: On the event loop

    private func processStarted(_ started: ChildProcess, _ group: ControlGroup?) {
        process = started
        self.group = group
        if phase == .stopping { started.signalGroup(SIGKILL) }
    }

    private func failStart(_ error: FunctionError) {
        if initFailure == nil { initFailure = .host(error) }
        phase = .stopping
        reportEnd()
    }
}
