import Core
import ServiceLifecycle
import Storage

/// What queues and topics need done by themselves: messages past their retention and old deduplication keys go, move
/// tasks go on.
public struct QueueUpkeep: Service {
    /// Milliseconds between two sweeps.
    public static let interval: Int64 = 60_000
    private let queues: QueueService
    private let topics: TopicService?

    public init(_ queues: QueueService, _ topics: TopicService? = nil) {
        self.queues = queues
        self.topics = topics
    }

    public func run() async throws {
        // Tasks that a stop of the host interrupted go on.
        queues.moveTaskAlarm.set(for: queues.clock.now)
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask { await sweepForever() }
                group.addTask { await queues.moveTaskAlarm.run { await moveMessages() } }
                await group.waitForAll()
            }
        }
    }

    private func sweepForever() async {
        while !Task.isCancelled {
            do {
                try await queues.clock.sleep(milliseconds: Self.interval)
                try await sweep()
            } catch is CancellationError {
                return
            } catch {
                // The database says what is wrong where it is asked by people; the next sweep tries again.
                continue
            }
        }
    }

    private func moveMessages() async {
        do {
            try await queues.advanceMoveTasks()
        } catch {
            queues.moveTaskAlarm.set(for: queues.clock.now.adding(milliseconds: 1000))
        }
    }

    /// Removes what has run out.
    func sweep() async throws {
        let queues = queues
        let now = queues.clock.now
        for queue in queues.all {
            while !Task.isCancelled {
                let removed = try await queues.database.write {
                    try queues.store.expire(in: queue, at: now, limit: Database.pieceSize, $0)
                }
                if removed < Database.pieceSize { break }
            }
        }
        try await queues.database.write { transaction in
            try queues.store.expireDeduplication(at: now, transaction)
            try topics?.store.expire(at: now, transaction)
        }
    }
}
