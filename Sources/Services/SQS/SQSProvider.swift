public import AWSModels
public import Core
public import Messaging
public import Metering
import Storage
import Wire

/// Amazon SQS on the host's queues. All operations are built.
///
/// What differs from AWS: policies and permissions are stored and answered, not enforced; messages are not encrypted,
/// whatever the encryption settings say, though the key of a queue must be one that can be used; the limits on messages in flight are not enforced; a receive answers all
/// messages it can get, where AWS samples its hosts.
public struct SQSProvider: SQS.API {
    let queues: QueueService
    let database: Database
    let meter: Meter
    let usage: any UsageRecorder
    let clock: any HostClock
    let addresses: QueueAddresses
    let keys: KMSKeys?

    /// - Parameters:
    ///   - usage: takes the reads, which change nothing.
    ///   - domain: a name of the host, with the port, below which queues get addresses with their region, such as
    ///     `http://sqs.eu-west-1.example.test:4566/000000000000/queue`; nil answers addresses at the host by which the
    ///     caller came.
    ///   - keys: with which queues are encrypted; nil where nobody asks for them.
    public init(
        queues: QueueService, database: Database, meter: Meter, usage: any UsageRecorder, clock: any HostClock,
        domain: String? = nil, keys: KMSKeys? = nil
    ) {
        self.keys = keys
        self.queues = queues
        self.database = database
        self.meter = meter
        self.usage = usage
        self.clock = clock
        addresses = QueueAddresses(domain: domain)
    }

    // MARK: Finding queues

    /// The queue that a request names by its address, or is sent to.
    func queue(_ url: String, _ context: RequestContext) throws(AWSError) -> Queue {
        let text = url.isEmpty ? context.endpoint + context.path : url
        let place = QueueAddresses.place(text, in: context.scope)
        guard let queue = queues.queue(place.arn) else { throw Self.missingQueue(context) }
        return queue
    }

    static func missingQueue(_ context: RequestContext) -> AWSError {
        error(MessagingError(.queueDoesNotExist, "The specified queue does not exist."), context)
    }

    // MARK: Writing

    /// Runs the change in a transaction together with its metering as one request on the queue.
    @discardableResult
    func change<Value: Sendable>(
        _ queue: Queue, _ context: RequestContext, bytes: Int = 0,
        _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(AWSError) -> Value {
        let usage = request(on: queue, bytes: bytes)
        return try await write(context) { transaction in
            let value = try body(transaction)
            meter.record(usage, in: transaction)
            return value
        }
    }

    func write<Value: Sendable>(
        _ context: RequestContext, _ body: @escaping @Sendable (Transaction) throws -> Value
    ) async throws(AWSError) -> Value {
        try await answering(context) { try await database.write(body) }
    }

    /// Turns what the modules throw into AWS's errors.
    func answering<Value: Sendable>(
        _ context: RequestContext, _ body: () async throws -> Value
    ) async throws(AWSError) -> Value {
        do {
            return try await body()
        } catch {
            throw Self.error(error, context)
        }
    }

    // MARK: Metering

    func request(on queue: Queue, bytes: Int = 0) -> Usage {
        .queueRequest(
            on: queue.arn.description, in: queue.scope, bytes: bytes, isFIFO: queue.attributes.isFIFO, at: clock.now)
    }

    func recordRead(of queue: Queue) { usage.record(request(on: queue)) }
}
