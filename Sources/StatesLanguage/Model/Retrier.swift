/// One member of `Retry`.
public struct Retrier: Sendable {
    public enum JitterStrategy: String, Sendable, Hashable, CaseIterable {
        case full = "FULL"
        case none = "NONE"
    }

    public let errors: ErrorPattern
    /// Seconds before the first retry; 1 unless stated.
    public let intervalSeconds: Int64
    /// Zero means never; 3 unless stated.
    public let maxAttempts: Int64
    /// What the interval is multiplied by after each retry, at least 1; 2 unless stated.
    public let backoffRate: Double
    /// The bound on the interval.
    public let maxDelaySeconds: Int64?
    public let jitterStrategy: JitterStrategy

    /// Seconds to wait before the retry, before any jitter.
    ///
    /// - Parameter attempt: How often this retrier has been used already in this visit of the state.
    public func delaySeconds(attempt: Int64) -> Double {
        var delay = Double(intervalSeconds)
        // More than 10,000 factors of at least 1 either change nothing or have long passed every bound.
        for _ in 0..<min(max(attempt, 0), 10_000) where delay.isFinite { delay *= backoffRate }
        return min(delay, Double(maxDelaySeconds ?? WaitState.maximumSeconds))
    }
}
