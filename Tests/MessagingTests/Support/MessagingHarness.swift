import Core

import HostTesting
import Storage
import Synchronization

@testable import Events
@testable import Messaging

/// Queues and topics on a temporary database and a clock that stands still.
final class MessagingHarness: Sendable {
    static let schema =
        DeliveryStore.schema + QueueStore.schema + TopicStore.schema + NotificationSigner.schema

    /// Making a key takes long: all hosts share one.
    private static let signer = Task {
        let temporary = try TemporaryDatabase(schema: NotificationSigner.schema)
        let signer = try await NotificationSigner.load(from: temporary.database)
        try await temporary.database.write { try signer.prepare(in: $0) }
        await temporary.database.close()
        return signer
    }

    let scope = Scope(account: "111111111111", region: "eu-west-1")
    let temporary: TemporaryDatabase
    let clock: VirtualClock
    let queues: QueueService
    let topics: TopicService
    let signer: NotificationSigner
    let dispatcher: Dispatcher
    let targets: Targets

    /// The table of targets, filled after the dispatcher has been made.
    final class Targets: TargetDirectory {
        let table = Mutex(TargetTable())
        func target(for arn: String) -> (any DeliveryTarget)? { table.withLock { $0.target(for: arn) } }
    }

    init() async throws {
        temporary = try Database.temporary(schema: Self.schema)
        let database = temporary.database
        clock = VirtualClock(settle: VirtualClock.settling(database))
        let identifiers = IdentifierSequence(clock: clock)
        let random = SystemRandomSource()
        signer = try await Self.signer.value
        targets = Targets()
        dispatcher = Dispatcher(
            database: database, clock: clock, targets: targets, endings: [.subscription: SubscriptionEnding()],
            identifiers: identifiers)
        queues = QueueService(
            database: database, clock: clock, random: random, identifiers: identifiers,
            seals: NotificationSeals(signer), enforcesDeletionPause: true)
        topics = TopicService(
            database: database, clock: clock, random: random, identifiers: identifiers, outbox: dispatcher.outbox,
            signer: signer, endpoint: "http://127.0.0.1:4566")
        let (queues, topics) = (queues, topics)
        targets.table.withLock {
            $0.register(QueueTarget(queues), service: "sqs")
            $0.register(TopicTarget(topics), service: "sns")
        }
    }

    func arn(_ queue: String) -> String { scope.arn("sqs", queue).description }

    @discardableResult
    func queue(_ name: String, _ attributes: [String: String] = [:]) async throws -> Queue {
        let scope = scope
        return try await temporary.database.write { [queues] in
            try queues.create(name, QueueAttributes(attributes), tags: [:], scope: scope, in: $0)
        }
    }

    @discardableResult
    func send(
        _ body: String, to name: String, group: String? = nil, key: String? = nil, delay: Int? = nil
    ) async throws -> SentMessage {
        let queue = try queues.requireQueue(arn(name))
        let message = OutgoingMessage(
            body: body, delay: delay, groupID: group, deduplicationID: key, sender: scope.account)
        return try await temporary.database.write { [queues] in try queues.send(message, to: queue, in: $0) }
    }

    func receive(
        _ name: String, limit: Int = 10, visibility: Int? = nil, attempt: String? = nil, wait: Int64 = 0
    ) async throws -> [ReceivedMessage] {
        try await queues.receive(from: arn(name), limit: limit, visibility: visibility, attempt: attempt, wait: wait)
    }

    func bodies(_ name: String, limit: Int = 10, visibility: Int? = nil) async throws -> [String] {
        try await receive(name, limit: limit, visibility: visibility).map(\.body)
    }

    func delete(_ message: ReceivedMessage, from name: String) async throws {
        let queue = try queues.requireQueue(arn(name))
        try await temporary.database.write { [queues] in
            try queues.delete(message.receiptHandle, from: queue, in: $0)
        }
    }

    func changeVisibility(_ message: ReceivedMessage, to seconds: Int, of name: String) async throws {
        let queue = try queues.requireQueue(arn(name))
        try await temporary.database.write { [queues] in
            try queues.changeVisibility(message.receiptHandle, to: seconds, of: queue, in: $0)
        }
    }

    // MARK: Topics

    func topic(_ name: String, _ attributes: [String: String] = [:]) async throws -> Topic {
        let scope = scope
        return try await temporary.database.write { [topics] in
            try topics.create(name, attributes: attributes, tags: [:], scope: scope, in: $0)
        }
    }

    @discardableResult
    func subscribe(
        _ name: String, to topic: Topic, _ attributes: [String: String] = [:],
        proto: SubscriptionProtocol = .queue
    ) async throws -> Subscription {
        let (endpoint, owner) = (proto == .queue ? arn(name) : name, scope.account)
        return try await temporary.database.write { [topics] in
            try topics.subscribe(
                to: topic, proto, endpoint: endpoint, attributes: attributes, owner: owner, in: $0)
        }
    }

    @discardableResult
    func publish(_ message: TopicMessage, to topic: Topic) async throws -> PublishedMessage {
        let publication = try topics.prepare(message, to: topic)
        return try await temporary.database.write { [topics] in try topics.publish(publication, in: $0).published }
    }

    /// Runs the dispatcher beside the body.
    func dispatching(_ body: @escaping @Sendable () async throws -> Void) async throws {
        let dispatcher = dispatcher
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await dispatcher.run() }
            try await body()
            group.cancelAll()
            dispatcher.drain()
            try await group.waitForAll()
        }
    }

    /// Lets everything that is on its way arrive, and gives the bodies of the first non-empty receive.
    func arrivals(_ name: String) async throws -> [ReceivedMessage] {
        for _ in 0..<100 {
            let messages = try await receive(name)
            if !messages.isEmpty { return messages }
            await clock.advance(by: 0)
        }
        return []
    }
}
