import Core
import Glibc
import NIOCore

extension RuntimeInstance {
    /// The runtime has asked for its first invocation.
    func initEnded() {
        guard extensionsAreReady, phase == .starting, waiting != nil, initFailure == nil else { return }
        phase = .ready
        setDeadline(nil)
        let milliseconds = Double((NIODeadline.now() - startedAt).nanoseconds) / 1_000_000
        switch origin {
        case .onDemand, .withinInvocation: initMilliseconds = milliseconds
        case .provisioned: logInit(status: "success", errorType: nil)
        }
        if current != nil, let waiting { deliver(to: waiting) } else { owner.instanceIsFree(self) }
    }

    func logInit(status: String, errorType: String?) {
        let milliseconds = Double((NIODeadline.now() - startedAt).nanoseconds) / 1_000_000
        log.append(
            plan.lines.initReport(
                milliseconds: milliseconds, phase: origin == .withinInvocation ? "invoke" : "init", status: status,
                errorType: errorType, at: plan.clock.now))
    }

    /// Ends the processes. As in Lambda, only those with extensions are asked first, and killed a little later.
    func stop() {
        guard phase == .starting || phase == .ready else { return }
        phase = .stopping
        waiting = nil
        announceShutdown()
        // A process not yet started is killed by `processStarted`.
        guard let process else { return }
        guard !extensions.entries.isEmpty else { return process.signalGroup(SIGKILL) }
        process.signalGroup(SIGTERM)
        extensions.areAwaited = true
        for process in extensions.unannounced { process.signalGroup(SIGKILL) }
        setDeadline(.now() + .milliseconds(plan.limits.shutdownMilliseconds))
    }

    /// Ends the processes at once.
    func killNow() {
        guard phase != .ended else { return }
        phase = .stopping
        waiting = nil
        process?.signalGroup(SIGKILL)
        for process in extensions.processes.values { process.signalGroup(SIGKILL) }
    }

    /// The runtime's process is gone, and with it everything in its group.
    func processEnded(_ ended: ProcessExit, _ account: ControlGroup.Account?) {
        exit = ended
        endedForMemory = (account?.outOfMemoryKills ?? 0) > 0
        if let peakKilobytes = account?.peakKilobytes { memory.raise(to: peakKilobytes) }
        if let own = process?.ownPeakKilobytes(ended) { memory.raise(to: own) }
        // What it sent with its last breath may still be on the way through the connections.
        exitGraceEnds = .now() + .seconds(2)
        eventLoop.scheduleTask(in: .milliseconds(2)) { self.finishAfterExit() }
    }

    func finishAfterExit() {
        guard let exit, !hasReportedEnd else { return }
        let isReceiving = connections.values.contains { $0.isReceiving }
        if isReceiving, let exitGraceEnds, NIODeadline.now() < exitGraceEnds {
            eventLoop.scheduleTask(in: .milliseconds(5)) { self.finishAfterExit() }
            return
        }
        let wasStarting = phase == .starting
        phase = .stopping
        if wasStarting, initFailure == nil, isKilledByHost {
            initFailure = .host(FunctionError(.host, InvocationRejection.hostEnds.message))
        } else if wasStarting, initFailure == nil {
            initFailure = .ended(type: "Runtime.ExitError", reason: FunctionErrorPayload.reason(exit))
            logInit(status: "error", errorType: "Runtime.ExitError")
        }
        if current?.startedAt != nil { concludeExit(exit) }
        // The last of them leads back here; the deadline ends those that stay.
        if extensions.areAwaited, !extensions.processes.isEmpty { return }
        reportEnd()
    }

    private func concludeExit(_ exit: ProcessExit) {
        let requestID = current?.invocation.context.requestID ?? ""
        if isKilledByHost { return conclude(.rejected(.hostEnds), .error, payload: ByteBuffer()) }
        let isKilled = exit.cause == .signalled(number: SIGKILL, dumpedCore: false)
        let type =
            endedForMemory && isKilled
            ? "Runtime.OutOfMemory" : streamIsCut ? "Runtime.TruncatedResponse" : "Runtime.ExitError"
        let message = FunctionErrorPayload.message(requestID, FunctionErrorPayload.reason(exit))
        conclude(
            .functionError(type: type), .error, payload: FunctionErrorPayload.make(type: type, message: message),
            explanation: plan.lines.exited(requestID, message: message, errorType: type, at: plan.clock.now))
    }

    private var streamIsCut: Bool {
        if case .receivingStream? = current?.answer { true } else { false }
    }

    /// Closes everything and tells the owner.
    func reportEnd() {
        guard !hasReportedEnd else { return }
        hasReportedEnd = true
        phase = .ended
        setDeadline(nil)
        armedTimer?.task.cancel()
        armedTimer = nil
        for process in extensions.processes.values { process.signalGroup(SIGKILL) }
        listener?.close(promise: nil)
        for connection in connections.values { connection.close() }
        connections = [:]
        let unstarted = current?.startedAt == nil ? current?.invocation : nil
        current = nil
        if let credentials { plan.credentials?.revoke(credentials) }
        cleanUp()
        owner.instanceEnded(self, unstarted: unstarted, initFailure: initFailure)
    }
}

extension RuntimeInstance {
    private func cleanUp() {
        // Where nothing else confines them, processes that left the group of the first one are known by its log.
        let straysLog = group == nil && plan.sandbox == nil ? logStream : nil
        let directory = temporaryDirectory
        reactor.execute { _ in
            if let straysLog { ProcessTable.killAll(with: "AWS_LAMBDA_LOG_STREAM_NAME=\(straysLog)") }
            FilePath.removeTree(directory)
        }
    }

    /// Ends at once, from any thread.
    func kill() {
        eventLoop.execute {
            self.isKilledByHost = true
            self.killNow()
        }
    }

    /// Reports to a caller that waited for this instance why it never came to be.
    func failInvocation(_ invocation: Invocation, type: String, payload: ByteBuffer) {
        let requestID = invocation.context.requestID
        let timestamp = plan.clock.now
        let elapsed = Double((NIODeadline.now() - startedAt).nanoseconds) / 1_000_000
        let timedOut = type == "Sandbox.Timedout"
        let report = InvocationReport(
            status: timedOut ? .timeout : .error, startedAt: timestamp,
            durationMilliseconds: timedOut ? Double(plan.function.timeoutSeconds) * 1000 : elapsed,
            memorySizeMB: plan.function.memorySizeMB, maxMemoryUsedMB: memory.peakMB, errorType: type)
        log.beginInvocation(
            keepsTail: invocation.context.wantsLogTail, plan.lines.start(requestID, at: timestamp))
        let tail = log.endInvocation(
            plan.lines.end(requestID, report, at: timestamp), report: plan.reported(invocation, report))
        invocation.completion(
            InvocationResult(
                requestID: requestID, outcome: .functionError(type: type),
                payload: payload, executedVersion: plan.function.reference.version, logTail: tail, report: report))
    }
}
