import Core
import Glibc
import NIOCore

/// One process for one invocation: the event on its standard input, the answer on its standard output, its log on its
/// standard error.
///
/// `@unchecked`: all mutable state belongs to the reactor's thread.
final class ExecInvocation: @unchecked Sendable {
    let place: ExecPlace
    private let invocation: Invocation
    private let plan: InstancePlan
    private let environment: [String]
    private let reactor: ProcessReactor
    private let eventLoop: any EventLoop
    private let log: FunctionLog
    private let ended: @Sendable (ExecInvocation) -> Void
    private let acceptedAt = NIODeadline.now()

    private var process: ChildProcess?
    private var logWatch: LogWatch?
    private var input: ExecInput?
    private var output: ExecOutput?
    private var memory: MemoryGauge
    private var timers: [ProcessReactor.Token] = []
    private var startedAt = Timestamp(milliseconds: 0)
    /// Set when the host itself ended the process.
    private var verdict: Verdict?

    private enum Verdict { case timedOut, outOfMemory, tooManyProcesses, tooLarge, shutDown }

    init(
        _ invocation: Invocation, plan: InstancePlan, environment: [String], logStream: String, place: ExecPlace,
        reactor: ProcessReactor, eventLoop: any EventLoop, ended: @escaping @Sendable (ExecInvocation) -> Void
    ) {
        self.invocation = invocation
        self.plan = plan
        self.environment = environment
        self.place = place
        self.reactor = reactor
        self.eventLoop = eventLoop
        self.ended = ended
        log = plan.makeLog(stream: logStream, rememberedLines: 20)
        memory = MemoryGauge(limitMB: plan.function.memorySizeMB)
    }

    func start() {
        if !reactor.execute({ self.spawn(on: $0) }) {
            invocation.reject(.hostEnds)
            ended(self)
        }
    }

    func kill() {
        reactor.execute { _ in self.end(.shutDown) }
    }

    // MARK: On the reactor's thread

    private func spawn(on reactor: ProcessReactor) {
        startedAt = plan.clock.now
        log.beginInvocation(
            keepsTail: invocation.context.wantsLogTail, plan.lines.start(invocation.context.requestID, at: startedAt))
        do throws(FunctionError) {
            try place.prepare()
            let pipes = try Pipe.make(3)
            let (stdin, stdout, stderr) = (pipes[0], pipes[1], pipes[2])
            input = ExecInput(stdin.writeEnd, invocation.payload, on: reactor)
            output = ExecOutput(stdout.readEnd, on: reactor, invocation: invocation, eventLoop: eventLoop) {
                [unowned self] in
                outputCame($0)
            }
            logWatch = LogWatch(log, stderr.readEnd, on: reactor)
            process = try ChildProcess.start(
                plan.spawnRequest(environment: environment + context(), temporary: place.directory, group: nil),
                input: stdin.readEnd, output: stdout.writeEnd, error: stderr.writeEnd, on: reactor
            ) { [self] in processEnded($0) }
            input?.write()
            limit(on: reactor)
        } catch {
            closeAll()
            failStart(error)
        }
    }

    /// What a Runtime API client reads from the headers of its next invocation.
    private func context() -> [String] {
        let context = invocation.context
        var variables = [
            "AWS_LAMBDA_REQUEST_ID=\(context.requestID)", "AWS_LAMBDA_DEADLINE_MS=\(plan.invocationDeadline)",
            "AWS_LAMBDA_INVOKED_FUNCTION_ARN=\(context.invokedFunctionARN ?? plan.function.reference.arn)",
            "TMPDIR=\(plan.visible(place.directory))", "HOME=\(plan.visible(place.directory))",
        ]
        func add(_ name: String, _ value: String?) {
            guard let value, !value.utf8.contains(0) else { return }
            variables.append("\(name)=\(value)")
        }
        add("_X_AMZN_TRACE_ID", context.traceHeader)
        add("AWS_LAMBDA_CLIENT_CONTEXT", context.clientContext)
        add("AWS_LAMBDA_COGNITO_IDENTITY", context.cognitoIdentity)
        return variables
    }

    private func limit(on reactor: ProcessReactor) {
        timers.append(
            reactor.schedule(afterMilliseconds: Int64(plan.function.timeoutSeconds) * 1000) { [self] in end(.timedOut) }
        )
        checkMemoryLater(on: reactor)
    }

