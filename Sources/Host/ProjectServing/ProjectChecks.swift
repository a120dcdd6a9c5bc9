import Core
import EventPatterns
import Functions
import Messaging
import Project
import Schedules
import Services
import StatesLanguage

/// What can be wrong with a project beyond the form of its files: interpreters, definitions, expressions, patterns.
struct ProjectChecks {
    let directory: String
    let scope: Scope
    let deployment: FunctionDeployment

    func problems(
        _ definition: ProjectDefinition, _ functions: [FunctionVersionRecord]
    ) -> [ProjectProblem] {
        zip(definition.functions, functions).compactMap { check($0.0, $0.1) }
            + definition.workflows.flatMap(check) + definition.triggers.compactMap(check)
    }

    private func check(_ function: FunctionResource, _ record: FunctionVersionRecord) -> ProjectProblem? {
        do throws(FunctionError) {
            try deployment.check(record)
            return nil
        } catch {
            let field = Self.field(error.code)
            return ProjectProblem(
                file: function.file, mark: function.marks[field], field: field, message: error.message)
        }
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
        let source = JSONSourceMap(workflow.definition)
        return compiled.diagnostics.filter { $0.severity == .error }.map { diagnostic in
            if let mistake = diagnostic.syntaxError {
                return ProjectProblem(
                    file: workflow.file, mark: SourceMark(line: mistake.line, column: mistake.column), field: "",
                    message: mistake.reason)
            }
            var mark: SourceMark?
            if workflow.file.hasSuffix(".json"), let place = source.position(of: diagnostic.path) {
                mark = SourceMark(line: place.line, column: place.column)
            }
            return ProjectProblem(
                file: workflow.file, mark: mark, field: diagnostic.location ?? "",
                message: "\(diagnostic.message) (\(diagnostic.code.rawValue))")
        }
    }

    private func check(_ trigger: TriggerResource) -> ProjectProblem? {
        func problem(_ field: String, _ message: String, mend: String? = nil) -> ProjectProblem {
            ProjectProblem(
                file: trigger.file, mark: trigger.marks[field] ?? trigger.mark, field: "Properties.\(field)",
                message: message, mend: mend)
        }
        switch trigger.source {
        case .schedule(let source):
            do {
                _ = try TriggerSchedules.schedule(source, created: Timestamp(milliseconds: 0))
            } catch let error as ScheduleExpressionError {
                return problem(source.isRule ? "Schedule" : "ScheduleExpression", error.description)
            } catch {
                return problem("ScheduleExpressionTimezone", String(describing: error))
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
        case .bucket, .http: return nil
        }
        return nil
    }
}

/// Timers of a project as schedules.
enum TriggerSchedules {
    static func schedule(_ source: ScheduleTrigger, created: Timestamp) throws -> Schedule {
        let expression = try ScheduleExpression(source.expression, dialect: source.isRule ? .rule : .scheduler)
        let zone = try TimeZoneDatabase().zone(named: source.timeZone)
        let window = source.flexibleWindow.flatMap { FlexibleTimeWindow(maximumMinutes: $0) } ?? .off
        return Schedule(
            expression, zone: zone, created: created, start: source.start, end: source.end, window: window)
    }
}
