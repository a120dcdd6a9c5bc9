import Core

/// Hands its input on, reshaped or replaced.
public struct PassState: Sendable {
    /// `Parameters`, JSONPath only.
    public let parameters: Template?
    /// `Result`, JSONPath only: replaces the effective input as the state's result.
    public let result: JSON?
    public let resultPath: ResultPath
}
