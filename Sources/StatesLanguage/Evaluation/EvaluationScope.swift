import Core

/// What a state's expressions can see.
public struct EvaluationScope: Sendable {
    /// What `$` means: the state's input, or what the processing made of it so far. In JSONata it is `$states.input`.
    public var input: JSON
    public var context: ContextObject
    /// Variables by name without `$`; those of outer scopes are in it too.
    public var variables: [String: JSON]
    /// `$states.result`: what a Task, Parallel or Map state gave.
    public var result: JSON?
    /// `$states.errorOutput`, within a catcher.
    public var errorOutput: JSON?
    public var now: Timestamp
    /// Where `States.UUID`, `States.MathRandom` and their JSONata kin get their numbers from.
    public var random: SeededRandom

    public init(
        input: JSON, context: ContextObject = ContextObject([:]), variables: [String: JSON] = [:],
        result: JSON? = nil, errorOutput: JSON? = nil, now: Timestamp, random: SeededRandom
    ) {
        self.input = input
        self.context = context
        self.variables = variables
        self.result = result
        self.errorOutput = errorOutput
        self.now = now
        self.random = random
    }
}

/// The context object (`$$`), made only when an expression asks for it.
public struct ContextObject: Sendable {
    private enum Source: Sendable {
        case value(JSON)
        case make(@Sendable () -> JSON)
    }

    private let source: Source

    public init(_ value: JSON) { source = .value(value) }

    public init(_ make: @escaping @Sendable () -> JSON) { source = .make(make) }

    public var value: JSON {
        switch source {
        case .value(let value): value
        case .make(let make): make()
        }
    }
}
