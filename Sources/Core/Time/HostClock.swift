#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The only source of time in the host. The system clock and a virtual clock are interchangeable.
public protocol HostClock: Sendable {
    var now: Timestamp { get }

    /// Returns when the clock has reached the instant, at once when it already has. Throws when the task is cancelled.
    func sleep(until deadline: Timestamp) async throws
}

extension HostClock {
    public func sleep(milliseconds: Int64) async throws {
        try await sleep(until: now.adding(milliseconds: milliseconds))
    }
}

/// The machine's own clock.
public struct SystemClock: HostClock {
    public init() {}

    public var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }

    /// Sleeps in steps, so that a change of the machine's date is noticed within a minute.
    public func sleep(until deadline: Timestamp) async throws {
        while true {
            let remaining = deadline.milliseconds(since: now)
            guard remaining > 0 else { return }
            try await Task.sleep(for: .milliseconds(min(remaining, 60_000)))
        }
    }
}