    private func checkMemoryLater(on reactor: ProcessReactor) {
        timers.append(
            reactor.schedule(afterMilliseconds: 100) { [self, unowned reactor] in
                guard let process else { return }
                switch memory.check(process, processLimit: plan.limits.processesPerFunction) {
                case .memory: end(.outOfMemory)
                case .processes: end(.tooManyProcesses)
                case nil: checkMemoryLater(on: reactor)
                }
            })
    }

    private func outputCame(_ event: ExecOutput.Event) {
        switch event {
        case .first: memory.sample(process)
        case .tooLarge: end(.tooLarge)
        }
    }

    private func end(_ verdict: Verdict) {
        if self.verdict == nil { self.verdict = verdict }
        process?.signalGroup(SIGKILL)
    }

    private func processEnded(_ exit: ProcessExit) {
        output?.readRest()
        if let own = process?.ownPeakKilobytes(exit) { memory.raise(to: own) }
        process = nil
        // What the host had to end may have left its group; it is known by what it was given.
        if verdict != nil, plan.sandbox == nil {
            ProcessTable.killAll(with: "AWS_LAMBDA_REQUEST_ID=\(invocation.context.requestID)")
        }
        closeAll()
        conclude(exit)
    }

    private func closeAll() {
        input?.close()
        output?.close()
        logWatch?.end()
        for timer in timers { reactor.cancel(timer) }
        timers = []
    }

    private func failStart(_ error: FunctionError) {
        let rejection = InvocationRejection(.hostFailure, error.message)
        log.append("\(error.message)\n")
        eventLoop.execute { [self] in
            invocation.reject(rejection)
            ended(self)
        }
    }

    // MARK: The result

    private func conclude(_ exit: ProcessExit) {
        let (outcome, status, payload, explanation) = judge(exit)
        let elapsed = Double((NIODeadline.now() - acceptedAt).nanoseconds) / 1_000_000
        let timestamp = plan.clock.now
        var errorType: String?
        if case .functionError(let type) = outcome { errorType = type }
        let report = InvocationReport(
            status: status, startedAt: startedAt,
            durationMilliseconds: status == .timeout ? Double(plan.function.timeoutSeconds) * 1000 : elapsed,
            memorySizeMB: plan.function.memorySizeMB, maxMemoryUsedMB: memory.peakMB, errorType: errorType)
        let requestID = invocation.context.requestID
        let tail = log.endInvocation(
            (explanation.map { [$0] } ?? []) + plan.lines.end(requestID, report, at: timestamp),
            report: plan.reported(invocation, report))
        let result = InvocationResult(
            requestID: requestID, outcome: outcome, payload: payload,
            executedVersion: plan.function.reference.version, logTail: tail, report: report)
        // The place is free before the caller asks for the next.
        ended(self)
        let invocation = invocation
        eventLoop.execute { invocation.completion(result) }
    }

    private typealias Judgement = (
        outcome: InvocationResult.Outcome, status: InvocationReport.Status, payload: ByteBuffer, explanation: String?
    )

    private func judge(_ exit: ProcessExit) -> Judgement {
        let requestID = invocation.context.requestID
        switch verdict {
        case .timedOut:
            let seconds = plan.function.timeoutSeconds
            return (
                .functionError(type: "Sandbox.Timedout"), .timeout,
                FunctionErrorPayload.timedOut(requestID, seconds: seconds),
                plan.lines.timedOut(requestID, seconds: seconds, at: plan.clock.now)
            )
        case .tooLarge:
            return (
                .functionError(type: FunctionErrorPayload.tooLargeType), .error, FunctionErrorPayload.tooLarge(), nil
            )
        case .shutDown where !exit.isSuccess:
            return (.rejected(.hostEnds), .error, ByteBuffer(), nil)
        case nil where exit.isSuccess, .shutDown:
            return (.success, .success, output?.payload ?? ByteBuffer(), nil)
        default:
            let type = verdict == .outOfMemory ? "Runtime.OutOfMemory" : "Runtime.ExitError"
            let message = "RequestId: \(requestID) Error: Runtime exited with error: \(exit.description)"
            // The last lines of the standard error are the only stack trace that an arbitrary program has.
            let payload = FunctionErrorPayload.make(type: type, message: message, stackTrace: log.lastLines)
            return (
                .functionError(type: type), .error, payload,
                plan.lines.exited(requestID, message: message, errorType: type, at: plan.clock.now)
            )
        }
    }
}
