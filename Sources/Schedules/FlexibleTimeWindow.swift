import Core

/// Scheduler's `FlexibleTimeWindow`: how long after its time a firing may be put off, to spread load.
public struct FlexibleTimeWindow: Hashable, Sendable {
    /// Zero to fire on time (`OFF`), otherwise 1 to 1,440 (`FLEXIBLE`).
    public let maximumMinutes: Int

    public static let off = FlexibleTimeWindow(unchecked: 0)

    private init(unchecked minutes: Int) { maximumMinutes = minutes }

    /// Nil outside 1 to 1,440 minutes.
    public init?(maximumMinutes: Int) {
        guard (1...1440).contains(maximumMinutes) else { return nil }
        self.maximumMinutes = maximumMinutes
    }

    /// Milliseconds by which one firing is put off: whole seconds, spread evenly over the window, and the same each
    /// time for the same seed and firing.
    public func delay(of occurrence: Timestamp, seed: UInt64) -> Int64 {
        guard maximumMinutes > 0 else { return 0 }
        var random = SeededRandom(seed: seed ^ UInt64(bitPattern: occurrence.milliseconds))
        return Int64(random.next() % UInt64(maximumMinutes * 60)) * 1000
    }
}
