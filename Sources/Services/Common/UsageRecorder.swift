import Core
public import Metering
public import ServiceLifecycle
public import Storage
import Synchronization

/// Takes what requests use that change nothing, and so have no transaction of their own.
public protocol UsageRecorder: Sendable {
    func record(_ usage: Usage)
}

/// Writes usage in batches: what comes while one batch is being written is the next one.
///
/// A stop by force loses at most the batch in hand.
public final class BatchedUsageRecorder: UsageRecorder, Service {
    private let meter: Meter
    private let database: Database
    private let wakeup = Wakeup()
    private let pending = Mutex<[Usage]>([])

    public init(meter: Meter, database: Database) {
        self.meter = meter
        self.database = database
    }

    public func record(_ usage: Usage) {
        let isFirst = pending.withLock { pending in
            pending.append(usage)
            return pending.count == 1
        }
        if isFirst { wakeup.notify() }
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await self.wakeup.wait()
                await self.flush()
            }
        }
        await flush()
    }

    /// Writes what there is. A batch that cannot be written is kept for the next time.
    public func flush() async {
        let batch = pending.withLock { pending in
            defer { pending = [] }
            return pending
        }
        guard !batch.isEmpty else { return }
        do {
            try await database.write { [meter] transaction in
                for usage in batch { meter.record(usage, in: transaction) }
            }
        } catch {
            pending.withLock { $0 = batch + $0 }
        }
    }
}
