/// The closures of one commit.
struct WriteBatch {
    private(set) var jobs: [Job] = []
    private let connection: any SQLConnection
    private var actions: [@Sendable () -> Void] = []
    private var sums: [any AnyPendingSums] = []
    /// What lost the whole batch.
    private var failure: StorageError?

    init(_ connection: any SQLConnection) { self.connection = connection }

    mutating func begin() {
        attempt { connection throws(StorageError) in try connection.control(.beginWrite) }
    }

    /// Runs each closure so that its failure undoes only what it did itself.
    mutating func run(_ chunk: [Job], isAlone: Bool) {
        jobs += chunk
        for job in chunk where failure == nil {
            do throws(StorageError) {
                try run(job, isAlone: isAlone)
            } catch {
                failure = error
            }
        }
    }

    private mutating func run(_ job: Job, isAlone: Bool) throws(StorageError) {
        // A closure that is alone needs no mark: undoing the transaction undoes it.
        if !isAlone { try connection.control(.savepoint(depth: 0)) }
        let transaction = Transaction(connection)
        let succeeded = job.run(in: transaction)
        transaction.end()
        guard connection.isInTransaction else {
            throw job.storageError ?? StorageError(.internal, "an error ended the transaction: nothing was written")
        }
        if succeeded {
            if !transaction.commitActions.isEmpty { actions += transaction.commitActions }
            for pending in transaction.pendingSums { pending.merge(into: &sums) }
            if !isAlone { try connection.control(.release(depth: 0)) }
        } else {
            try connection.control(isAlone ? .rollback : .rollbackTo(depth: 0))
        }
    }

    /// Ends the transaction, and then runs the actions or tells every closure that it was in vain.
    mutating func commit() {
        if failure == nil, connection.isInTransaction { writeSums() }
        if failure == nil, connection.isInTransaction {
            attempt { connection throws(StorageError) in try connection.control(.commit) }
        }
        guard let failure else {
            for action in actions { action() }
            // Like the closures themselves, gone before their callers go on.
            actions = []
            return
        }
        if connection.isInTransaction { try? connection.control(.rollback) }
        for job in jobs { job.fail(failure) }
    }

    private mutating func writeSums() {
        guard !sums.isEmpty else { return }
        let transaction = Transaction(connection)
        do {
            for pending in sums { try pending.write(in: transaction) }
            actions += transaction.commitActions
        } catch {
            failure = error as? StorageError ?? StorageError(.internal, "counters could not be written: \(error)")
        }
        transaction.end()
    }

    private mutating func attempt(_ body: (any SQLConnection) throws(StorageError) -> Void) {
        do throws(StorageError) {
            try body(connection)
        } catch {
            failure = error
        }
    }
}
