import Core

/// What compiling a definition gives: the definition, unless there are errors, and all findings.
public struct DefinitionCompilation: Sendable {
    public let definition: StateMachineDefinition?
    /// Findings in the order in which AWS lists them.
    public let diagnostics: [Diagnostic]

    public var isValid: Bool { definition != nil }
}

extension StateMachineDefinition {
    /// The longest definition, in characters.
    public static let maximumLength = 1_048_576

    /// Compiles a definition and reports everything that is wrong with it.
    ///
    /// - Parameters:
    ///   - text: The definition as JSON.
    ///   - type: Express state machines may use less.
    ///   - allowsPlaceholders: Accepts `${Name}` wherever a value is expected; such a definition can be checked, but not
    ///     run before they are replaced.
    public static func compile(
        _ text: String, type: StateMachineType = .standard, allowsPlaceholders: Bool = false
    ) -> DefinitionCompilation {
        let bytes = Array(text.utf8)
        guard bytes.count <= maximumLength || text.unicodeScalars.count <= maximumLength else {
            return refusal(
                .schemaValidationFailed, "Definition must not be longer than \(maximumLength) characters")
        }
        guard bytes.contains(where: { $0 > 0x20 }) else {
            return bytes.isEmpty
                ? refusal(.missingDescription, "Definition must not be empty")
                : refusal(.schemaValidationFailed, "Definition must be a valid JSON object")
        }
        do throws(JSONParseError) {
            return compile(try JSON(parsing: bytes), type: type, allowsPlaceholders: allowsPlaceholders)
        } catch {
            let report = JSONSyntaxReport(text)
            let source = report?.source ?? "[line: \(error.line), column: \(error.column)]"
            return refusal(
                .invalidJSONDescription, "\(report?.message ?? error.reason)\n at \(source)", location: source,
                syntaxError: error)
        }
    }

    /// Compiles a definition that is parsed already.
    public static func compile(
        _ document: JSON, type: StateMachineType = .standard, allowsPlaceholders: Bool = false
    ) -> DefinitionCompilation {
        guard case .object = document else {
            return refusal(.schemaValidationFailed, "Definition must be a valid JSON object")
        }
        var compiler = DefinitionCompiler(machineType: type, allowsPlaceholders: allowsPlaceholders)
        let definition = compiler.compile(document)
        return DefinitionCompilation(
            definition: compiler.hasErrors ? nil : definition,
            diagnostics: compiler.diagnostics + compiler.transitionDiagnostics)
    }

    /// Compiles a single state, or a whole definition of which one state is to be tested: where states lead is not looked
    /// at.
    ///
    /// A single state becomes the only one of a definition, under the name `StateName` as AWS has it. Names of states that
    /// are not there can be had from `StateGraph.name(at:)`.
    public static func compileForTest(_ document: JSON) -> DefinitionCompilation {
        guard case .object(let object) = document else {
            return refusal(.schemaValidationFailed, "Definition must be a valid JSON object")
        }
        var machine = object
        if object["States"] == nil {
            machine = ["StartAt": "StateName", "States": .object(["StateName": document])]
            machine["QueryLanguage"] = object["QueryLanguage"]
        }
        var compiler = DefinitionCompiler(machineType: .standard, allowsPlaceholders: false, isTest: true)
        let definition = compiler.compile(.object(machine))
        return DefinitionCompilation(
            definition: compiler.hasErrors ? nil : definition, diagnostics: compiler.diagnostics)
    }

    private static func refusal(
        _ code: DiagnosticCode, _ message: String, location: String? = nil, syntaxError: JSONParseError? = nil
    ) -> DefinitionCompilation {
        let finding = Diagnostic(
            severity: .error, code: code, message: message, location: location, path: DefinitionPath(),
            syntaxError: syntaxError)
        return DefinitionCompilation(definition: nil, diagnostics: [finding])
    }

    /// Compiles a definition that must be good.
    public init(compiling text: String, type: StateMachineType = .standard) throws(InvalidDefinition) {
        let compilation = Self.compile(text, type: type)
        guard let definition = compilation.definition else {
            throw InvalidDefinition(diagnostics: compilation.diagnostics)
        }
        self = definition
    }
}
