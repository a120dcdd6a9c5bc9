import Core
import EventPatterns
import Functions
import Messaging
import Objects
import Project
import Schedules
import Services
import StatesLanguage

/// What can be wrong with a project beyond the form of its files: interpreters, definitions, expressions, patterns.
struct ProjectChecks {
    let directory: String
    let scope: Scope
    let deployment: FunctionDeployment

    func findings(
        _ definition: ProjectDefinition, _ functions: [FunctionVersionRecord]
    ) -> (problems: [ProjectProblem], warnings: [ProjectProblem]) {
        var problems: [ProjectProblem] = []
        var warnings: [ProjectProblem] = []
        let records = Dictionary(functions.map { ($0.reference.functionName, $0) }) { first, _ in first }
        for function in definition.functions {
            guard let record = records[function.name] else { continue }
            do throws(FunctionError) {
                warnings += try deployment.check(record).map { problem(function, "Runtime", $0) }
            } catch {
                problems.append(problem(function, Self.field(error.code), error.message))
            }
        }
        problems += definition.workflows.flatMap(check) + definition.triggers.flatMap(check)
        return (problems, warnings)
    }

    private func problem(_ function: FunctionResource, _ field: String, _ message: String) -> ProjectProblem {
        // The file and the field stand before it.
        var said = message[...]
        for known in ["function \(function.name): ", "\(field) "] where said.hasPrefix(known) {
            said = said.dropFirst(known.count)
        }
        return ProjectProblem(file: function.file, mark: function.marks[field], field: field, message: String(said))
    }

    /// The property that an error of a function is about; empty where it is about none of them.
    private static func field(_ code: FunctionError.Code) -> String {
        switch code {
        case .unknownRuntime, .unsupportedRuntime, .missingInterpreter: "Runtime"
        case .missingExecutable: "Handler"
        case .missingCode: "CodeUri"
        case .invalidConfiguration, .unreadablePackage, .invalidPackage, .host: ""
        }
    }

    private func check(_ workflow: WorkflowResource) -> [ProjectProblem] {
        let compiled = StateMachineDefinition.compile(
            workflow.definition, type: workflow.isExpress ? .express : .standard, allowsPlaceholders: false)
        let place = places(in: workflow)
        return compiled.diagnostics.filter { $0.severity == .error }.map { diagnostic in
            if let mistake = diagnostic.syntaxError {
                return ProjectProblem(
                    file: workflow.file, mark: SourceMark(line: mistake.line, column: mistake.column), field: "",
                    message: mistake.reason)
            }
            return ProjectProblem(
                file: workflow.file, mark: place(diagnostic.path), field: diagnostic.location ?? "",
                message: "\(diagnostic.message) (\(diagnostic.code.rawValue))")
        }
    }

    /// Finds the places of a definition in its file.
    private func places(in workflow: WorkflowResource) -> (DefinitionPath) -> SourceMark? {
        if workflow.file.hasSuffix(".json") {
            let source = JSONSourceMap(workflow.definition)
            return { path in source.position(of: path).map { SourceMark(line: $0.line, column: $0.column) } }
        }
        let text = try? File.read("\(directory)/\(workflow.file)")
        guard let document = text.flatMap({ try? YAMLParser.parse($0) }) else { return { _ in nil } }
        return { path in
            document.mark(
                at: path.steps.map { step in
                    switch step {
                    case .member(let name): name
                    case .index(let index): String(index)
                    }
                })
        }
    }

    private func check(_ trigger: TriggerResource) -> [ProjectProblem] {
        var zone: ProjectProblem?
        if case .schedule(let source) = trigger.source, !TriggerSchedules.isZone(source.timeZone) {
            zone = ProjectProblem(
                file: trigger.file, mark: trigger.marks["ScheduleExpressionTimezone"] ?? trigger.mark,
                field: "Properties.ScheduleExpressionTimezone",
                message: "there is no time zone '\(source.timeZone)'.", mend: "Write a name like Europe/Berlin.")
        }
        return [source(of: trigger), zone].compactMap(\.self)
    }

    private func source(of trigger: TriggerResource) -> ProjectProblem? {
        func problem(_ field: String, _ message: String, mend: String? = nil) -> ProjectProblem {
            ProjectProblem(
                file: trigger.file, mark: trigger.marks[field] ?? trigger.mark, field: "Properties.\(field)",
                message: message, mend: mend)
        }
        switch trigger.source {
        case .schedule(let source):
            do {
                _ = try ScheduleExpression(source.expression, dialect: source.isRule ? .rule : .scheduler)
            } catch {
                return problem(source.isRule ? "Schedule" : "ScheduleExpression", "\(error)")
            }
        case .rule(let source):
            do throws(EventPatternError) {
                _ = try EventPattern(parsing: source.pattern)
            } catch {
                return problem("Pattern", error.message)
            }
        case .topic(let source):
            guard let policy = source.filterPolicy else { return nil }
            let kind: FilterPolicyScope = source.filterPolicyScope == "MessageBody" ? .messageBody : .messageAttributes
            do throws(EventPatternError) {
                _ = try EventPattern(parsing: policy, dialect: .filterPolicy(kind))
            } catch {
                return problem("FilterPolicy", error.message)
            }
        case .queue(let source):
            guard case .function = trigger.target else {
                return problem(
                    "Queue", "a queue can only be polled for a function.", mend: "Write 'Target: {Function: name}'.")
            }
            do throws(EventPatternError) {
                _ = try EventSourceFilter(patterns: source.filterPatterns, payloadKey: "body")
            } catch {
                return problem("FilterCriteria", error.message)
            }
        case .bucket(let source):
            guard !Bucket.isValidName(source.bucket) else { return nil }
            return problem(
                "Bucket", "'\(source.bucket)' cannot be the name of a bucket.",
                mend: "Use 3 to 63 lowercase letters, digits, '.' and '-'.")
        case .http: return nil
        }
        return nil
    }
}

/// Timers of a project as schedules.
enum TriggerSchedules {
    static func isZone(_ name: String) -> Bool { (try? TimeZoneDatabase().zone(named: name)) != nil }

    static func schedule(_ source: ScheduleTrigger, created: Timestamp) throws -> Schedule {
        let expression = try ScheduleExpression(source.expression, dialect: source.isRule ? .rule : .scheduler)
        let zone = try TimeZoneDatabase().zone(named: source.timeZone)
        let window = source.flexibleWindow.flatMap { FlexibleTimeWindow(maximumMinutes: $0) } ?? .off
        return Schedule(
            expression, zone: zone, created: created, start: source.start, end: source.end, window: window)
    }
}
