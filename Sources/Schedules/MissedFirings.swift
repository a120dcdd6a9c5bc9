import Core

/// What becomes of firings whose time passed while the host was down or its clock stood still.
///
/// The default fires the most recent one once, late, if it is at most a day late (Scheduler's default
/// `MaximumEventAgeInSeconds`); those before it are not made up for. So a nightly job runs when the machine is switched
/// on in the morning, and a job of every minute does not run 480 times.
public enum MissedFiringsPolicy: Hashable, Sendable {
    /// One late firing, of the most recent missed time, if that is no older than so many milliseconds.
    case coalesce(maximumLateness: Int64)
    /// None.
    case skip

    public static let standard = MissedFiringsPolicy.coalesce(maximumLateness: 86_400_000)
}

/// The firings between the last one that was handled and now.
public struct MissedFirings: Hashable, Sendable {
    /// The time of the firing to be made up for now.
    public var late: Timestamp?
    /// How many are dropped, counted up to `MissedFirings.countLimit`.
    public var dropped: Int

    public static let countLimit = 1000

    public init(late: Timestamp?, dropped: Int) {
        self.late = late
        self.dropped = dropped
    }
}

extension Schedule {
    /// The firings after `handled` (the last one that was fired, or the schedule's creation) that are not after `now`.
    public func missed(
        after handled: Timestamp, now: Timestamp, policy: MissedFiringsPolicy = .standard
    ) -> MissedFirings {
        var count = 0
        var cursor = handled
        while count < MissedFirings.countLimit, let next = next(after: cursor), next <= now {
            count += 1
            cursor = next
        }
        guard count > 0, case .coalesce(let lateness) = policy, let last = previous(from: now), last > handled,
            now.milliseconds(since: last) <= lateness
        else { return MissedFirings(late: nil, dropped: count) }
        return MissedFirings(late: last, dropped: count - 1)
    }
}
