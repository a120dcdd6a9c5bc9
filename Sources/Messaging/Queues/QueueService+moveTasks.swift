import Core
import Storage

extension QueueService {
    /// Messages that one transaction of a move task without a rate of its own moves.
    private static let moveBatch = 100

    /// Starts to move the messages of a dead-letter queue.
    ///
    /// - Throws: `resourceNotFound`, `invalidParameterValue`.
    public func startMoveTask(from source: String, to destination: String?, rate: Int?) async throws -> MessageMoveTask
    {
        guard let queue = queue(source) else { throw Self.missing("SourceArn") }
        guard !sources(ofDeadLetterQueue: source).isEmpty else {
            throw MessagingError(.invalidParameterValue, "Source queue must be configured as a Dead Letter Queue.")
        }
        if let destination, self.queue(destination) == nil { throw Self.missing("DestinationArn") }
        let id = UUIDText.random(using: random)
        let task = try await database.write { transaction in
            let now = self.clock.now
            let running = try self.store.runningMoveTasks(in: transaction)
            guard !running.contains(where: { $0.source == source }) else {
                throw MessagingError(
                    .invalidParameterValue,
                    "There is already a task running. Only one active task is allowed for a source queue arn at a "
                        + "given time.")
            }
            let counts = try self.store.counts(in: queue, at: now, transaction)
            let task = MessageMoveTask(
                id: id, source: source, destination: destination, rate: rate, status: .running, moved: 0,
                toMove: counts.visible, startedAt: now)
            try self.store.save(task, in: transaction)
            return task
        }
        moveTaskAlarm.set(for: clock.now)
        return task
    }

    /// The tasks of a source, the last one first.
    public func moveTasks(of source: String, limit: Int) async throws -> [MessageMoveTask] {
        guard queue(source) != nil else { throw Self.missing("SourceArn") }
        let store = store
        return try await database.read { try store.moveTasks(of: source, limit: limit, in: $0) }
    }

    /// Ends a task; what it has moved stays moved. Returns how many messages that are.
    public func cancelMoveTask(handle: String) async throws -> Int {
        guard let (id, source) = MessageMoveTask.parse(handle: handle) else {
            throw MessagingError(.invalidParameterValue, "Value for parameter TaskHandle is invalid.")
        }
        guard queue(source) != nil else { throw Self.missing("SourceArn") }
        let store = store
        return try await database.write { transaction in
            guard var task = try store.moveTask(id, in: transaction) else {
                throw MessagingError(.resourceNotFound, "Task does not exist.")
            }
            guard task.status == .running else {
                throw MessagingError(
                    .invalidParameterValue, "Only active tasks can be cancelled. The task is \(task.status.rawValue).")
            }
            task.status = .cancelled
            try store.save(task, in: transaction)
            return task.moved
        }
    }

    private static func missing(_ parameter: String) -> MessagingError {
        MessagingError(
            .resourceNotFound, "The resource that you specified for the \(parameter) parameter doesn't exist.")
    }

    // MARK: Moving

    /// Lets every running task do its next part, and says when there is more to do.
    func advanceMoveTasks() async throws {
        let store = store
        let running = try await database.read { try store.runningMoveTasks(in: $0) }
        for task in running {
            let isRunning = try await database.write { try self.advance(task.id, in: $0) }
            guard isRunning else { continue }
            moveTaskAlarm.set(for: clock.now.adding(milliseconds: task.rate == nil ? 0 : 1000))
        }
    }

    private func advance(_ id: String, in transaction: Transaction) throws -> Bool {
        guard var task = try store.moveTask(id, in: transaction), task.status == .running else { return false }
        let now = clock.now
        guard let source = queue(task.source) else { return false }
        let limit = task.rate ?? Self.moveBatch
        let messages = try store.movable(from: source, limit: limit, at: now, transaction)
        for message in messages {
            guard let target = (task.destination ?? message.source).flatMap(queue),
                try store.contains(target, in: transaction)
            else {
                task.status = .failed
                task.failure = "AWS.SimpleQueueService.NonExistentQueue"
                break
            }
            let new = (number: identifiers.next(), messageID: UUIDText.random(using: random))
            try store.redrive(
                message.id, of: message.group, from: source, to: target, as: new, at: now, transaction)
            announce(target, after: transaction)
            task.moved += 1
        }
        if task.status == .running, messages.count < limit { task.status = .completed }
        try store.save(task, in: transaction)
        return task.status == .running
    }
}
