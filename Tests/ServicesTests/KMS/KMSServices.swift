import AWSModels
import Core
import Gateway
import class Gateway.Dispatcher
import HostTesting
import Services
import Storage
import Wire

/// KMS behind a dispatcher, on a temporary database and a clock of its own.
final class KMSServices: Sendable {
    private let temporary: TemporaryDatabase
    private let dispatcher: Dispatcher
    private let running: Task<Void, Never>
    let clock: VirtualClock

    init() throws {
        temporary = try Database.temporary(schema: KMSStore.schema + TagStore.schema)
        clock = VirtualClock(settle: VirtualClock.settling(temporary.database))
        let keys = KMSKeys(database: temporary.database, clock: clock)
        dispatcher = Dispatcher(
            GatewayConfiguration(), services: [KMS.service(KMSProvider(keys))], clock: clock)
        running = Task { try? await keys.run() }
    }

    deinit { running.cancel() }

    func call(
        _ operation: String, _ input: JSON, region: String = "us-east-1"
    ) async throws -> (status: Int, json: JSON) {
        let request = WireRequest(
            method: "POST", path: "/",
            headers: [
                "Host": "127.0.0.1:4566", "X-Amz-Target": "TrentService.\(operation)",
                "Content-Type": "application/x-amz-json-1.1",
                "Authorization": "AWS4-HMAC-SHA256 Credential=111111111111/20261122/\(region)/kms/aws4_request, "
                    + "SignedHeaders=host, Signature=0",
            ], body: ByteStream(input.bytes()))
        let response = await dispatcher.respond(to: request)
        let bytes = try await response.body.collect(upTo: 1 << 20)
        return (response.status, bytes.isEmpty ? .null : try JSON(parsing: bytes))
    }
}
