import Core
import Storage
import Synchronization

/// The queues of the host: sending, receiving with visibility and long polling, dead-letter queues, FIFO order and
/// deduplication. What it answers is in the database; the table of queues in memory is rebuilt from there.
public final class QueueService: Sendable {
    /// Milliseconds during which a FIFO queue takes a message for the same as an earlier one.
    public static let deduplicationInterval: Int64 = 300_000
    /// Milliseconds between two purges of a queue, and between a queue's end and another of its name.
    public static let pause: Int64 = 60_000
    /// Messages a receive may ask for.
    public static let receiveLimit = 10

    let database: Database
    let clock: any HostClock
    let random: any RandomSource
    let seals: (any MessageSealing)?
    let store = QueueStore()
    let waiters = QueueWaiters()
    let attempts = ReceiveAttempts()
    let moveTaskAlarm: Alarm
    let identifiers: IdentifierSequence
    private let enforcesDeletionPause: Bool
    private let queues = Mutex<[String: Queue]>([:])
    private let deleted = Mutex<[String: Timestamp]>([:])

    /// - Parameters:
    ///   - seals: completes the bodies of topics' messages.
    ///   - enforcesDeletionPause: whether a name is refused for a minute after its queue was deleted, as AWS does.
    public init(
        database: Database, clock: any HostClock, random: any RandomSource, identifiers: IdentifierSequence,
        seals: (any MessageSealing)? = nil, enforcesDeletionPause: Bool = false
    ) {
        self.database = database
        self.clock = clock
        self.random = random
        self.identifiers = identifiers
        self.seals = seals
        self.enforcesDeletionPause = enforcesDeletionPause
        moveTaskAlarm = Alarm(clock: clock)
    }

    /// Reads the table of queues. Called once before the host serves.
    public func load() async throws {
        let store = store
        let stored = try await database.read { try store.queues(in: $0) }
        queues.withLock { table in
            table = Dictionary(stored.map { ($0.arn.description, $0) }) { $1 }
        }
    }

    // MARK: Queues

    public func queue(_ arn: String) -> Queue? { queues.withLock { $0[arn] } }

    public func requireQueue(_ arn: String) throws(MessagingError) -> Queue {
        guard let queue = queue(arn) else { throw Self.noQueue }
        return queue
    }

    static let noQueue = MessagingError(.queueDoesNotExist, "The specified queue does not exist.")

    /// The queues of a scope in the order of their names.
    public func list(_ scope: Scope, prefix: String = "") -> [Queue] {
        queues.withLock { $0.values.filter { $0.scope == scope && $0.name.hasPrefix(prefix) } }
            .sorted { $0.name < $1.name }
    }

    var all: [Queue] { queues.withLock { Array($0.values) } }

    /// The queues that name this one as their dead-letter queue.
    public func sources(ofDeadLetterQueue arn: String) -> [Queue] {
        queues.withLock { $0.values.filter { $0.attributes.redrivePolicy?.deadLetterTarget == arn } }
            .sorted { $0.name < $1.name }
    }

    /// Creates the queue within the transaction, or gives the one that is there with the same settings; it can be used
    /// after the commit.
    ///
    /// - Throws: `queueNameExists` when one of the settings differs, `queueDeletedRecently`.
    @discardableResult
    public func create(
        _ name: String, _ attributes: QueueAttributes, tags: [String: String], scope: Scope, in transaction: Transaction
    ) throws -> Queue {
        if let existing = try store.queue(name, in: scope, transaction) {
            try requireSame(attributes, as: existing)
            return existing
        }
        let now = clock.now
        let arn = scope.arn("sqs", name).description
        if enforcesDeletionPause, let end = deleted.withLock({ $0[arn] }), now.milliseconds(since: end) < Self.pause {
            throw MessagingError(
                .queueDeletedRecently,
                "You must wait 60 seconds after deleting a queue before you can create another with the same name.")
        }
        let queue = Queue(
            id: identifiers.next(), scope: scope, name: name, attributes: attributes, tags: tags, createdAt: now,
            modifiedAt: now, deduplicatesPerGroup: attributes.deduplicatesPerGroup)
        try store.insert(queue, in: transaction)
        transaction.afterCommit { [weak self] in self?.remember(queue) }
        return queue
    }

