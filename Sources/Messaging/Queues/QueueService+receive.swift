import Core
import Storage

extension QueueService {
    /// Takes up to `limit` messages, waiting for the first one at most `wait` milliseconds.
    ///
    /// - Parameters:
    ///   - visibility: seconds the messages stay invisible; nil for the queue's own timeout.
    ///   - record: written in the transaction that takes the messages, such as metering.
    public func receive(
        from arn: String, limit: Int, visibility: Int? = nil, wait: Int64,
        record: @escaping @Sendable (Int, Transaction) throws -> Void = { _, _ in }
    ) async throws -> [ReceivedMessage] {
        let deadline = clock.now.adding(milliseconds: wait)
        let queue = try requireQueue(arn)
        let waiter = wait > 0 ? waiters.register(queue.id) : nil
        defer { if let waiter { waiters.remove(waiter, queue.id) } }
        while true {
            let queue = try requireQueue(arn)
            let (messages, next) = try await database.write { transaction in
                let messages = try self.take(limit, from: queue, visibility: visibility, in: transaction)
                try record(messages.count, transaction)
                let next =
                    messages.isEmpty && wait > 0
                    ? try self.store.nextVisible(in: queue, after: self.clock.now, transaction) : nil
                return (messages, next)
            }
            guard messages.isEmpty, let waiter, clock.now < deadline, !Task.isCancelled else { return messages }
            await pause(waiter, until: min(deadline, next ?? deadline))
        }
    }

    private func pause(_ waiter: Wakeup, until instant: Timestamp) async {
        let clock = clock
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await clock.sleep(until: instant) }
            group.addTask { await waiter.wait() }
            await group.next()
            group.cancelAll()
        }
    }

    /// Takes messages within a transaction; what was received too often goes to the dead-letter queue instead.
    public func take(
        _ limit: Int, from queue: Queue, visibility: Int?, in transaction: Transaction
    ) throws -> [ReceivedMessage] {
        let now = clock.now
        let until = now.adding(milliseconds: Int64(visibility ?? queue.attributes.visibilityTimeout) * 1000)
        let redrive = queue.attributes.redrivePolicy
        let deadLetters = redrive.flatMap { self.queue($0.deadLetterTarget) }
        var taken: [ReceivedMessage] = []
        while taken.count < limit {
            let candidates = try store.candidates(in: queue, limit: limit - taken.count, at: now, transaction)
            var movedAny = false
            for (id, receiveCount) in candidates {
                if let redrive, let deadLetters, receiveCount >= redrive.maximumReceiveCount {
                    try store.move(id, from: queue, to: deadLetters, at: now, transaction)
                    let (waiters, target) = (waiters, deadLetters.id)
                    transaction.afterCommit { waiters.notify(target) }
                    movedAny = true
                } else if let row = try store.take(id, until: until, at: now, transaction) {
                    taken.append(try message(row, of: queue))
                }
            }
            // With a timeout of zero a taken message is available at once and must not be taken twice.
            guard movedAny, until > now else { break }
        }
        return taken
    }

    private func message(_ row: Row, of queue: Queue) throws -> ReceivedMessage {
        let id = try row.int64(0)
        let body = try row.text(2)
        let count = try row.int(11)
        return ReceivedMessage(
            messageID: try row.text(1), receiptHandle: ReceiptHandle(id: id, receiveCount: count, queue: queue).text,
            body: body, bodyMD5: MessageDigest.body(body), attributes: MessageAttribute.list(try row.textOrNil(3)),
            sentAt: try row.time(9), firstReceivedAt: try row.time(10), receiveCount: count,
            sender: try row.text(4), groupID: try row.textOrNil(7), deduplicationID: try row.textOrNil(8),
            sequenceNumber: queue.attributes.isFIFO ? Self.sequence(id) : nil, traceHeader: try row.textOrNil(5),
            deadLetterSource: try row.textOrNil(6))
    }

    // MARK: What is done with a received message

    /// Deletes the message. An older receipt than the last one deletes too, and deleting twice is no error, except in a
    /// FIFO queue whose receipt has expired.
    public func delete(_ receiptHandle: String, from queue: Queue, in transaction: Transaction) throws {
        let handle = try receipt(receiptHandle, queue)
        if queue.attributes.isFIFO {
            let row = try transaction.first(
                "SELECT visible_at FROM messaging_messages WHERE id = $1 AND queue = $2", .integer(handle.id),
                .integer(queue.id))
            if let row, try row.time(0) <= clock.now {
                throw MessagingError(
                    .invalidParameter,
                    "Value \(receiptHandle) for parameter ReceiptHandle is invalid. "
                        + "Reason: The receipt handle has expired.")
            }
        }
        try transaction.execute(
            "DELETE FROM messaging_messages WHERE id = $1 AND queue = $2", .integer(handle.id), .integer(queue.id))
        let (waiters, queueID) = (waiters, queue.id)
        // The next message of a FIFO group may now be received.
        if queue.attributes.isFIFO { transaction.afterCommit { waiters.notify(queueID) } }
    }

    /// Sets how many seconds from now a received message stays invisible: 0 to 43,200.
    public func changeVisibility(
        _ receiptHandle: String, to seconds: Int, of queue: Queue, in transaction: Transaction
    ) throws {
        let handle = try receipt(receiptHandle, queue)
        let now = clock.now
        let row = try transaction.first(
            "SELECT visible_at FROM messaging_messages WHERE id = $1 AND queue = $2 AND receive_count = $3",
            .integer(handle.id), .integer(queue.id), .int(handle.receiveCount))
        guard let row, try row.time(0) > now else {
            throw MessagingError(
                .messageNotInflight,
                "Value \(receiptHandle) for parameter ReceiptHandle is invalid. "
                    + "Reason: Message does not exist or is not available for visibility timeout change.")
        }
        try transaction.execute(
            "UPDATE messaging_messages SET visible_at = $2 WHERE id = $1", .integer(handle.id),
            .time(now.adding(milliseconds: Int64(seconds) * 1000)))
        let (waiters, queueID) = (waiters, queue.id)
        transaction.afterCommit { waiters.notify(queueID) }
    }

    private func receipt(_ text: String, _ queue: Queue) throws(MessagingError) -> ReceiptHandle {
        guard let handle = ReceiptHandle(text: text), handle.queue == queue.id else {
            throw MessagingError(
                .receiptHandleIsInvalid, "The input receipt handle \"\(text)\" is not a valid receipt handle.")
        }
        return handle
    }
}

/// What proves that a message was received: which, how often, and from which queue.
struct ReceiptHandle: Hashable {
    var id: Int64
    var receiveCount: Int
    var queue: Int64

    init(id: Int64, receiveCount: Int, queue: Queue) {
        self.id = id
        self.receiveCount = receiveCount
        self.queue = queue.id
    }

    init?(text: String) {
        guard let bytes = Base64.decode(text) else { return nil }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        guard parts.count == 3, let queue = Int64(parts[0]), let id = Int64(parts[1]), let count = Int(parts[2]) else {
            return nil
        }
        self.id = id
        self.queue = queue
        receiveCount = count
    }

    var text: String { Base64.encode(Array("\(queue) \(id) \(receiveCount)".utf8)) }
}
