import AWSModels
import Core
import Gateway
import class Gateway.Dispatcher
import HostTesting
import Services
import Storage
import Wire

/// IAM and STS behind a dispatcher, on a temporary database.
final class IAMServices: Sendable {
    let temporary: TemporaryDatabase
    let dispatcher: Dispatcher

    init() throws {
        temporary = try Database.temporary(schema: IAMStore.schema + TagStore.schema)
        let clock = VirtualClock()
        let database = temporary.database
        dispatcher = Dispatcher(
            GatewayConfiguration(),
            services: [
                IAM.service(IAMProvider(database: database, clock: clock)),
                STS.service(
                    STSProvider(clock: clock, random: SystemRandomSource(), identities: IAMDirectory(database))),
            ], clock: clock)
    }

    /// One call in the query protocol.
    func call(
        _ operation: String, _ parameters: [String: String] = [:], service: String = "iam",
        key: String = "111111111111"
    ) async throws -> (status: Int, body: String) {
        let version = service == "iam" ? "2010-05-08" : "2011-06-15"
        let form = parameters.merging(["Action": operation, "Version": version]) { $1 }
            .map { "\(PercentCoding.encode($0.key))=\(PercentCoding.encode($0.value))" }.joined(separator: "&")
        let request = WireRequest(
            method: "POST", path: "/",
            headers: [
                "Host": "127.0.0.1:4566", "Content-Type": "application/x-www-form-urlencoded",
                "Authorization": "AWS4-HMAC-SHA256 Credential=\(key)/20261122/us-east-1/\(service)/aws4_request, "
                    + "SignedHeaders=host, Signature=0",
            ], body: ByteStream(Array(form.utf8)))
        let response = await dispatcher.respond(to: request)
        return (response.status, String(decoding: try await response.body.collect(upTo: 1 << 20), as: UTF8.self))
    }
}
