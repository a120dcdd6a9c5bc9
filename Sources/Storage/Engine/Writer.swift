/// The one write path: a thread that gathers the closures waiting at the moment and commits them together, so that one
/// wait for the disk serves all of them.
final class Writer: Sendable {
    let mailbox: Mailbox<Job>
    private let options: DatabaseOptions

    init(options: DatabaseOptions) {
        self.options = options
        mailbox = Mailbox(capacity: options.maximumQueuedWrites)
    }

    /// The thread's body: ends when the mailbox is closed and empty.
    func run(_ connection: any SQLConnection) {
        var gathering = Gathering(limit: options.gatheringNanoseconds)
        while true {
            let batch = mailbox.takeBatch(
                limit: options.maximumBatch, expected: gathering.expected, patience: gathering.patience)
            guard !batch.isEmpty else { return }
            let start = monotonicNanoseconds()
            commit(batch, connection)
            gathering.committed(batch.count, nanoseconds: monotonicNanoseconds() - start, waiting: mailbox.count)
            for job in batch { job.resume() }
            connection.maintain()
        }
    }

    private func commit(_ batch: [Job], _ connection: any SQLConnection) {
        var actions: [@Sendable () -> Void] = []
        do throws(StorageError) {
            try connection.control(.beginWrite)
            for job in batch { try run(job, connection, isAlone: batch.count == 1, &actions) }
            if connection.isInTransaction { try connection.control(.commit) }
        } catch {
            if connection.isInTransaction { try? connection.control(.rollback) }
            for job in batch { job.fail(error) }
            return
        }
        for action in actions { action() }
    }

    /// Runs one closure so that its failure undoes only what it did itself. Throws when the whole batch is lost.
    private func run(
        _ job: Job, _ connection: any SQLConnection, isAlone: Bool, _ actions: inout [@Sendable () -> Void]
    ) throws(StorageError) {
        // A closure that is alone needs no mark: undoing the transaction undoes it.
        if !isAlone { try connection.control(.savepoint(depth: 0)) }
        let transaction = Transaction(connection)
        let succeeded = job.run(in: transaction)
        transaction.end()
        guard connection.isInTransaction else {
            throw job.storageError ?? StorageError(.internal, "an error ended the transaction: nothing was written")
        }
        if succeeded {
            actions += transaction.commitActions
            if !isAlone { try connection.control(.release(depth: 0)) }
        } else {
            try connection.control(isAlone ? .rollback : .rollbackTo(depth: 0))
        }
    }
}
