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
        do {
            let filter = try SubscriptionFilter(subscription.attributes)
            insert(Receiver(subscription: subscription, filter: filter), &tables)
        } catch {
            var silent = subscription
            silent.isConfirmed = false
            insert(Receiver(subscription: silent), &tables)
        }
    }

    private static func insert(_ receiver: Receiver, _ tables: inout Tables) {
        let subscription = receiver.subscription
        let arn = subscription.arn
        if tables.topicOfSubscription[arn] == nil {
            tables.receivers[subscription.topic, default: []].append(receiver)
        } else if let place = tables.receivers[subscription.topic]?.firstIndex(where: { $0.subscription.arn == arn }) {
            tables.receivers[subscription.topic]?[place] = receiver
        }
        tables.topicOfSubscription[arn] = subscription.topic
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

    /// Creates the topic within the transaction, or gives the one that is there; it can be used after the commit.
    ///
    /// - Throws: `invalidParameter` when the one that is there differs in what was given.
    @discardableResult
    public func create(
        _ name: String, attributes: [String: String], tags: [String: String], dataProtectionPolicy: String? = nil,
        scope: Scope, in transaction: Transaction
    ) throws -> Topic {
        if let existing = try store.topic(name, in: scope, transaction) {
            try Self.requireSame(attributes, tags, as: existing)
            return existing
        }
        try signer.prepare(in: transaction)
        let topic = Topic(
            id: identifiers.next(), scope: scope, name: name, attributes: attributes, tags: tags,
            dataProtectionPolicy: dataProtectionPolicy, createdAt: clock.now)
        try save(topic, in: transaction)
        return topic
    }

    private static func requireSame(
        _ attributes: [String: String], _ tags: [String: String], as existing: Topic
    ) throws(MessagingError) {
        let current = existing.described(confirmed: 0, pending: 0)
        for (name, value) in attributes where current[name] != value && existing.attributes[name] != value {
            if name == "FifoTopic", value == "false", !existing.isFIFO { continue }
            throw MessagingError(
                .invalidParameter,
                "Invalid parameter: Attributes Reason: Topic already exists with different attributes")
        }
        for (name, value) in tags where existing.tags[name] != value {
            throw MessagingError(
                .invalidParameter, "Invalid parameter: Tags Reason: Topic already exists with different tags")
        }
    }

    /// Changes the topic as it is in the database by the closure, so that changes at the same time do not undo one
    /// another.
    @discardableResult
    public func update(
        _ arn: String, in transaction: Transaction, _ change: (inout Topic) throws -> Void
    ) throws -> Topic {
        let known = try requireTopic(arn)
        guard var topic = try store.topic(known.name, in: known.scope, transaction) else {
            throw MessagingError(.topicDoesNotExist, "Topic does not exist")
        }
        try change(&topic)
        try save(topic, in: transaction)
        return topic
    }

    private func save(_ topic: Topic, in transaction: Transaction) throws {
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

    /// Subscribes the endpoint within the transaction, or gives the subscription that is there. A web receiver is asked
    /// to confirm, unless the one who subscribes is trusted to speak for it; others get messages after the commit.
    ///
    /// - Parameter isConfirmed: true where nobody has to be asked, such as for the owner of this host.
    /// - Throws: ``EventPatternError`` when the filter policy is not valid; `invalidParameter` when the subscription
    ///   that is there differs in what was given.
    @discardableResult
    public func subscribe(
        to topic: Topic, _ proto: SubscriptionProtocol, endpoint: String, attributes: [String: String] = [:],
        owner: String, isConfirmed: Bool? = nil, in transaction: Transaction
    ) throws -> Subscription {
        if let existing = try store.subscription(to: topic, proto, endpoint, in: transaction) {
            var current = existing.described(topic: topic)
            current["FilterPolicyScope"] = existing.attributes["FilterPolicyScope"] ?? "MessageAttributes"
            for (name, value) in attributes where current[name] != value && existing.attributes[name] != value {
                throw MessagingError(
                    .invalidParameter,
                    "Invalid parameter: Attributes Reason: Subscription already exists with different attributes")
            }
            return existing
        }
        let isConfirmed = isConfirmed ?? !proto.needsConfirmation
        let subscription = Subscription(
            id: identifiers.next(), arn: "\(topic.arn):\(UUIDText.random(using: random))",
            topic: topic.arn.description, proto: proto, endpoint: endpoint, owner: owner, attributes: attributes,
            isConfirmed: isConfirmed, wasAuthenticated: isConfirmed, authenticatesUnsubscribe: false,
            token: newToken(), createdAt: clock.now)
        try save(subscription, in: transaction)
        if proto.isHTTP, !isConfirmed { try requestConfirmation(subscription, of: topic, in: transaction) }
        return subscription
    }

    /// 288 hexadecimal digits.
    private func newToken() -> String {
        (0..<18).map { _ in hexadecimal(withUnsafeBytes(of: random.nextUInt64().bigEndian, Array.init)) }.joined()
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

    /// Checks a filter policy by itself.
    ///
    /// - Throws: ``EventPatternError``.
    public static func validateFilter(_ attributes: [String: String]) throws(EventPatternError) {
        _ = try SubscriptionFilter(attributes)
    }

    /// Ends the subscription. With `asksReceiver` a web receiver is told and can have it back for three days.
    public func unsubscribe(
        _ subscription: Subscription, asksReceiver: Bool = false, in transaction: Transaction
    ) throws {
        if asksReceiver, subscription.proto.isHTTP, let topic = topic(subscription.topic) {
            var ended = subscription
            ended.isConfirmed = false
            ended.token = newToken()
            try store.keepEnded(ended, until: clock.now.adding(milliseconds: 259_200_000), in: transaction)
            try confirmEnd(subscription, token: ended.token, of: topic, in: transaction)
        }
        try store.delete(subscription, in: transaction)
        transaction.afterCommit { [weak self] in
            self?.tables.withLock { tables in
                tables.topicOfSubscription[subscription.arn] = nil
                tables.receivers[subscription.topic]?.removeAll { $0.subscription.arn == subscription.arn }
            }
        }
    }
}
