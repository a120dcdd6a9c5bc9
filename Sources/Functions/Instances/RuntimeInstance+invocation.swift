import Core
import Glibc
import NIOCore

// MARK: Handing an invocation over

extension RuntimeInstance {
    /// The pool's next invocation for this instance.
    func take(_ invocation: Invocation) {
        guard phase == .ready || phase == .starting, current == nil else {
            owner.instanceEnded(self, unstarted: invocation, initFailure: nil)
            return
        }
        current = InstanceRun(invocation: invocation)
        if let waiting { return deliver(to: waiting) }
        // A runtime that has left the connection on which it waited may never come back.
        if phase == .ready, deadline == nil { setDeadline(.now() + .seconds(Int64(plan.function.timeoutSeconds))) }
    }

    /// Gives the pending invocation to the runtime that asks for it.
    func deliver(to connection: RuntimeAPIConnection) {
        guard let invocation = current?.invocation else { return }
        waiting = nil
        let now = NIODeadline.now()
        let timestamp = plan.clock.now
        current?.startedAt = now
        current?.startedTimestamp = timestamp
        let context = invocation.context
        log.beginInvocation(
            keepsTail: context.wantsLogTail, plan.lines.start(context.requestID, at: timestamp))
        setDeadline(now + .seconds(Int64(plan.function.timeoutSeconds)))
        watchUse()
        var message = head(of: invocation)
        if invocation.payload.readableBytes <= 64 << 10 {
            message.writeImmutableBuffer(invocation.payload)
            connection.answerNext(message, nil)
        } else {
            connection.answerNext(message, invocation.payload)
        }
        announceToExtensions(invocation)
    }

    private func head(of invocation: Invocation) -> ByteBuffer {
        let context = invocation.context
        let deadline = plan.invocationDeadline
        let arn = context.invokedFunctionARN ?? plan.function.reference.arn
        var head = ByteBufferAllocator().buffer(capacity: 512 + min(invocation.payload.readableBytes, 64 << 10))
        head.writeStaticString("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nLambda-Runtime-Aws-Request-Id: ")
        head.writeString(context.requestID)
        head.writeString("\r\nLambda-Runtime-Deadline-Ms: \(deadline)\r\nLambda-Runtime-Invoked-Function-Arn: \(arn)")
        head.writeString("\r\nContent-Length: \(invocation.payload.readableBytes)\r\n")
        func field(_ name: StaticString, _ value: String?) {
            // A line break would begin a field of the caller's own.
            guard let value, !value.utf8.contains(where: { $0 < 32 }) else { return }
            head.writeStaticString(name)
            head.writeString(value)
            head.writeStaticString("\r\n")
        }
        field("Lambda-Runtime-Trace-Id: ", context.traceHeader)
        field("Lambda-Runtime-Client-Context: ", context.clientContext)
        field("Lambda-Runtime-Cognito-Identity: ", context.cognitoIdentity)
        field("Lambda-Runtime-Aws-Tenant-Id: ", context.tenantID)
        head.writeStaticString("\r\n")
        return head
    }
}

// MARK: Ending an invocation

extension RuntimeInstance {
    /// Ends the current invocation: its log, its report, its caller. The instance itself goes on or not.
    func conclude(
        _ outcome: InvocationResult.Outcome, _ status: InvocationReport.Status, payload: ByteBuffer,
        contentType: String? = nil, explanation: String? = nil
    ) {
        guard let run = current, let startedAt = run.startedAt else { return }
        current = nil
        let now = NIODeadline.now()
        let timestamp = plan.clock.now
        memory.refresh(process, group, now: now)
        let report = InvocationReport(
            status: status, startedAt: run.startedTimestamp,
            durationMilliseconds: status == .timeout
                ? Double(plan.function.timeoutSeconds) * 1000 : Double((now - startedAt).nanoseconds) / 1_000_000,
            initMilliseconds: initMilliseconds, memorySizeMB: plan.function.memorySizeMB,
            maxMemoryUsedMB: memory.peakMB, errorType: Self.errorType(of: outcome))
        initMilliseconds = nil
        let requestID = run.invocation.context.requestID
        var messages = explanation.map { [$0] } ?? []
        messages += plan.lines.end(requestID, report, at: timestamp)
        let tail = log.endInvocation(messages, report: plan.reported(run.invocation, report))
        let result = InvocationResult(
            requestID: requestID, outcome: outcome, payload: payload, contentType: contentType,
            executedVersion: plan.function.reference.version, logTail: tail, report: report)
        // Free before the caller knows, so that its next invocation finds this instance.
        if phase == .ready {
            isHeldByExtensions = !extensions.areIdle
            if !isHeldByExtensions { owner.instanceIsFree(self) }
        }
        run.invocation.completion(result)
    }

