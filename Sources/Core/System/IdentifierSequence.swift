import Synchronization

/// Unique 63-bit identifiers that rise with time: milliseconds in the upper bits, a counter in the lower 20.
public final class IdentifierSequence: Sendable {
    private let clock: any HostClock
    private let last: Mutex<Int64>

    /// Starts above `floor`, the highest identifier that is already in use.
    public init(clock: any HostClock, above floor: Int64 = 0) {
        self.clock = clock
        last = Mutex(floor)
    }

    public func next() -> Int64 {
        let floor = clock.now.milliseconds << 20
        return last.withLock { last in
            last = max(last + 1, floor)
            return last
        }
    }
}
