/// The rules for the names of state machines, executions and activities.
public enum StateMachineName {
    public static let maximumLength = 80

    /// What is wrong with a state machine's name; empty when it is good.
    public static func diagnostics(for name: String) -> [Diagnostic] {
        guard !name.isEmpty else { return [finding(.stateMachineNameEmpty, "State machine name cannot be empty")] }
        guard name.unicodeScalars.count <= maximumLength else {
            return [finding(.stateMachineNameTooLong, "State machine name is too long: '\(name)'")]
        }
        guard isValid(name) else {
            return [finding(.stateMachineNameInvalid, "State machine name is invalid: '\(name)'")]
        }
        return []
    }

    /// Whether the name is made of allowed characters only: no white space, no control characters, no brackets,
    /// wildcards or other special characters.
    public static func isValid(_ name: String) -> Bool {
        !name.isEmpty && name.unicodeScalars.count <= maximumLength
            && name.unicodeScalars.allSatisfy { isAllowed($0, besides: "?*<>{}[]\"#%\\^|~`$&,;:/") }
    }

    static func isAllowed(_ scalar: Unicode.Scalar, besides forbidden: String) -> Bool {
        let value = scalar.value
        if value < 0x20 || (0x7F...0x9F).contains(value) || scalar.properties.isWhitespace { return false }
        return !forbidden.unicodeScalars.contains(scalar)
    }

    private static func finding(_ code: DiagnosticCode, _ message: String) -> Diagnostic {
        Diagnostic(severity: .error, code: code, message: message, location: nil, path: DefinitionPath())
    }
}
