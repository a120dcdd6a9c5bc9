import Core

/// What the dispatcher knows of one target: what runs, and whether the database holds more.
struct DispatchLane {
    /// Identifiers of the deliveries that are being attempted.
    var running: Set<Int64> = []
    let limit: Int
    /// The database may hold deliveries of this target that are due and not running.
    var hasBacklog = false
    /// A task is reading the backlog.
    var isRefilling = false
    /// What ended while the backlog was being read: the reading may still show it.
    var endedDuringRefill: Set<Int64> = []
    /// When the next postponed delivery becomes due, as far as is known.
    var nextDue: Timestamp?

    var free: Int { max(0, limit - running.count) }

    var isIdle: Bool { running.isEmpty && !hasBacklog && !isRefilling && nextDue == nil }

    /// Reading the backlog costs a query, so it waits until a quarter of the lane is free.
    var wantsRefill: Bool {
        hasBacklog && !isRefilling && (running.isEmpty || free * 4 >= limit)
    }

    mutating func end(_ id: Int64, dueAgain: Timestamp?) {
        running.remove(id)
        if isRefilling { endedDuringRefill.insert(id) }
        if let dueAgain { expect(due: dueAgain) }
    }

    /// Takes from what was read as many as there is room for.
    mutating func admit(_ due: [Delivery]) -> [Delivery] {
        let startable = due.filter { !running.contains($0.id) && !endedDuringRefill.contains($0.id) }
        let admitted = Array(startable.prefix(free))
        running.formUnion(admitted.map(\.id))
        // What ended during the reading may be due again: the next reading tells.
        let isStale = due.contains { endedDuringRefill.contains($0.id) }
        if admitted.count < startable.count || isStale { hasBacklog = true }
        isRefilling = false
        endedDuringRefill = []
        return admitted
    }

    mutating func expect(due: Timestamp) {
        nextDue = min(nextDue ?? due, due)
    }
}
