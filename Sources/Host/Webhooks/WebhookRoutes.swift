import Core
import Events
import Functions
import Gateway
import Metering
import NIOCore
import Services
import StatesLanguage
import Storage
import Synchronization
import Wire
import Workflows

/// Receives webhooks: finds the one that is meant, checks it, and hands it to its function or workflow, at once or
/// through a delivery.
final class WebhookRoutes: HTTPRoute {
    private struct State {
        var webhooks: [Webhook] = []
        var running: [String: Int] = [:]
    }

    private let state = Mutex(State())
    private let invoker: FunctionInvoker
    private let workflows: WorkflowEngine
    private let database: Database
    private let outbox: Outbox
    private let meter: Meter
    private let clock: any HostClock
    private let scope: Scope

    init(
        invoker: FunctionInvoker, workflows: WorkflowEngine, database: Database, outbox: Outbox, meter: Meter,
        clock: any HostClock, scope: Scope
    ) {
        self.invoker = invoker
        self.workflows = workflows
        self.database = database
        self.outbox = outbox
        self.meter = meter
        self.clock = clock
        self.scope = scope
    }

    func replace(_ webhooks: [Webhook]) {
        let sorted = webhooks.sorted { $0.rank < $1.rank }
        state.withLock { $0.webhooks = sorted }
    }

    // MARK: HTTPRoute

    /// The whole port is for webhooks.
    func accepts(_ request: WireRequest) -> Bool { true }
    var isControlPlane: Bool { false }
    var bodyLimit: Int? { 10_485_760 }

    func respond(to request: WireRequest, peer: String) async -> WireResponse {
        let found = state.withLock { $0.webhooks }.lazy.compactMap { webhook in
            webhook.match(request.path).map { (webhook, $0) }
        }
        guard let any = found.first else { return Self.answer(404, "Not Found") }
        guard let (webhook, parameters) = found.first(where: { $0.0.method == request.method || $0.0.method == "ANY" })
        else {
            var response = Self.answer(405, "Method Not Allowed")
            response.headers["Allow"] = any.0.method
            return response
        }
        guard begin(webhook) else {
            var response = Self.answer(429, "Too Many Requests")
            response.headers["Retry-After"] = "1"
            return response
        }
        defer { end(webhook) }
        return await respond(webhook, parameters, request, peer)
    }

    private func begin(_ webhook: Webhook) -> Bool {
        state.withLock { state in
            guard state.running[webhook.name, default: 0] < webhook.concurrencyLimit else { return false }
            state.running[webhook.name, default: 0] += 1
            return true
        }
    }

    private func end(_ webhook: Webhook) {
        state.withLock { state in
            let left = state.running[webhook.name, default: 1] - 1
            state.running[webhook.name] = left > 0 ? left : nil
        }
    }

    private func respond(
        _ webhook: Webhook, _ parameters: [(name: String, value: String)], _ request: WireRequest, _ peer: String
    ) async -> WireResponse {
        let body: [UInt8]
        do {
            body = try await request.body.collect(upTo: webhook.bodyLimit)
        } catch {
            return Self.answer(error.status ?? 413, "Request Entity Too Large")
        }
        if let signature = webhook.signature,
            let objection = SignatureCheck(signature: signature).objection(request.headers, body: body, now: clock.now)
        {
            return Self.answer(401, "Unauthorized: \(objection)")
        }
        var event = HTTPEvent(request, body: body, peer: peer)
        event.routeKey = webhook.routeKey
        event.pathParameters = parameters.map { ($0.name, PercentCoding.decode($0.value) ?? $0.value) }
        event.apiID = "webhooks"
        event.accountID = scope.account
        let payload = event.bytes(requestID: invoker.makeRequestID(), at: clock.now)
        if webhook.isQueued { return await queue(webhook, payload, size: body.count) }
        let response =
            webhook.target.contains(":stateMachine:") ? await start(webhook, payload) : await invoke(webhook, payload)
        await record(webhook, bytes: body.count)
        return response
    }

    // MARK: Targets

    private func invoke(_ webhook: Webhook, _ payload: [UInt8]) async -> WireResponse {
        let result = await invoker.invoke(webhook.target, payload: payload)
        switch result.outcome {
        case .success:
            do {
                return try HTTPEventResponse(payload: Array(result.payload.readableBytesView)).wire
            } catch {
                return Self.answer(500, "Internal Server Error")
            }
        case .functionError: return Self.answer(500, "Internal Server Error")
        case .rejected(let rejection):
            return rejection.status == 429
                ? Self.answer(429, "Too Many Requests") : Self.answer(503, "Service Unavailable")
        }
    }

    /// An express workflow answers with its output, a standard one with the execution that has been started.
    private func start(_ webhook: Webhook, _ payload: [UInt8]) async -> WireResponse {
        let request = StartExecutionRequest(
            machineARN: webhook.target, input: String(decoding: payload, as: UTF8.self))
        do throws(WorkflowError) {
            if try await workflows.stateMachine(webhook.target).type == .express {
                let result = try await workflows.startSyncExecution(request)
                guard let output = result.record.output else { return Self.answer(500, "Internal Server Error") }
                return (try? HTTPEventResponse(payload: Array(output.utf8)).wire)
                    ?? Self.answer(500, "Internal Server Error")
            }
            let record = try await workflows.startExecution(request)
            return WireResponse(
                status: 202, headers: ["Content-Type": "application/json"],
                body: ByteStream(JSON.object(["executionArn": .string(record.arn)]).bytes()))
        } catch {
            return Self.answer(error.code == .unavailable ? 503 : 500, error.code.rawValue)
        }
    }

    private func queue(_ webhook: Webhook, _ payload: [UInt8], size: Int) async -> WireResponse {
        let (outbox, meter, now, scope) = (outbox, meter, clock.now, scope)
        do {
            try await database.write { transaction in
                try outbox.enqueue(
                    NewDelivery(
                        target: webhook.target,
                        kind: webhook.target.contains(":lambda:") ? .asyncInvocation : .webhook, payload: payload,
                        retry: .asyncInvocation), in: transaction)
                meter.record(.httpRequest(to: webhook.name, in: scope, bytes: size, at: now), in: transaction)
            }
            return WireResponse(
                status: 202, headers: ["Content-Type": "application/json"],
                body: ByteStream(Array(#"{"message":"Accepted"}"#.utf8)))
        } catch {
            return Self.answer(503, "Service Unavailable")
        }
    }

    private func record(_ webhook: Webhook, bytes: Int) async {
        let (meter, now, scope) = (meter, clock.now, scope)
        try? await database.write { transaction in
            meter.record(.httpRequest(to: webhook.name, in: scope, bytes: bytes, at: now), in: transaction)
        }
    }

    private static func answer(_ status: Int, _ message: String) -> WireResponse {
        WireResponse(
            status: status, headers: ["Content-Type": "application/json"],
            body: ByteStream(JSON.object(["message": .string(message)]).bytes()))
    }
}
