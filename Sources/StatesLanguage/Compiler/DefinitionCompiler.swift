import Core
import JSONata

/// Turns the JSON of a definition into its compiled form and notes everything that is wrong with it on the way.
///
/// A part that cannot be compiled is replaced by something harmless, so that one pass finds all mistakes; the result is
/// thrown away when there was an error.
struct DefinitionCompiler {
    /// Branches and processors inside one another.
    static let maximumNesting = 32
    /// Containers inside one another in a template or a choice rule.
    static let maximumDepth = 100
    /// Findings beyond this many are not kept: nobody reads them.
    static let maximumDiagnostics = 1000
    static let maximumNameLength = 80

    let machineType: StateMachineType
    let allowsPlaceholders: Bool
    /// Whether a state is to be tested alone: it may lead anywhere, and AWS does not look at what expressions refer to.
    let isTest: Bool
    var diagnostics: [Diagnostic] = []
    /// Findings about transitions, which AWS lists after all others.
    var transitionDiagnostics: [Diagnostic] = []
    var path: [DefinitionPath.Step] = []
    /// The language of states that do not name their own.
    var machineLanguage = QueryLanguage.jsonPath
    /// The language of the state that is being compiled.
    var language = QueryLanguage.jsonPath
    /// The field of that state that is being compiled, as error texts name it: `Output/a[0]`.
    var field: [DefinitionPath.Step] = []
    /// Whether the states run in an express workflow.
    var isExpress: Bool
    var nesting = 0
    private var stateNames: Set<String> = []
    private var labels: Set<String> = []

    init(machineType: StateMachineType, allowsPlaceholders: Bool, isTest: Bool = false) {
        self.machineType = machineType
        self.allowsPlaceholders = allowsPlaceholders
        self.isTest = isTest
        isExpress = machineType == .express
    }

    // MARK: Reporting

    var hasErrors: Bool {
        diagnostics.contains { $0.severity == .error } || transitionDiagnostics.contains { $0.severity == .error }
    }

    mutating func report(_ message: String, code: DiagnosticCode = .schemaValidationFailed) {
        guard diagnostics.count < Self.maximumDiagnostics else { return }
        let place = DefinitionPath(path)
        diagnostics.append(
            Diagnostic(severity: code.severity, code: code, message: message, location: place.awsLocation, path: place))
    }

    mutating func report(_ message: String, at name: String, code: DiagnosticCode = .schemaValidationFailed) {
        path.append(.member(name))
        report(message, code: code)
        path.removeLast()
    }

    mutating func reportTransition(_ message: String, at place: [DefinitionPath.Step], code: DiagnosticCode) {
        guard transitionDiagnostics.count < Self.maximumDiagnostics else { return }
        let place = DefinitionPath(place)
        transitionDiagnostics.append(
            Diagnostic(
                severity: code.severity, code: code, message: message,
                location: code == .missingEndState ? nil : place.awsLocation, path: place))
    }

    /// Compiles something one step further down.
    mutating func within<Result>(
        _ step: DefinitionPath.Step, _ body: (inout DefinitionCompiler) -> Result
    ) -> Result {
        path.append(step)
        defer { path.removeLast() }
        return body(&self)
    }

    /// Compiles a field of a state, or a part of one, whose name appears in the error texts of expressions.
    mutating func withinField<Result>(
        _ step: DefinitionPath.Step, _ body: (inout DefinitionCompiler) -> Result
    ) -> Result {
        path.append(step)
        field.append(step)
        defer {
            path.removeLast()
            field.removeLast()
        }
        return body(&self)
    }

    /// `Output/a[0]`
    var fieldText: String { String(DefinitionPath(field).awsLocation.dropFirst()) }

    // MARK: Names

    mutating func checkName(ofState name: String) {
        if name.isEmpty || name.unicodeScalars.count > Self.maximumNameLength {
            report("State name must have between 1 and \(Self.maximumNameLength) characters", code: .invalidStateName)
        }
        if !stateNames.insert(name).inserted { report("Duplicate state name: \(name)", code: .duplicateStateName) }
    }

    mutating func checkLabel(_ label: String) {
        if label.isEmpty || label.unicodeScalars.count > 40 {
            report("Label must have between 1 and 40 characters", code: .invalidLabelName)
        } else if !label.unicodeScalars.allSatisfy({
            StateMachineName.isAllowed($0, besides: "?*<>{}[]:;,\\|^~$#%&`\"/")
        }) {
            report("Label contains an invalid character: \(label)", code: .invalidLabelName)
        }
        if !labels.insert(label).inserted { report("Duplicate label: \(label)", code: .duplicateLabelName) }
    }
}