    private static func errorType(of outcome: InvocationResult.Outcome) -> String? {
        if case .functionError(let type) = outcome { type } else { nil }
    }
}

// MARK: Time and memory

extension RuntimeInstance {
    /// Moves the deadline. One timer serves many invocations: it looks at the deadline when it fires.
    func setDeadline(_ instant: NIODeadline?) {
        deadline = instant
        guard let instant else { return }
        if let armedTimer {
            guard instant < armedTimer.at else { return }
            armedTimer.task.cancel()
        }
        armedTimer = (instant, eventLoop.scheduleTask(deadline: instant) { self.timerFired() })
    }

    private func timerFired() {
        armedTimer = nil
        guard let deadline, phase != .ended else { return }
        if deadline <= .now() { deadlinePassed() } else { setDeadline(deadline) }
    }

    private func deadlinePassed() {
        deadline = nil
        switch phase {
        case .starting:
            initFailure = origin == .withinInvocation ? timeoutOfSecondStart() : .timedOut
            logInit(status: "timeout", errorType: nil)
            killNow()
        case .ready where current?.startedAt != nil:
            let requestID = current?.invocation.context.requestID ?? ""
            let seconds = plan.function.timeoutSeconds
            killNow()
            conclude(
                .functionError(type: "Sandbox.Timedout"), .timeout,
                payload: FunctionErrorPayload.timedOut(requestID, seconds: seconds),
                explanation: plan.lines.timedOut(requestID, seconds: seconds, at: plan.clock.now))
        case .ready:
            // It answered and never asked for more: what it was given meanwhile goes to another instance.
            killNow()
        case .stopping, .ended: killNow()
        }
    }

    private func timeoutOfSecondStart() -> InitFailure {
        .ended(
            type: "Sandbox.Timedout", reason: FunctionErrorPayload.timeout(seconds: plan.function.timeoutSeconds))
    }

    /// Looks at what the process uses while it works, and not at all while it is idle: ten times a second at its memory
    /// where no control group holds the limit, once a second at its processor time where one can.
    private func watchUse() {
        guard !isWatched, !hasProcessorLimit || group?.limitsMemory != true else { return }
        isWatched = true
        scheduleCheck()
    }

    private func scheduleCheck() {
        let interval: TimeAmount = group?.limitsMemory == true ? .seconds(1) : .milliseconds(100)
        eventLoop.scheduleTask(in: interval) {
            guard self.phase == .ready, let start = self.current?.startedAt, let process = self.process else {
                self.isWatched = false
                return
            }
            self.isWatched = self.check(process, since: start)
            if self.isWatched { self.scheduleCheck() }
        }
    }

    /// Whether to look again.
    private func check(_ process: ChildProcess, since start: NIODeadline) -> Bool {
        if let group, group.limitsMemory { return !limitsProcessor(of: process, group, since: start) }
        switch memory.check(process, processLimit: plan.limits.processesPerFunction) {
        case .memory:
            outOfMemory()
            return false
        case .processes:
            // Its end is reported like any other.
            process.signalGroup(SIGKILL)
            return false
        case nil: return true
        }
    }

    /// An invocation that computes for long, half a second of processor time after its first second, gets the share that
    /// its memory size buys.
    private func limitsProcessor(of process: ChildProcess, _ group: ControlGroup, since start: NIODeadline) -> Bool {
        let used = ProcessTable.processorMilliseconds(of: process.pid) ?? 0
        guard processorAccount?.start == start else {
            if NIODeadline.now() - start > .milliseconds(900) { processorAccount = (start, used) }
            return false
        }
        guard used - (processorAccount?.milliseconds ?? used) > 500 else { return false }
        hasProcessorLimit = true
        group.limitProcessor()
        return true
    }

    func outOfMemory() {
        let requestID = current?.invocation.context.requestID ?? ""
        killNow()
        let message = "RequestId: \(requestID) Error: Runtime exited with error: signal: killed"
        conclude(
            .functionError(type: "Runtime.OutOfMemory"), .error,
            payload: FunctionErrorPayload.make(type: "Runtime.OutOfMemory", message: message),
            explanation: plan.lines.exited(
                requestID, message: message, errorType: "Runtime.OutOfMemory", at: plan.clock.now))
    }
}
