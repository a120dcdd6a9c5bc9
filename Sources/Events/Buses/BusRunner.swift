import Core
public import ServiceLifecycle
import Storage

/// Runs the replays of all buses and removes archived events that are past their retention.
public struct BusRunner: Service {
    private let buses: BusService

    public init(_ buses: BusService) { self.buses = buses }

    public func run() async throws {
        let buses = buses
        buses.alarm.set(for: buses.clock.now)
        await withGracefulShutdownHandler {
            await buses.alarm.run { await work() }
        } onGracefulShutdown: {
            buses.alarm.stop()
        }
    }

    private func work() async {
        let now = buses.clock.now
        do {
            let isUnfinished = try await buses.advanceReplays()
            let store = buses.store
            let expired = try await buses.database.write { transaction in
                try store.expireArchived(before: now, limit: 1000, in: transaction)
            }
            if isUnfinished {
                buses.alarm.set(for: now.adding(milliseconds: 100))
            } else {
                buses.alarm.set(for: now.adding(milliseconds: expired == 1000 ? 100 : BusService.sweepInterval))
            }
        } catch {
            buses.alarm.set(for: now.adding(milliseconds: 1000))
        }
    }
}
