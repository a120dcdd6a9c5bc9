import Core
import Metering
import ServiceLifecycle
import Storage
import Synchronization

/// Writes billable reads to the ledger a few times a second: a read is answered without waiting for a commit.
public final class BatchedUsageRecorder: UsageRecorder, Service {
    private static let interval: Int64 = 250

    private let database: Database
    private let meter: Meter
    private let clock: any HostClock
    private let alarm: Alarm
    private let waiting = Mutex<[Usage]>([])

    public init(database: Database, meter: Meter, clock: any HostClock) {
        self.database = database
        self.meter = meter
        self.clock = clock
        alarm = Alarm(clock: clock)
    }

    public func record(_ usage: Usage) {
        let isFirst = waiting.withLock { waiting -> Bool in
            waiting.append(usage)
            return waiting.count == 1
        }
        if isFirst { alarm.set(for: clock.now.adding(milliseconds: Self.interval)) }
    }

    public func run() async throws {
        await withGracefulShutdownHandler {
            await alarm.run { await self.flush() }
        } onGracefulShutdown: {
            self.alarm.stop()
        }
        await flush()
    }

    /// What cannot be written now is written with the next batch.
    private func flush() async {
        let batch = waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
        guard !batch.isEmpty else { return }
        let meter = meter
        do {
            try await database.write { transaction in
                for usage in batch { meter.record(usage, in: transaction) }
            }
        } catch {
            waiting.withLock { $0 = batch + $0 }
            alarm.set(for: clock.now.adding(milliseconds: 1000))
        }
    }
}
