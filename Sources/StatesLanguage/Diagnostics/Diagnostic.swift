public import Core

/// One finding about a definition.
public struct Diagnostic: Sendable, Hashable {
    public enum Severity: String, Sendable, Hashable {
        case error = "ERROR"
        case warning = "WARNING"
    }

    public let severity: Severity
    public let code: DiagnosticCode
    public let message: String
    /// Where, as AWS writes it: `/States/Pay/Choices[0]/Next`; nil for what concerns the whole workflow.
    public let location: String?
    /// The same place as a path from the document's root; empty when there is none.
    public let path: DefinitionPath
    /// Of a text that is no JSON: what is wrong with it and where, which no path can say.
    public let syntaxError: JSONParseError?

    init(
        severity: Severity, code: DiagnosticCode, message: String, location: String?, path: DefinitionPath,
        syntaxError: JSONParseError? = nil
    ) {
        self.severity = severity
        self.code = code
        self.message = message
        self.location = location
        self.path = path
        self.syntaxError = syntaxError
    }

    /// `CODE: message at location`, the form in which `InvalidDefinition` lists findings.
    public var summary: String { "\(code.rawValue): \(message) at \(location ?? "null")" }
}

/// The codes of `ValidateStateMachineDefinition`.
public enum DiagnosticCode: String, Sendable, Hashable, CaseIterable {
    case invalidJSONDescription = "INVALID_JSON_DESCRIPTION"
    case missingDescription = "MISSING_DESCRIPTION"
    case schemaValidationFailed = "SCHEMA_VALIDATION_FAILED"
    case invalidResource = "INVALID_RESOURCE"
    case missingEndState = "MISSING_END_STATE"
    case duplicateStateName = "DUPLICATE_STATE_NAME"
    case invalidStateName = "INVALID_STATE_NAME"
    case stateMachineNameEmpty = "STATE_MACHINE_NAME_EMPTY"
    case stateMachineNameInvalid = "STATE_MACHINE_NAME_INVALID"
    case stateMachineNameTooLong = "STATE_MACHINE_NAME_TOO_LONG"
    case stateMachineNameAlreadyExists = "STATE_MACHINE_NAME_ALREADY_EXISTS"
    case duplicateLabelName = "DUPLICATE_LABEL_NAME"
    case invalidLabelName = "INVALID_LABEL_NAME"
    case missingTransitionTarget = "MISSING_TRANSITION_TARGET"
    case tooDeeplyNested = "TOO_DEEPLY_NESTED"
    /// An expression that does not parse.
    case invalidJSONataExpression = "INVALID_JSONATA_EXPRESSION"
    /// An expression that refers to what it cannot see where it stands.
    case unsupportedJSONataExpression = "UNSUPPORTED_JSONATA_EXPRESSION"
    /// No `.$` on a member whose value looks like a path or an intrinsic call.
    case noDollar = "NO_DOLLAR"
    /// A value that looks like a path in a field whose name does not end with `Path`.
    case noPath = "NO_PATH"
    /// A path in the `Result` of a Pass state, which is taken literally.
    case passResultIsStatic = "PASS_RESULT_IS_STATIC"

    public var severity: Diagnostic.Severity {
        switch self {
        case .noDollar, .noPath, .passResultIsStatic: .warning
        default: .error
        }
    }
}
