/// A definition that no state machine can be made of.
public struct InvalidDefinition: Error, Sendable {
    public let diagnostics: [Diagnostic]

    /// The message of the `InvalidDefinition` error.
    public var message: String {
        let errors = diagnostics.filter { $0.severity == .error }.map(\.summary)
        return "Invalid State Machine Definition: '\(errors.joined(separator: ", "))'"
    }
}

extension InvalidDefinition: CustomStringConvertible {
    public var description: String { message }
}
