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
        while let first = mailbox.take(limit: options.maximumBatch) {
            let start = monotonicNanoseconds()
            var batch = WriteBatch(connection)
            let isAlone = first.count == 1 && gathering.expected <= 1
            batch.begin()
            batch.run(first, isAlone: isAlone)
            if !isAlone { gather(into: &batch, gathering, until: start + gathering.patience) }
            let end = monotonicNanoseconds()
            batch.commit()
            let commitTime = monotonicNanoseconds() - end
            gathering.committed(batch.jobs.count, nanoseconds: commitTime, waiting: mailbox.count)
            Job.resume(batch.jobs)
            connection.maintain()
        }
    }

    /// Runs the closures of expected company as they arrive, in chunks that get smaller, so that little is left to do
    /// when the last of them is there.
    private func gather(into batch: inout WriteBatch, _ gathering: Gathering, until deadline: UInt64) {
        let target = min(gathering.expected, options.maximumBatch)
        while batch.jobs.count < target {
            let missing = target - batch.jobs.count
            let chunk = mailbox.take(limit: missing, atLeast: max(missing / 2, min(missing, 8)), until: deadline)
            if chunk.isEmpty { return }
            batch.run(chunk, isAlone: false)
            if monotonicNanoseconds() >= deadline { return }
        }
    }
}
