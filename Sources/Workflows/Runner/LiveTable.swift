import Synchronization

/// The executions in memory, in shards so that few meet at one lock.
final class LiveTable: Sendable {
    private final class Shard: Sendable {
        let executions = Mutex<[Int64: LiveExecution]>([:])
    }

    private let shards: [Shard]

    init(shards count: Int = 16) { shards = (0..<count).map { _ in Shard() } }

    private func shard(_ id: Int64) -> Shard {
        // The low bits of identifiers count up within a millisecond.
        shards[Int(truncatingIfNeeded: (id &* 0x9E37_79B9) >> 7 & 0xFFFF) % shards.count]
    }

    /// Puts the message into the execution's mailbox. Gives the execution back when the caller has to work it off.
    func post(_ message: Message?, to id: Int64) -> LiveExecution? {
        shard(id).executions.withLock { executions in
            let live = executions[id] ?? LiveExecution(id: id)
            executions[id] = live
            if let message { live.mailbox.append(message) }
            if live.isBusy { return nil }
            live.isBusy = true
            return live
        }
    }

    /// Adds an execution that has just begun, with the caller at work on it.
    func insert(_ live: LiveExecution) {
        shard(live.id).executions.withLock { executions in
            live.isBusy = true
            if let early = executions[live.id] { live.mailbox += early.mailbox }
            executions[live.id] = live
        }
    }

    /// Takes an execution out that has not begun after all.
    func remove(_ live: LiveExecution) { shard(live.id).executions.withLock { $0[live.id] = nil } }

    /// Ends the caller's turn. False when there are messages, which the turn goes on with.
    func leave(_ live: LiveExecution, evict: Bool) -> Bool {
        shard(live.id).executions.withLock { executions in
            guard live.mailbox.isEmpty else { return false }
            live.isBusy = false
            if evict { executions[live.id] = nil }
            return true
        }
    }

    /// The messages to work off next; nil when there are none, and the caller's turn ends.
    func next(for live: LiveExecution, evict: Bool) -> [Message]? {
        shard(live.id).executions.withLock { executions in
            if live.mailbox.isEmpty {
                live.isBusy = false
                if evict { executions[live.id] = nil }
                return nil
            }
            let messages = live.mailbox
            live.mailbox = []
            return messages
        }
    }

    /// Messages that could not be recorded go back to the front.
    func putBack(_ messages: [Message], to live: LiveExecution) {
        shard(live.id).executions.withLock { _ in live.mailbox.insert(contentsOf: messages, at: 0) }
    }

    var count: Int { shards.reduce(0) { $0 + $1.executions.withLock(\.count) } }
}
