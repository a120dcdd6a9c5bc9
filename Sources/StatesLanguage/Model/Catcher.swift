/// One member of `Catch`.
public struct Catcher: Sendable {
    public let errors: ErrorPattern
    public let next: StateGraph.Index
    /// Where the error output goes, JSONPath only.
    public let resultPath: ResultPath
    /// `Output`, JSONata only.
    public let output: Template?
    public let assign: [Assignment]
    public let queryLanguage: QueryLanguage
}
