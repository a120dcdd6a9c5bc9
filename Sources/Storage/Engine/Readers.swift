/// A few threads, each with a connection of its own that sees a snapshot, so that reading neither waits for the writer
/// nor blocks the Swift pool. A connection is opened when its thread first has work.
final class Readers: Sendable {
    let mailbox: Mailbox<Job>
    private let driver: any SQLDriver

    init(driver: any SQLDriver, options: DatabaseOptions) {
        self.driver = driver
        mailbox = Mailbox(capacity: options.maximumQueuedReads)
    }

    /// A thread's body: ends when the mailbox is closed and empty.
    func run() {
        var connection: (any SQLConnection)?
        while let job = mailbox.take() {
            do throws(StorageError) {
                let open = if let connection { connection } else { try driver.connect(.reader) }
                connection = open
                try read(job, open)
            } catch {
                job.fail(error)
            }
            Job.resume([job])
        }
        connection?.close()
    }

    private func read(_ job: Job, _ connection: any SQLConnection) throws(StorageError) {
        try connection.read { job.run(in: $0) }
    }
}

extension SQLConnection {
    /// Runs the closure on a snapshot; it says whether it succeeded.
    func read(_ body: (Transaction) -> Bool) throws(StorageError) {
        try control(.beginRead)
        let transaction = Transaction(self)
        let succeeded = body(transaction)
        transaction.end()
        if isInTransaction { try control(.rollback) }
        if succeeded { for action in transaction.commitActions { action() } }
    }
}
