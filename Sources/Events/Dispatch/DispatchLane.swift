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
    /// When the next postponed delivery becomes due, as far as is known.
    var nextDue: Timestamp?

    var free: Int { max(0, limit - running.count) }

    var isIdle: Bool { running.isEmpty && !hasBacklog && !isRefilling && nextDue == nil }

    /// Reading the backlog costs a query, so it waits until a quarter of the lane is free.
    var wantsRefill: Bool {
        hasBacklog && !isRefilling && (running.isEmpty || free * 4 >= limit)
    }

    mutating func expect(due: Timestamp) {
        nextDue = min(nextDue ?? due, due)
    }
}
