import AWSModels
import Core
import Events
import Gateway
import class Gateway.Dispatcher
import HostTesting
import Messaging
import Metering
import OutgoingHTTP
import Services
import Storage
import Synchronization
import Wire

/// SQS and SNS behind a dispatcher, on a temporary database.
final class MessagingServices: Sendable {
    final class Targets: TargetDirectory {
        let table = Mutex(TargetTable())
        func target(for arn: String) -> (any DeliveryTarget)? { table.withLock { $0.target(for: arn) } }
    }

    /// Making a key takes long: all hosts share one.
    private static let signer = Task {
        let temporary = try TemporaryDatabase(schema: NotificationSigner.schema)
        let signer = try await NotificationSigner.load(from: temporary.database)
        try await temporary.database.write { try signer.prepare(in: $0) }
        await temporary.database.close()
        return signer
    }

    let temporary: TemporaryDatabase
    let clock: any HostClock
    let queues: QueueService
    let topics: TopicService
    let signer: NotificationSigner
    let deliveries: Events.Dispatcher
    let client = HTTPClient()
    let services: [AWSService]
    let dispatcher: Dispatcher

    /// - Parameter endpoint: where web receivers reach the host.
    init(clock: any HostClock = VirtualClock(), endpoint: String = "http://127.0.0.1:4566") async throws {
        self.clock = clock
        temporary = try Database.temporary(
            schema: DeliveryStore.schema + QueueStore.schema + TopicStore.schema + NotificationSigner.schema
                + Meter.schema + TagStore.schema + KMSStore.schema)
        let database = temporary.database
        let identifiers = IdentifierSequence(clock: clock)
        let random = SystemRandomSource()
        let targets = Targets()
        signer = try await Self.signer.value
        deliveries = Events.Dispatcher(
            database: database, clock: clock, targets: targets, endings: [.subscription: SubscriptionEnding()],
            identifiers: identifiers)
        queues = QueueService(
            database: database, clock: clock, random: random, identifiers: identifiers,
            seals: NotificationSeals(signer))
        topics = TopicService(
            database: database, clock: clock, random: random, identifiers: identifiers, outbox: deliveries.outbox,
            signer: signer, endpoint: endpoint)
        let (queues, topics, client) = (queues, topics, client)
        targets.table.withLock {
            $0.register(QueueTarget(queues), service: "sqs")
            $0.register(TopicTarget(topics), service: "sns")
            $0.register(EndpointTarget(client), service: EndpointAddress.service)
        }
        let meter = Meter()
        let keys = KMSKeys(database: database, clock: clock)
        services = [
            SQS.service(
                SQSProvider(
                    queues: queues, database: database, meter: meter, usage: NoUsageRecorder(), clock: clock,
                    keys: keys)),
            SNS.service(
                SNSProvider(
                    topics: topics, database: database, meter: meter, clock: clock, random: random,
                    identifiers: identifiers, keys: keys)),
            KMS.service(KMSProvider(keys)),
        ]
        dispatcher = Dispatcher(GatewayConfiguration(), services: services, clock: clock)
    }

    // MARK: Requests

    static func authorization(_ service: String) -> String {
        "AWS4-HMAC-SHA256 Credential=111111111111/20261122/eu-west-1/\(service)/aws4_request, "
            + "SignedHeaders=host, Signature=0"
    }

    /// One call in JSON.
    func json(
        _ operation: String, _ input: JSON, target: String = "AmazonSQS"
    ) async throws -> (status: Int, headers: HTTPFields, body: JSON) {
        let request = WireRequest(
            method: "POST", path: "/",
            headers: [
                "Host": "127.0.0.1:4566", "X-Amz-Target": "\(target).\(operation)",
                "Content-Type": "application/x-amz-json-1.0", "Authorization": Self.authorization("sqs"),
            ], body: ByteStream(input.bytes()))
        let response = await dispatcher.respond(to: request)
        let bytes = try await response.body.collect(upTo: 1 << 20)
        return (response.status, response.headers, bytes.isEmpty ? .object([:]) : try JSON(parsing: bytes))
    }

    /// One call in the query protocol, as a form or as an address.
    func query(
        _ service: String, _ parameters: [String: String], path: String = "/", isSigned: Bool = true,
        isGET: Bool = false
    ) async throws -> (status: Int, body: String) {
        let form = parameters.sorted { $0.key < $1.key }
            .map { "\(PercentCoding.encode($0.key))=\(PercentCoding.encode($0.value))" }.joined(separator: "&")
        var request = WireRequest(
            method: isGET ? "GET" : "POST", path: path, query: isGET ? form : "",
            headers: ["Host": "127.0.0.1:4566"], body: ByteStream(isGET ? [] : Array(form.utf8)))
        if !isGET { request.headers["Content-Type"] = "application/x-www-form-urlencoded" }
        if isSigned { request.headers["Authorization"] = Self.authorization(service) }
        let response = await dispatcher.respond(to: request)
        return (response.status, String(decoding: try await response.body.collect(upTo: 1 << 20), as: UTF8.self))
    }
}

extension String {
    /// The text of the first element of that name.
    func element(_ name: String) -> String? {
        guard let start = ranges(of: "<\(name)>").first, let end = self[start.upperBound...].ranges(of: "</").first
        else { return nil }
        return String(self[start.upperBound..<end.lowerBound])
    }
}
