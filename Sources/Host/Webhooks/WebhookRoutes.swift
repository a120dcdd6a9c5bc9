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
    private let usage: any UsageRecorder
    private let clock: any HostClock
    private let scope: Scope

    init(
        invoker: FunctionInvoker, workflows: WorkflowEngine, database: Database, outbox: Outbox, meter: Meter,
        usage: any UsageRecorder, clock: any HostClock, scope: Scope
    ) {
        self.invoker = invoker
        self.workflows = workflows
        self.database = database
        self.outbox = outbox
        self.meter = meter
        self.usage = usage
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
        switch await admit(webhook, parameters, request, peer) {
        case .failure(let refusal):
            end(webhook)
            return refusal.response
        case .success(let call): return await respond(webhook, call)
        }
    }

    private func respond(_ webhook: Webhook, _ call: Call) async -> WireResponse {
        if webhook.isQueued {
            defer { end(webhook) }
            return await queue(webhook, call)
        }
        return await withDeadline(webhook) {
            let isWorkflow = webhook.target.contains(":stateMachine:")
            let response = await isWorkflow ? self.start(webhook, call) : self.invoke(webhook, call)
            await self.record(webhook, call)
            return response
        }
    }

    /// The body's answer, or 503 when it takes longer than the webhook's timeout. What has begun goes on, as on AWS, and
    /// counts as running until its end.
    private func withDeadline(
        _ webhook: Webhook, _ body: @escaping @Sendable () async -> WireResponse
    ) async -> WireResponse {
        let clock = clock
        let deadline = clock.now.adding(milliseconds: Int64(webhook.timeout))
        let (answers, continuation) = AsyncStream.makeStream(
            of: WireResponse.self, bufferingPolicy: .bufferingOldest(1))
        Task {
            let answer = await body()
            self.end(webhook)
            continuation.yield(answer)
        }
        let timer = Task {
            try await clock.sleep(until: deadline)
            continuation.yield(Self.answer(503, "Service Unavailable"))
        }
        defer { timer.cancel() }
        for await answer in answers { return answer }
        return Self.answer(503, "Service Unavailable")
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

    /// What a request becomes when it is let in.
    private struct Call: Sendable {
        var payload: [UInt8]
        /// Bytes of the body.
        var size: Int
    }

    private struct Refusal: Error {
        var response: WireResponse

        init(_ status: Int, _ message: String) { response = WebhookRoutes.answer(status, message) }
    }

    private func admit(
        _ webhook: Webhook, _ parameters: [(name: String, value: String)], _ request: WireRequest, _ peer: String
    ) async -> Result<Call, Refusal> {
        let body: [UInt8]
        do {
            body = try await request.body.collect(upTo: webhook.bodyLimit)
        } catch {
            return .failure(Refusal(error.status ?? 413, "Request Entity Too Large"))
        }
        if let signature = webhook.signature,
            let objection = SignatureCheck(signature: signature).objection(request.headers, body: body, now: clock.now)
        {
            return .failure(Refusal(401, "Unauthorized: \(objection)"))
        }
        var event = HTTPEvent(request, body: body, peer: peer)
        event.routeKey = webhook.routeKey
        event.pathParameters = parameters.map { ($0.name, PercentCoding.decode($0.value) ?? $0.value) }
        event.apiID = "webhooks"
        event.accountID = scope.account
        return .success(
            Call(payload: event.bytes(requestID: invoker.makeRequestID(), at: clock.now), size: body.count))
    }

    // MARK: Targets

    private func invoke(_ webhook: Webhook, _ call: Call) async -> WireResponse {
        let result = await invoker.invoke(webhook.target, payload: call.payload)
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
    private func start(_ webhook: Webhook, _ call: Call) async -> WireResponse {
        let request = StartExecutionRequest(
            machineARN: webhook.target, input: String(decoding: call.payload, as: UTF8.self))
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
            switch error.code {
            case .throttling: return Self.answer(429, "Too Many Requests")
            case .unavailable: return Self.answer(503, "Service Unavailable")
            default: return Self.answer(500, error.code.rawValue)
            }
        }
    }

    private func queue(_ webhook: Webhook, _ call: Call) async -> WireResponse {
        let (outbox, meter, now, scope) = (outbox, meter, clock.now, scope)
        do {
            try await database.write { transaction in
                try outbox.enqueue(
                    NewDelivery(
                        target: webhook.target,
                        kind: webhook.target.contains(":lambda:") ? .asyncInvocation : .webhook, payload: call.payload,
                        retry: .asyncInvocation), in: transaction)
                meter.record(.httpRequest(to: webhook.name, in: scope, bytes: call.size, at: now), in: transaction)
            }
            return WireResponse(
                status: 202, headers: ["Content-Type": "application/json"],
                body: ByteStream(Array(#"{"message":"Accepted"}"#.utf8)))
        } catch {
            return Self.answer(503, "Service Unavailable")
        }
    }

    private func record(_ webhook: Webhook, _ call: Call) async {
        let meter = meter
        let request = Usage.httpRequest(to: webhook.name, in: scope, bytes: call.size, at: clock.now)
        do {
            try await database.write { meter.record(request, in: $0) }
        } catch {
            usage.record(request)
        }
    }

    private static func answer(_ status: Int, _ message: String) -> WireResponse {
        WireResponse(
            status: status, headers: ["Content-Type": "application/json"],
            body: ByteStream(JSON.object(["message": .string(message)]).bytes()))
    }
}
