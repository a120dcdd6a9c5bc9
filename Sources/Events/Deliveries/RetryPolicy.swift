import Core

/// How often, how long and at which intervals a delivery is attempted again.
public struct RetryPolicy: Hashable, Sendable {
    /// Attempts after the first one that ended in an error of the target itself.
    public var maximumRetries: Int
    /// Milliseconds after which a delivery is given up, counted from its creation.
    public var maximumAge: Int64
    public var backoff: Backoff

    public init(maximumRetries: Int, maximumAge: Int64, backoff: Backoff) {
        self.maximumRetries = maximumRetries
        self.maximumAge = maximumAge
        self.backoff = backoff
    }

    /// 185 retries over 24 hours: EventBridge's and the scheduler's default.
    public static let standard = RetryPolicy(
        maximumRetries: 185, maximumAge: 86_400_000, backoff: .exponential(first: 1000, ceiling: 600_000))

    /// Two retries after one and two minutes within six hours: Lambda's default for asynchronous invocations.
    public static let asyncInvocation = RetryPolicy(
        maximumRetries: 2, maximumAge: 21_600_000, backoff: .linear(step: 60_000))

    /// One attempt and no other.
    public static let never = RetryPolicy(maximumRetries: 0, maximumAge: 86_400_000, backoff: .linear(step: 0))
}

/// Milliseconds between attempts.
public enum Backoff: Hashable, Sendable {
    /// `step` after the first attempt, twice that after the second, and so on.
    case linear(step: Int64)
    /// `first`, then doubling up to `ceiling`.
    case exponential(first: Int64, ceiling: Int64)

    /// The pause after the given number of ended attempts (one or more).
    public func delay(afterAttempts attempts: Int) -> Int64 {
        let count = max(1, attempts)
        switch self {
        case .linear(let step): return step * Int64(count)
        case .exponential(let first, let ceiling):
            var delay = first
            for _ in 1..<min(count, 64) where delay < ceiling {
                delay = delay > ceiling / 2 ? ceiling : delay * 2
            }
            return min(delay, ceiling)
        }
    }
}

extension RetryPolicy {
    /// Throttling does not use up retries: it is tried again for as long as the delivery's age allows.
    static let throttleBackoff = Backoff.exponential(first: 1000, ceiling: 300_000)

    init(stored: JSON) {
        self = .standard
        maximumRetries = Int(stored["retries"]?.intValue ?? Int64(maximumRetries))
        maximumAge = stored["age"]?.intValue ?? maximumAge
        if let step = stored["step"]?.intValue {
            backoff = .linear(step: step)
        } else if let first = stored["first"]?.intValue, let ceiling = stored["ceiling"]?.intValue {
            backoff = .exponential(first: first, ceiling: ceiling)
        }
    }

    var stored: JSON {
        var object: JSONObject = ["retries": JSON(maximumRetries), "age": .int(maximumAge)]
        switch backoff {
        case .linear(let step): object["step"] = .int(step)
        case .exponential(let first, let ceiling):
            object["first"] = .int(first)
            object["ceiling"] = .int(ceiling)
        }
        return .object(object)
    }
}
