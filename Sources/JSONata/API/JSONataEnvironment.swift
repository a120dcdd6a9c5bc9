import Core

/// Everything an evaluation takes from outside besides its input: the evaluator has no clock and no randomness.
public struct JSONataEnvironment: Sendable {
    /// What `$now()` and `$millis()` answer throughout one evaluation.
    public var now: Timestamp
    /// Where `$random`, `$shuffle` and `$uuid` start: the same seed gives the same values.
    public var seed: UInt64
    public var limits: JSONataLimits

    public init(now: Timestamp, seed: UInt64, limits: JSONataLimits = .standard) {
        self.now = now
        self.seed = seed
        self.limits = limits
    }
}

/// Bounds of one evaluation. Reaching one ends the evaluation with an error that names it.
public struct JSONataLimits: Sendable {
    /// Units of work. An evaluated call, a visited item, an element put into an array and 16 bytes put into a string
    /// cost about one each, so this bounds memory (at most some 32 bytes a step) as well as time (some ten to a hundred
    /// nanoseconds a step).
    public var steps: Int
    /// Expressions inside one another, counted through function calls as the reference counts them.
    public var depth: Int
    /// Elements of any one array.
    public var sequenceLength: Int
    /// UTF-8 bytes of any one string.
    public var stringLength: Int

    public init(
        steps: Int = 50_000_000, depth: Int = 1500, sequenceLength: Int = 10_000_000,
        stringLength: Int = 64 * 1024 * 1024
    ) {
        self.steps = steps
        self.depth = depth
        self.sequenceLength = sequenceLength
        self.stringLength = stringLength
    }

    public static let standard = JSONataLimits()
}
