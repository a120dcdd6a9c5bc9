import Core
import Storage

extension QueueService {
    /// Takes up to `limit` messages, waiting for the first one at most `wait` milliseconds.
    ///
    /// - Parameters:
    ///   - visibility: seconds the messages stay invisible; nil for the queue's own timeout.
    ///   - attempt: with FIFO queues, what names the call: within five minutes, another one of that name is given the same
    ///     messages, as long as nothing was done with them.
    ///   - record: written in the transaction that takes the messages, such as metering; its argument is what was taken.
    public func receive(
        from arn: String, limit: Int, visibility: Int? = nil, attempt: String? = nil, wait: Int64,
        record: @escaping @Sendable ([ReceivedMessage], Transaction) throws -> Void = { _, _ in }
    ) async throws -> [ReceivedMessage] {
        let deadline = clock.now.adding(milliseconds: wait)
        let queue = try requireQueue(arn)
        let waiter = wait > 0 ? waiters.register(queue.id) : nil
        defer { if let waiter { waiters.remove(waiter, queue.id) } }
        while true {
            let queue = try requireQueue(arn)
            let isLast = waiter == nil || clock.now >= deadline || Task.isCancelled
            let (messages, next) = try await database.write { transaction in
                let messages =
                    try self.repeated(attempt, on: queue, visibility: visibility, in: transaction)
                    ?? self.take(limit, from: queue, visibility: visibility, attempt: attempt, in: transaction)
                if !messages.isEmpty || isLast { try record(messages, transaction) }
                let next =
                    messages.isEmpty && !isLast
                    ? try self.store.nextVisible(in: queue, after: self.clock.now, transaction) : nil
                return (messages, next)
            }
            guard messages.isEmpty, !isLast, let waiter else { return finish(messages) }
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

    /// What is left to be done to bodies, outside of any transaction.
    private func finish(_ messages: [ReceivedMessage]) -> [ReceivedMessage] {
        guard let seals else { return messages }
        return messages.map { message in
            guard let seal = message.seal else { return message }
            var finished = message
            finished.body = seals.complete(message.body, seal: seal)
            finished.seal = nil
            return finished
        }
    }

    /// Takes messages within a transaction; what was received too often goes to the dead-letter queue instead.
    private func take(
        _ limit: Int, from queue: Queue, visibility: Int?, attempt: String?, in transaction: Transaction
    ) throws -> [ReceivedMessage] {
        let now = clock.now
        if let redrive = queue.attributes.redrivePolicy, let target = self.queue(redrive.deadLetterTarget) {
            try moveSpent(redrive, limit: limit, from: queue, to: target, at: now, in: transaction)
        }
        let end = invisibility(visibility, queue, now)
        let messages = try store.take(limit, from: queue, until: end, at: now, transaction)
            .map { try store.message($0, of: queue) }
        remember(messages, attempt, on: queue, until: end, at: now, in: transaction)
        return messages
    }

    private func invisibility(_ visibility: Int?, _ queue: Queue, _ now: Timestamp) -> Timestamp {
        now.adding(milliseconds: Int64(visibility ?? queue.attributes.visibilityTimeout) * 1000)
    }

    private func remember(
        _ messages: [ReceivedMessage], _ attempt: String?, on queue: Queue, until end: Timestamp, at now: Timestamp,
        in transaction: Transaction
    ) {
        guard let attempt, queue.attributes.isFIFO, !messages.isEmpty else { return }
        let receipts = messages.compactMap { ReceiptHandle(text: $0.receiptHandle) }
        let attempts = attempts
        transaction.afterCommit { attempts.keep(attempt, on: queue.id, receipts, until: end, at: now) }
    }

    /// The messages of an earlier call of that name, invisible for their time anew; nil when there was none, or when
    /// something was done with one of them since.
    private func repeated(
        _ attempt: String?, on queue: Queue, visibility: Int?, in transaction: Transaction
    ) throws -> [ReceivedMessage]? {
        let now = clock.now
        guard let attempt, queue.attributes.isFIFO, let known = attempts.attempt(attempt, on: queue.id, at: now),
            known.visibleAt > now
        else { return nil }
        for receipt in known.receipts {
            guard let state = try store.state(of: receipt.id, in: queue, transaction),
                state.visibleAt == known.visibleAt, state.receiveCount == receipt.receiveCount
            else { return nil }
        }
        let end = invisibility(visibility, queue, now)
        let messages = try known.receipts.compactMap { receipt in
            try store.hide(receipt.id, until: end, transaction).map { try store.message($0, of: queue) }
        }
        for group in Set(messages.compactMap(\.groupID)) { try store.refresh(group, of: queue, transaction) }
        remember(messages, attempt, on: queue, until: end, at: now, in: transaction)
        return messages
    }

    /// Moves those of the next messages away that were received as often as the policy allows.
    private func moveSpent(
        _ redrive: RedrivePolicy, limit: Int, from queue: Queue, to target: Queue, at now: Timestamp,
        in transaction: Transaction
    ) throws {
        while true {
            let spent = try store.candidates(in: queue, limit: limit, at: now, transaction)
                .filter { $0.receiveCount >= redrive.maximumReceiveCount }
            guard !spent.isEmpty, try store.contains(target, in: transaction) else { return }
            for message in spent {
                try store.move(
                    message.id, of: message.group, from: queue, to: target, number: identifiers.next(),
                    at: now, transaction)
            }
            announce(target, after: transaction)
        }
    }

    // MARK: What is done with a received message

    /// Deletes the message. An older receipt than the last one deletes too, and deleting twice is no error, except in a
    /// FIFO queue whose receipt has expired.
    public func delete(_ receiptHandle: String, from queue: Queue, in transaction: Transaction) throws {
        let handle = try receipt(receiptHandle, queue)
        if queue.attributes.isFIFO {
            let state = try store.state(of: handle.id, in: queue, transaction)
            if let state, state.visibleAt <= clock.now {
                throw MessagingError(
                    .invalidParameterValue,
                    "Value \(receiptHandle) for parameter ReceiptHandle is invalid. "
                        + "Reason: The receipt handle has expired.")
            }
            // The next message of the group may now be received.
            announce(queue, after: transaction)
            return try store.delete(handle.id, of: state?.group, from: queue, transaction)
        }
        try store.delete(handle.id, of: nil, from: queue, transaction)
    }

    /// Sets how many seconds from now a received message stays invisible: 0 to 43,200. A message whose timeout has run
    /// out stays as it is.
    public func changeVisibility(
        _ receiptHandle: String, to seconds: Int, of queue: Queue, in transaction: Transaction
    ) throws {
        guard (0...43_200).contains(seconds) else {
            throw MessagingError(
                .invalidParameterValue,
                "Value \(seconds) for parameter VisibilityTimeout is invalid. "
                    + "Reason: Must be between 0 and 43200, if provided.")
        }
        let handle = try receipt(receiptHandle, queue)
        let now = clock.now
        guard let state = try store.state(of: handle.id, in: queue, transaction) else {
            throw MessagingError(
                .invalidParameterValue,
                "Value \(receiptHandle) for parameter ReceiptHandle is invalid. "
                    + "Reason: Message does not exist or is not available for visibility timeout change.")
        }
        guard state.visibleAt > now else { return }
        try store.setVisible(
            handle.id, of: state.group, in: queue, at: now.adding(milliseconds: Int64(seconds) * 1000), transaction)
        announce(queue, after: transaction)
    }

    private func receipt(_ text: String, _ queue: Queue) throws(MessagingError) -> ReceiptHandle {
        guard let handle = ReceiptHandle(text: text), handle.queue == queue.id else {
            throw MessagingError(
                .receiptHandleIsInvalid, "The input receipt handle \"\(text)\" is not a valid receipt handle.")
        }
        return handle
    }
}
