import Core
import ServiceLifecycle
import Storage
import Synchronization

/// Attempts deliveries: at once after their commit while their target has room, later from the database.
///
/// Every target has a lane of its own, so that a slow target holds up no other, and at most `limit` deliveries of a lane
/// are in memory; the rest waits in the database.
public final class Dispatcher: Sendable {
    enum Work: Sendable {
        case attempt(Delivery)
        case refill(target: String)
    }

    struct State {
        var lanes: [String: DispatchLane] = [:]
        var isDraining = false
    }

    let database: Database
    let store = DeliveryStore()
    let clock: any HostClock
    let targets: any TargetDirectory
    let endings: [DeliveryKind: any DeliveryEnding]
    let state = Mutex(State())
    let work: AsyncStream<Work>
    let workInput: AsyncStream<Work>.Continuation
    let alarm: Alarm
    let losses: LossReport
    private let identifiers: IdentifierSequence

    /// - Parameter report: gets a line for a delivery that was given up and that nothing takes instead.
    public init(
        database: Database, clock: any HostClock, targets: any TargetDirectory,
        endings: [DeliveryKind: any DeliveryEnding], identifiers: IdentifierSequence,
        report: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        losses = LossReport(report)
        self.database = database
        self.clock = clock
        self.targets = targets
        self.endings = endings
        self.identifiers = identifiers
        alarm = Alarm(clock: clock)
        (work, workInput) = AsyncStream.makeStream()
    }

    public var outbox: Outbox {
        Outbox(dispatcher: self, identifiers: identifiers, clock: clock, targets: targets)
    }

    // MARK: Admission

    /// Takes a delivery that has just been committed. Called on the database's writer thread, so it only decides.
    func offer(_ delivery: Delivery) {
        let now = clock.now
        let admitted = state.withLock { state -> Bool in
            guard !state.isDraining else { return false }
            return withLane(delivery.target, &state) { lane in
                if delivery.dueAt > now {
                    lane.expect(due: delivery.dueAt)
                    return false
                }
                guard lane.free > 0, !lane.hasBacklog else {
                    lane.hasBacklog = true
                    return false
                }
                lane.running.insert(delivery.id)
                return true
            }
        }
        if admitted {
            workInput.yield(.attempt(delivery))
        } else if delivery.dueAt > now {
            alarm.set(for: delivery.dueAt)
        }
    }

    func withLane<T>(_ target: String, _ state: inout State, _ body: (inout DispatchLane) -> T) -> T {
        var lane =
            state.lanes.removeValue(forKey: target)
            ?? DispatchLane(limit: max(1, targets.target(for: target)?.concurrency(of: target) ?? 1))
        defer { if !lane.isIdle { state.lanes[target] = lane } }
        return body(&lane)
    }

    // MARK: Backlog

    /// Asks for the backlog to be read where that is due.
    func requestRefills(of target: String? = nil) {
        let wanted = state.withLock { state -> [String] in
            guard !state.isDraining else { return [] }
            let candidates = target.map { [$0] } ?? Array(state.lanes.keys)
            return candidates.filter { name in
                guard state.lanes[name]?.wantsRefill == true else { return false }
                state.lanes[name]?.isRefilling = true
                return true
            }
        }
        for name in wanted { workInput.yield(.refill(target: name)) }
    }

    func refill(_ target: String) async {
        let (running, limit) = state.withLock { state in
            withLane(target, &state) { lane in
                // Cleared before the query: what is committed during it sets the mark again.
                lane.hasBacklog = false
                lane.nextDue = nil
                return (lane.running.count, lane.limit)
            }
        }
        let now = clock.now
        let store = store
        let read = try? await database.read { transaction in
            (
                try store.due(target: target, at: now, limit: running + limit, in: transaction),
                try store.nextDue(target: target, after: now, in: transaction)
            )
        }
        let admitted = state.withLock { state in
            withLane(target, &state) { lane in admit(read, to: &lane, asked: running + limit) }
        }
        for delivery in admitted { workInput.yield(.attempt(delivery)) }
        if let due = read?.1 { alarm.set(for: due) }
        if read == nil { alarm.set(for: clock.now.adding(milliseconds: 1000)) }
        requestRefills(of: target)
    }

    private func admit(_ read: ([Delivery], Timestamp?)?, to lane: inout DispatchLane, asked: Int) -> [Delivery] {
        guard let (due, next) = read else {
            lane.expect(due: clock.now.adding(milliseconds: 1000))
            return lane.admit([])
        }
        if let next { lane.expect(due: next) }
        if due.count == asked { lane.hasBacklog = true }
        return lane.admit(due)
    }

    /// Marks the lanes whose postponed deliveries have become due.
    func wakeDueLanes() {
        let now = clock.now
        let next = state.withLock { state -> Timestamp? in
            for (name, lane) in state.lanes {
                guard let due = lane.nextDue, due <= now else { continue }
                state.lanes[name]?.nextDue = nil
                state.lanes[name]?.hasBacklog = true
            }
            return state.lanes.values.compactMap(\.nextDue).min()
        }
        requestRefills()
        if let next { alarm.set(for: next) }
    }
}
