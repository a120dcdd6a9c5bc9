import AWSModels
import Core
import Events
import Gateway
import class Gateway.Dispatcher
import HostTesting
import Messaging
import Metering
import Services
import Storage
import Wire

/// The parameter store, with Secrets Manager beside it, behind a dispatcher, on a temporary database.
final class ParameterServices: Sendable {
    static let account = "111111111111"

    let temporary: TemporaryDatabase
    let clock = VirtualClock()
    let buses: BusService
    private let dispatcher: Dispatcher

    init() throws {
        temporary = try Database.temporary(
            schema: Meter.schema + DeliveryStore.schema + ScheduleStore.schema + BusService.schema + TagStore.schema
                + IAMStore.schema + SecretStore.schema + ParameterStore.schema)
        let (database, clock, random) = (temporary.database, clock, SystemRandomSource())
        let identifiers = IdentifierSequence(clock: clock)
        let deliveries = Events.Dispatcher(
            database: database, clock: clock, targets: TargetRegistry(), endings: [:], identifiers: identifiers)
        buses = BusService(
            database: database, clock: clock, identifiers: identifiers, outbox: deliveries.outbox, meter: Meter(),
            schedules: ScheduleStore(clock: clock, identifiers: identifiers))
        let secrets = SecretsManagerProvider(
            database: database, clock: clock, random: random, functions: FunctionDirectory(),
            outbox: deliveries.outbox)
        let identities = CallerIdentities(
            sessions: STSSessions(clock: clock), directory: IAMDirectory(database))
        dispatcher = Dispatcher(
            GatewayConfiguration(),
            services: [
                SecretsManager.service(secrets),
                EventBridge.service(EventBridgeProvider(buses)),
                SSM.service(
                    SSMProvider(
                        database: database, clock: clock, buses: buses, secrets: secrets, identities: identities)),
            ], clock: clock)
    }

    /// - Parameter target: such as `AmazonSSM.GetParameter`.
    func call(_ target: String, _ input: JSON) async throws -> (status: Int, json: JSON) {
        let service =
            switch target.prefix(while: { $0 != "." }) {
            case "AmazonSSM": "ssm"
            case "AWSEvents": "events"
            default: "secretsmanager"
            }
        let request = WireRequest(
            method: "POST", path: "/",
            headers: [
                "Host": "127.0.0.1:4566", "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target,
                "Authorization":
                    "AWS4-HMAC-SHA256 Credential=\(Self.account)/20261122/us-east-1/\(service)/aws4_request, "
                    + "SignedHeaders=host, Signature=0",
            ], body: ByteStream(input.bytes()))
        let response = await dispatcher.respond(to: request)
        let bytes = try await response.body.collect(upTo: 1 << 20)
        return (response.status, (try? JSON(parsing: bytes)) ?? .null)
    }
}
