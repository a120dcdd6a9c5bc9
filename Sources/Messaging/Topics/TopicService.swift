import Core
import EventPatterns
import Events
import Storage
import Synchronization

/// The topics of the host: subscriptions with filters, and publication as deliveries. The tables in memory are rebuilt
/// from the database at start.
public final class TopicService: Sendable {
    struct Receiver: Sendable {
        var subscription: Subscription
        var filter: SubscriptionFilter?
    }

    struct Tables {
        var topics: [String: Topic] = [:]
        /// By topic, in the order of subscribing.
        var receivers: [String: [Receiver]] = [:]
        var topicOfSubscription: [String: String] = [:]
    }

    let database: Database
    let clock: any HostClock
    let random: any RandomSource
    let identifiers: IdentifierSequence
    let outbox: Outbox
    let signer: NotificationSigner
    /// Scheme, host and port under which receivers reach this host.
    let endpoint: String
    let store = TopicStore()
    let tables = Mutex(Tables())

    public init(
        database: Database, clock: any HostClock, random: any RandomSource, identifiers: IdentifierSequence,
        outbox: Outbox, signer: NotificationSigner, endpoint: String
    ) {
        self.database = database
        self.clock = clock
        self.random = random
        self.identifiers = identifiers
        self.outbox = outbox
        self.signer = signer
        self.endpoint = endpoint
    }

    /// Reads the tables. Called once before the host serves.
    public func load() async throws {
        let store = store
        let (topics, subscriptions) = try await database.read {
            (try store.topics(in: $0), try store.subscriptions(in: $0))
        }
        tables.withLock { tables in
            for topic in topics { tables.topics[topic.arn.description] = topic }
            for subscription in subscriptions { Self.insert(subscription, &tables) }
        }
    }

    /// A stored filter that this version cannot read lets nothing through: better than too much.
    private static func insert(_ subscription: Subscription, _ tables: inout Tables) {
        guard let filter = try? SubscriptionFilter(subscription.attributes) else {
            if subscription.attributes["FilterPolicy"] == nil { insert(Receiver(subscription: subscription), &tables) }
            return
        }
        insert(Receiver(subscription: subscription, filter: filter), &tables)
    }

    private static func insert(_ receiver: Receiver, _ tables: inout Tables) {
        let subscription = receiver.subscription
        var receivers = tables.receivers[subscription.topic] ?? []
        if let place = receivers.firstIndex(where: { $0.subscription.id == subscription.id }) {
            receivers[place] = receiver
        } else {
            receivers.append(receiver)
        }
        tables.receivers[subscription.topic] = receivers
        tables.topicOfSubscription[subscription.arn] = subscription.topic
    }

    // MARK: Topics

    public func topic(_ arn: String) -> Topic? { tables.withLock { $0.topics[arn] } }

    public func requireTopic(_ arn: String) throws(MessagingError) -> Topic {
        guard let topic = topic(arn) else { throw MessagingError(.topicDoesNotExist, "Topic does not exist") }
        return topic
    }

    public func topics(_ scope: Scope) -> [Topic] {
        tables.withLock { $0.topics.values.filter { $0.scope == scope } }.sorted { $0.name < $1.name }
    }

    @discardableResult
    public func create(
        _ name: String, attributes: [String: String], tags: [String: String], scope: Scope, in transaction: Transaction
    ) throws -> Topic {
        let topic = Topic(
            id: identifiers.next(), scope: scope, name: name, attributes: attributes, tags: tags,
            createdAt: clock.now)
        try save(topic, in: transaction)
        return topic
    }

    /// Stores the topic's changed settings.
    public func save(_ topic: Topic, in transaction: Transaction) throws {
        try store.save(topic, in: transaction)
        transaction.afterCommit { [weak self] in
            self?.tables.withLock { $0.topics[topic.arn.description] = topic }
        }
    }

    public func delete(_ topic: Topic, in transaction: Transaction) throws {
        try store.delete(topic, in: transaction)
        let arn = topic.arn.description
        transaction.afterCommit { [weak self] in
            self?.tables.withLock { tables in
                tables.topics[arn] = nil
                for receiver in tables.receivers.removeValue(forKey: arn) ?? [] {
                    tables.topicOfSubscription[receiver.subscription.arn] = nil
                }
            }
        }
    }

    // MARK: Subscriptions

    public func subscriptions(of topic: String) -> [Subscription] {
        tables.withLock { $0.receivers[topic]?.map(\.subscription) ?? [] }
    }

    public func subscriptions(_ scope: Scope) -> [Subscription] {
        tables.withLock { tables in
            tables.receivers.filter { tables.topics[$0.key]?.scope == scope }.values.flatMap { $0 }.map(\.subscription)
        }.sorted { $0.id < $1.id }
    }

    public func subscription(_ arn: String) -> Subscription? {
        tables.withLock { tables in
            guard let topic = tables.topicOfSubscription[arn] else { return nil }
            return tables.receivers[topic]?.first { $0.subscription.arn == arn }?.subscription
        }
    }

    /// A subscription that is not stored yet; its token is what an HTTP receiver confirms with.
    public func newSubscription(
        to topic: Topic, _ proto: SubscriptionProtocol, endpoint: String, attributes: [String: String], owner: String
    ) -> Subscription {
        let token = (0..<4).map { _ in hexadecimal(withUnsafeBytes(of: random.nextUInt64().bigEndian, Array.init)) }
        return Subscription(
            id: identifiers.next(), arn: "\(topic.arn):\(UUIDText.random(using: random))",
            topic: topic.arn.description, proto: proto, endpoint: endpoint, owner: owner, attributes: attributes,
            isConfirmed: !proto.isHTTP, token: token.joined(), createdAt: clock.now)
    }

    /// Stores a new or changed subscription.
    ///
    /// - Throws: ``EventPatternError`` when its filter policy is not valid.
    public func save(_ subscription: Subscription, in transaction: Transaction) throws {
        let receiver = Receiver(
            subscription: subscription, filter: try SubscriptionFilter(subscription.attributes))
        try store.save(subscription, in: transaction)
        transaction.afterCommit { [weak self] in
            self?.tables.withLock { Self.insert(receiver, &$0) }
        }
    }

    public func delete(_ subscription: Subscription, in transaction: Transaction) throws {
        try store.delete(subscription, in: transaction)
        transaction.afterCommit { [weak self] in
            self?.tables.withLock { tables in
                tables.topicOfSubscription[subscription.arn] = nil
                tables.receivers[subscription.topic]?.removeAll { $0.subscription.id == subscription.id }
            }
        }
    }
}
