/// Runs its branches at the same time; the result is the array of their outputs in the order of the branches.
public struct ParallelState: Sendable {
    public let branches: [StateGraph]
    /// `Parameters` (JSONPath) or `Arguments` (JSONata).
    public let arguments: Template?
    public let resultSelector: Template?
    public let resultPath: ResultPath
    public let retriers: [Retrier]
    public let catchers: [Catcher]
}
