import Core
import NIOCore

extension RuntimeInstance {
    /// Where a layer keeps the extensions that the host starts.
    var extensionPrograms: [String] {
        plan.function.layers.flatMap { layer in
            FilePath.children(of: "\(layer)/extensions").sorted().map { "\(layer)/extensions/\($0)" }
                .filter(FilePath.isExecutable)
        }
    }

    var extensionsAreReady: Bool { extensions.areReady }

    func extensionRequest(
        _ route: RuntimeAPIRoute, _ head: HTTPRequestHead, body: RuntimeAPIBody, on connection: RuntimeAPIConnection
    ) -> RuntimeAPIReply? {
        switch route {
        case .extensionRegister: return register(head, body)
        // Lambda's own emulator answers so where there is no such service.
        case .telemetry:
            return .error(202, type: "Telemetry.NotSupported", message: "Telemetry API is not supported")
        case .logs: return .error(202, type: "Logs.NotSupported", message: "Logs API is not supported")
        default: break
        }
        guard let identifier = head["lambda-extension-identifier"], !identifier.isEmpty else {
            return ExtensionReply.missingIdentifier
        }
        guard extensions.entries[identifier] != nil else {
            return ExtensionReply.refusal("UnknownExtensionIdentifier", "Unknown extension \(identifier)")
        }
        if route == .extensionNext { return next(identifier, connection) }
        return fail(route, head, identifier)
    }

    // MARK: Requests

    private func register(_ head: HTTPRequestHead, _ body: RuntimeAPIBody) -> RuntimeAPIReply {
        guard let name = head["lambda-extension-name"], !name.isEmpty else { return ExtensionReply.missingName }
        guard phase == .starting else { return ExtensionReply.registrationClosed }
        guard extensions.entries.count < ExtensionTable.limit else { return ExtensionReply.tooMany }
        guard !extensions.entries.values.contains(where: { $0.name == name }) else {
            return ExtensionReply.refusal("AlreadyRegistered", "Extension with the same name is already registered")
        }
        let isExternal = extensions.expected.contains(name)
        var events = Set<ExtensionTable.Event>()
        let request = try? JSON(parsing: Array(body.bytes.readableBytesView), limits: JSONLimits(depth: 8))
        for item in request?["events"]?.arrayValue ?? [] {
            guard let text = item.stringValue, let event = ExtensionTable.Event(rawValue: text),
                isExternal || event == .invoke
            else {
                return ExtensionReply.refusal(
                    "InvalidEventType", "\(item.stringValue ?? item.text()): invalid event type name")
            }
            events.insert(event)
        }
        extensions.expected.remove(name)
        let identifier = UUIDText.random(using: plan.random)
        extensions.entries[identifier] = ExtensionTable.Entry(name: name, events: events, isExternal: isExternal)
        return ExtensionTable.reply(registration(head), identifier)
    }

    private func registration(_ head: HTTPRequestHead) -> String {
        var body: JSON = [
            "functionName": .string(plan.function.reference.functionName),
            "functionVersion": .string(plan.function.reference.version), "handler": .string(plan.function.handler),
        ]
        if head["lambda-extension-accept-feature"]?.contains("accountId") == true {
            body["accountId"] = .string(plan.function.reference.scope.account)
        }
        return body.text()
    }

    private func next(_ identifier: String, _ connection: RuntimeAPIConnection) -> RuntimeAPIReply? {
        let wasReady = extensions.entries[identifier]?.isReady ?? true
        extensions.entries[identifier]?.isReady = true
        if !wasReady { eventLoop.execute { self.initEnded() } }
        if let pending = extensions.entries[identifier]?.pending, !pending.isEmpty {
            extensions.entries[identifier]?.pending.removeFirst()
            return ExtensionTable.reply(pending[0], identifier)
        }
        if extensions.entries[identifier]?.isWorking == true {
            extensions.entries[identifier]?.isWorking = false
            eventLoop.execute { self.extensionsWentOn() }
        }
        if extensions.entries[identifier]?.waiting != nil {
            return ExtensionReply.refusal("InvalidExtensionState", "The extension already waits for its next event")
        }
        extensions.entries[identifier]?.waiting = connection
        return nil
    }

    /// An invocation ends when the runtime and all extensions have asked for what comes next. Its caller has had the
    /// answer by then.
    func extensionsWentOn() {
        guard isHeldByExtensions, extensions.areIdle, phase == .ready else { return }
        isHeldByExtensions = false
        if waiting != nil { setDeadline(nil) }
        owner.instanceIsFree(self)
    }

    private func fail(_ route: RuntimeAPIRoute, _ head: HTTPRequestHead, _ identifier: String) -> RuntimeAPIReply {
        guard let type = head["lambda-extension-function-error-type"] else { return ExtensionReply.missingErrorType }
        let duringInit = route == .extensionInitError
        extensionFailed(
            type: duringInit ? "Extension.InitError" : "Extension.ExitError",
            message: "\(extensions.entries[identifier]?.name ?? "extension"): \(type)")
        return .accepted
    }

    // MARK: Events

    func announceToExtensions(_ invocation: Invocation) {
        guard !extensions.entries.isEmpty else { return }
        let context = invocation.context
        var event: JSON = [
            "eventType": "INVOKE", "deadlineMs": .int(plan.invocationDeadline), "requestId": .string(context.requestID),
            "invokedFunctionArn": .string("\(context.invokedFunctionARN ?? plan.function.reference.arn)"),
        ]
        if let trace = context.traceHeader { event["tracing"] = ["type": "X-Amzn-Trace-Id", "value": .string(trace)] }
        for (identifier, entry) in extensions.entries where entry.events.contains(.invoke) {
            extensions.entries[identifier]?.isWorking = true
        }
        send(.invoke, event.text())
    }

    func announceShutdown() {
        guard !extensions.entries.isEmpty else { return }
        let deadline = plan.deadline(inMilliseconds: plan.limits.shutdownMilliseconds)
        let event: JSON = ["eventType": "SHUTDOWN", "shutdownReason": "spindown", "deadlineMs": .int(deadline)]
        send(.shutdown, event.text())
    }

    private func send(_ event: ExtensionTable.Event, _ body: String) {
        for (identifier, entry) in extensions.entries where entry.events.contains(event) {
            extensions.send(body, to: identifier)
        }
    }

    func extensionConnectionClosed(_ connection: RuntimeAPIConnection) {
        for (identifier, entry) in extensions.entries where entry.waiting === connection {
            extensions.entries[identifier]?.waiting = nil
        }
    }

    // MARK: Processes

    /// An extension that ends while the instance works takes the instance with it, as in Lambda.
    func extensionEnded(_ program: String, _ exit: ProcessExit) {
        extensions.processes[program] = nil
        if self.exit != nil { finishAfterExit() }
        guard phase == .starting || phase == .ready else { return }
        extensionFailed(type: "Extension.Crash", message: "\(FilePath.name(of: program)): \(exit.description)")
    }

    func extensionFailed(type: String, message: String) {
        guard phase == .starting || phase == .ready else { return }
        let requestID = current?.invocation.context.requestID ?? ""
        let text = FunctionErrorPayload.message(requestID, message)
        let payload = FunctionErrorPayload.make(type: type, message: text)
        if phase == .starting, initFailure == nil {
            initFailure = .ended(type: type, reason: message)
            logInit(status: "error", errorType: type)
        }
        killNow()
        guard current?.startedAt != nil else { return }
        conclude(
            .functionError(type: type), .error, payload: payload,
            explanation: plan.lines.exited(requestID, message: text, errorType: type, at: plan.clock.now))
    }
}
