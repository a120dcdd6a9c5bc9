import Core
import ServiceLifecycle
import Storage
import Synchronization

/// The queues of the host: sending, receiving with visibility and long polling, dead-letter queues, FIFO order and
/// deduplication. What it answers is in the database; the table of queues in memory is rebuilt from there.
public final class QueueService: Sendable {
    public static let deduplicationInterval: Int64 = 300_000
    /// Messages a receive may ask for.
    public static let receiveLimit = 10

    let database: Database
    let clock: any HostClock
    let random: any RandomSource
    let store = QueueStore()
    let waiters = QueueWaiters()
    private let identifiers: IdentifierSequence
    private let queues = Mutex<[String: Queue]>([:])

    public init(
        database: Database, clock: any HostClock, random: any RandomSource, identifiers: IdentifierSequence
    ) {
        self.database = database
        self.clock = clock
        self.random = random
        self.identifiers = identifiers
    }

    /// Reads the table of queues. Called once before the host serves.
    public func load() async throws {
        let store = store
        let stored = try await database.read { try store.queues(in: $0) }
        queues.withLock { table in
            table = Dictionary(uniqueKeysWithValues: stored.map { ($0.arn.description, $0) })
        }
    }

    // MARK: Queues

    public func queue(_ arn: String) -> Queue? { queues.withLock { $0[arn] } }

    public func requireQueue(_ arn: String) throws(MessagingError) -> Queue {
        guard let queue = queue(arn) else {
            throw MessagingError(.queueDoesNotExist, "The specified queue does not exist.")
        }
        return queue
    }

    public func list(_ scope: Scope, prefix: String = "") -> [Queue] {
        queues.withLock { $0.values.filter { $0.scope == scope && $0.name.hasPrefix(prefix) } }
            .sorted { $0.name < $1.name }
    }

    /// The queues that name this one as their dead-letter queue.
    public func sources(ofDeadLetterQueue arn: String) -> [Queue] {
        queues.withLock { $0.values.filter { $0.attributes.redrivePolicy?.deadLetterTarget == arn } }
            .sorted { $0.name < $1.name }
    }

    /// Creates the queue within the transaction; it can be used after the commit.
    @discardableResult
    public func create(
        _ name: String, _ attributes: QueueAttributes, tags: [String: String], scope: Scope, in transaction: Transaction
    ) throws -> Queue {
        let now = clock.now
        let queue = Queue(
            id: identifiers.next(), scope: scope, name: name, attributes: attributes, tags: tags, createdAt: now,
            modifiedAt: now)
        try store.insert(queue, in: transaction)
        transaction.afterCommit { [weak self] in self?.remember(queue) }
        return queue
    }

    public func update(_ queue: Queue, in transaction: Transaction) throws {
        var queue = queue
        queue.modifiedAt = clock.now
        try store.update(queue, in: transaction)
        transaction.afterCommit { [weak self, queue] in self?.remember(queue) }
    }

    public func delete(_ queue: Queue, in transaction: Transaction) throws {
        try store.delete(queue, in: transaction)
        let arn = queue.arn.description
        transaction.afterCommit { [weak self] in self?.forget(arn) }
    }

    public func purge(_ queue: Queue, in transaction: Transaction) throws {
        try store.deleteMessages(of: queue, in: transaction)
    }

    private func remember(_ queue: Queue) {
        queues.withLock { $0[queue.arn.description] = queue }
    }

    private func forget(_ arn: String) {
        _ = queues.withLock { $0.removeValue(forKey: arn) }
    }

    public func counts(_ queue: Queue) async throws -> QueueCounts {
        let (store, now) = (store, clock.now)
        return try await database.read { try store.counts(in: queue, at: now, $0) }
    }

    // MARK: Sending

    /// Puts the message into the queue within the transaction. A duplicate in a FIFO queue answers as the first did.
    public func send(_ message: OutgoingMessage, to queue: Queue, in transaction: Transaction) throws -> SentMessage {
        let now = clock.now
        let id = identifiers.next()
        var sent = SentMessage(
            messageID: UUIDText.random(using: random), bodyMD5: MessageDigest.body(message.body),
            attributesMD5: MessageDigest.attributes(message.attributes))
        var deduplicationID: String?
        if queue.attributes.isFIFO {
            let key = try deduplicationKey(message, queue)
            deduplicationID = key.id
            if let earlier = try store.duplicate(of: key.key, in: queue, at: now, transaction) {
                sent.messageID = earlier.messageID
                sent.sequenceNumber = Self.sequence(earlier.sequence)
                return sent
            }
            sent.sequenceNumber = Self.sequence(id)
            try store.remember(
                key.key, messageID: sent.messageID, sequence: id,
                until: now.adding(milliseconds: Self.deduplicationInterval), in: queue, transaction)
        }
        let delay = Int64(message.delay ?? queue.attributes.delaySeconds) * 1000
        let row = QueueStore.NewRow(
            id: id, messageID: sent.messageID, message: message, deduplicationID: deduplicationID, sentAt: now,
            visibleAt: now.adding(milliseconds: delay),
            expiresAt: now.adding(milliseconds: Int64(queue.attributes.retentionPeriod) * 1000))
        try store.insert(row, into: queue, in: transaction)
        let (waiters, queueID) = (waiters, queue.id)
        transaction.afterCommit { waiters.notify(queueID) }
        return sent
    }

    private func deduplicationKey(_ message: OutgoingMessage, _ queue: Queue) throws -> (key: String, id: String) {
        guard let group = message.groupID else {
            throw MessagingError(.missingParameter, "The request must contain the parameter MessageGroupId.")
        }
        let id: String
        if let given = message.deduplicationID {
            id = given
        } else if queue.attributes.deduplicatesByContent {
            id = hexadecimal(Digest.sha256(Array(message.body.utf8)))
        } else {
            throw MessagingError(
                .invalidParameter,
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
                    + "explicitly")
        }
        return (queue.attributes.deduplicatesPerGroup ? "\(group)\u{1F}\(id)" : id, id)
    }

    /// Twenty digits, as AWS numbers the messages of FIFO queues.
    static func sequence(_ id: Int64) -> String {
        let digits = String(id)
        return "1" + String(repeating: "0", count: max(0, 19 - digits.count)) + digits
    }
}
