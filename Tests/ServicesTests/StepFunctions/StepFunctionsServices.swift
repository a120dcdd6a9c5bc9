import AWSModels
import Core
import Events
import Gateway
import class Gateway.Dispatcher
import HostTesting
import Logs
import Metering
import Services
import StatesLanguage
import Storage
import Wire
import Workflows

/// Step Functions behind a dispatcher, with log groups, on a temporary database.
final class StepFunctionsServices: Sendable {
    /// There are no functions and no services.
    private struct Refusal: TaskIntegration {
        func start(_ task: TaskInvocation) async throws(TaskFailure) -> JSON {
            throw TaskFailure(error: "Refused", cause: nil)
        }
    }

    private final class NoTargets: TargetDirectory {
        func target(for arn: String) -> (any DeliveryTarget)? { nil }
    }

    static let scope = Scope(account: "111111111111", region: "eu-west-1")

    let temporary: TemporaryDatabase
    let logs: LogService
    let engine: WorkflowEngine
    private let running: Task<Void, Never>
    private let dispatcher: Dispatcher

    init() async throws {
        let clock = VirtualClock()
        temporary = try Database.temporary(
            schema: DeliveryStore.schema + Meter.schema + LogService.schema + WorkflowSchema.migrations)
        let database = temporary.database
        let identifiers = IdentifierSequence(clock: clock)
        let deliveries = Events.Dispatcher(
            database: database, clock: clock, targets: NoTargets(), endings: [:], identifiers: identifiers)
        logs = LogService(
            database: database, clock: clock, identifiers: identifiers, outbox: deliveries.outbox, meter: Meter())
        let engine = WorkflowEngine(
            database: database, clock: clock, identifiers: identifiers, integration: Refusal())
        self.engine = engine
        running = Task { try? await engine.run() }
        dispatcher = Dispatcher(
            GatewayConfiguration(), services: [StepFunctions.service(StepFunctionsProvider(engine, logs: logs))],
            clock: clock)
    }

    func call(_ operation: String, _ input: JSON) async throws -> (status: Int, body: JSON) {
        let request = WireRequest(
            method: "POST", path: "/",
            headers: [
                "Host": "127.0.0.1:4566", "X-Amz-Target": "AWSStepFunctions.\(operation)",
                "Content-Type": "application/x-amz-json-1.0",
                "Authorization": MessagingServices.authorization("states"),
            ], body: ByteStream(input.bytes()))
        let response = await dispatcher.respond(to: request)
        let bytes = try await response.body.collect(upTo: 1 << 20)
        return (response.status, bytes.isEmpty ? .object([:]) : try JSON(parsing: bytes))
    }

    /// Makes a machine of the states, which begin at `A`.
    func create(_ states: JSON, _ added: JSONObject = [:]) async throws -> (status: Int, body: JSON) {
        var input: JSONObject = [
            "name": "m", "roleArn": "arn:aws:iam::111111111111:role/r",
            "definition": .string(JSON.object(["StartAt": "A", "States": states]).text()),
        ]
        for (name, value) in added { input[name] = value }
        return try await call("CreateStateMachine", .object(input))
    }

    func close() async {
        running.cancel()
        await running.value
        await temporary.database.close()
    }
}
