import Core
import Storage

extension QueueService {
    /// Puts the message into the queue within the transaction. A duplicate in a FIFO queue answers as the first did.
    ///
    /// - Throws: `queueDoesNotExist` when the queue was deleted meanwhile: its messages would stay for ever.
    public func send(_ message: OutgoingMessage, to queue: Queue, in transaction: Transaction) throws -> SentMessage {
        let now = clock.now
        var sent = SentMessage(messageID: UUIDText.random(using: random))
        var row = QueueStore.NewRow(
            id: identifiers.next(), messageID: sent.messageID, message: message,
            deduplicationID: message.deduplicationID, sentAt: now,
            visibleAt: now.adding(milliseconds: Int64(message.delay ?? queue.attributes.delaySeconds) * 1000))
        if queue.attributes.isFIFO {
            guard try store.contains(queue, in: transaction) else { throw Self.noQueue }
            let key = try Self.deduplicationKey(message, queue)
            row.deduplicationID = key.id
            row.visibleAt = now.adding(milliseconds: Int64(queue.attributes.delaySeconds) * 1000)
            if let earlier = try store.duplicate(of: key.key, in: queue, at: now, transaction) {
                return SentMessage(
                    messageID: earlier.messageID, sequenceNumber: SequenceNumber.text(earlier.sequence))
            }
            sent.sequenceNumber = SequenceNumber.text(row.id)
            try store.remember(
                key.key, messageID: sent.messageID, sequence: row.id,
                until: now.adding(milliseconds: Self.deduplicationInterval), in: queue, transaction)
        }
        guard try store.insert(row, into: queue, in: transaction) else { throw Self.noQueue }
        announce(queue, after: transaction)
        return sent
    }

    /// Wakes the queue's receivers once the transaction is on disk.
    func announce(_ queue: Queue, after transaction: Transaction) {
        transaction.afterCommit { [waiters, id = queue.id] in waiters.notify(id) }
    }

    /// Checks what a FIFO queue demands of a message and what other queues refuse.
    ///
    /// - Throws: `missingParameter`, `invalidParameterValue`.
    public static func requireFit(_ message: OutgoingMessage, _ queue: Queue) throws(MessagingError) {
        if queue.attributes.isFIFO {
            // Delays belong to the queue; that of zero is let pass.
            if let delay = message.delay, delay != 0 { throw notForThisType("DelaySeconds", String(delay)) }
            _ = try deduplicationKey(message, queue)
        } else {
            if let delay = message.delay, !(0...900).contains(delay) {
                throw MessagingError(
                    .invalidParameterValue,
                    "Value \(delay) for parameter DelaySeconds is invalid. "
                        + "Reason: DelaySeconds must be >= 0 and <= 900.")
            }
            if let id = message.deduplicationID { throw notForThisType("MessageDeduplicationId", id) }
        }
    }

    private static func notForThisType(_ parameter: String, _ value: String) -> MessagingError {
        MessagingError(
            .invalidParameterValue,
            "Value \(value) for parameter \(parameter) is invalid. "
                + "Reason: The request include parameter that is not valid for this queue type.")
    }

    private static func deduplicationKey(
        _ message: OutgoingMessage, _ queue: Queue
    ) throws(MessagingError) -> (key: String, id: String) {
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
                .invalidParameterValue,
                "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
                    + "explicitly")
        }
        return (queue.deduplicatesPerGroup ? "\(group)\u{1F}\(id)" : id, id)
    }
}
