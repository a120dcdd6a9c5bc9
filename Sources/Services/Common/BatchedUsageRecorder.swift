public import Core
public import Metering
public import ServiceLifecycle
public import Storage
import Synchronization

/// Records acts that change nothing else: sums them in memory and writes the sums once a second.
///
/// A crash loses at most the last second of them, and nothing but them: what an act changes is recorded with the change.
public final class BatchedUsageRecorder: UsageRecorder, Service {
    private struct Key: Hashable {
        var scope: Scope
        var resource: String
        var execution: String?
        var metric: Metric
        /// Days since 1970: usage is billed by the day.
        var day: Int64
    }

    /// Milliseconds between two writes.
    private static let interval: Int64 = 1000
    private static let day: Int64 = 86_400_000

    private let database: Database
    private let meter: Meter
    private let clock: any HostClock
    private let pending = Mutex<[Key: Int64]>([:])

    public init(database: Database, meter: Meter, clock: any HostClock) {
        self.database = database
        self.meter = meter
        self.clock = clock
    }

    public func record(_ usage: Usage) {
        let day = usage.time.milliseconds / Self.day
        pending.withLock { pending in
            for amount in usage.amounts {
                let key = Key(
                    scope: usage.scope, resource: usage.resource, execution: usage.execution, metric: amount.metric,
                    day: day)
                pending[key, default: 0] += amount.quantity
            }
        }
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                try? await self.clock.sleep(milliseconds: Self.interval)
                await self.flush()
            }
        }
        await flush()
    }

    /// Writes what has been summed up; puts it back when it cannot be written.
    public func flush() async {
        let sums = pending.withLock { pending in
            defer { pending = [:] }
            return pending
        }
        guard !sums.isEmpty else { return }
        let meter = meter
        do {
            try await database.write { transaction in
                for (key, quantity) in sums {
                    let usage = Usage(
                        key.scope, key.resource, execution: key.execution,
                        at: Timestamp(milliseconds: key.day * Self.day), [Usage.Amount(key.metric, quantity)])
                    meter.record(usage, in: transaction)
                }
            }
        } catch {
            pending.withLock { $0.merge(sums) { $0 + $1 } }
        }
    }
}
