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
        try connection.control(.beginRead)
        let transaction = Transaction(connection)
        let succeeded = job.run(in: transaction)
        transaction.end()
        if connection.isInTransaction { try connection.control(.rollback) }
        if succeeded { for action in transaction.commitActions { action() } }
    }
}