    private func requireSame(_ attributes: QueueAttributes, as existing: Queue) throws(MessagingError) {
        let effective = existing.attributes.effective
        for (name, value) in attributes.values.sorted(by: { $0.key < $1.key }) where effective[name] != value {
            throw MessagingError(
                .queueNameExists,
                "A queue already exists with the same name and a different value for attribute \(name)")
        }
    }

    /// Changes the queue as it is in the database by the closure, so that changes at the same time do not undo one
    /// another. `isSetting` says whether the time of the last modification moves with it.
    @discardableResult
    public func update(
        _ arn: String, isSetting: Bool = true, in transaction: Transaction, _ change: (inout Queue) throws -> Void
    ) throws -> Queue {
        let known = try requireQueue(arn)
        guard var queue = try store.queue(known.name, in: known.scope, transaction) else { throw Self.noQueue }
        try change(&queue)
        if isSetting { queue.modifiedAt = clock.now }
        try store.update(queue, in: transaction)
        let changed = queue
        transaction.afterCommit { [weak self] in self?.remember(changed) }
        return changed
    }

    /// Deletes a queue with its messages. Of one that may be long, ``removeMessages(of:upTo:)`` comes first.
    public func delete(_ queue: Queue, in transaction: Transaction) throws {
        try store.delete(queue, in: transaction)
        let arn = queue.arn.description
        let now = clock.now
        let (waiters, id) = (waiters, queue.id)
        transaction.afterCommit { [weak self] in
            self?.forget(arn, at: now)
            waiters.notify(id)
        }
    }

    /// Begins to delete all messages; ``removeMessages(of:upTo:)`` does it.
    ///
    /// - Throws: `purgeInProgress` within a minute of the last purge.
    public func beginPurge(_ arn: String, in transaction: Transaction) throws {
        let now = clock.now
        _ = try update(arn, isSetting: false, in: transaction) { queue in
            if let last = queue.purgedAt, now.milliseconds(since: last) < Self.pause {
                throw MessagingError(
                    .purgeInProgress,
                    "Only one PurgeQueue operation on \(queue.name) is allowed every 60 seconds.")
            }
            queue.purgedAt = now
        }
    }

    /// What every message sent so far is older than.
    public func boundary() -> Int64 { identifiers.next() }

    /// Deletes the messages that are older than the boundary, some in each transaction: of a long queue at once, they
    /// would hold up everybody's commits for seconds.
    public func removeMessages(of queue: Queue, upTo boundary: Int64) async throws {
        let store = store
        try await database.writeInPieces { transaction in
            let removed = try store.remove(of: queue, upTo: boundary, limit: Database.pieceSize, transaction)
            guard removed < Database.pieceSize else { return .more }
            if queue.attributes.isFIFO { try store.refreshGroups(of: queue, transaction) }
            try transaction.execute("DELETE FROM messaging_deduplication WHERE queue = $1", .integer(queue.id))
            return .done
        }
    }

    private func remember(_ queue: Queue) { queues.withLock { $0[queue.arn.description] = queue } }

    private func forget(_ arn: String, at now: Timestamp) {
        _ = queues.withLock { $0.removeValue(forKey: arn) }
        guard enforcesDeletionPause else { return }
        deleted.withLock { deleted in
            deleted[arn] = now
            deleted = deleted.filter { now.milliseconds(since: $0.value) < Self.pause }
        }
    }

    public func counts(_ queue: Queue) async throws -> QueueCounts {
        let (store, now) = (store, clock.now)
        return try await database.read { try store.counts(in: queue, at: now, $0) }
    }
}
