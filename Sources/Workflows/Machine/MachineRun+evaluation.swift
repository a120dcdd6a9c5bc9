import Core
import StatesLanguage

/// The seam to the expressions: every failure becomes one of the state.
extension MachineRun {
    func scope(of visit: Visit, in id: FlowID) -> StateScope {
        StateScope(visit, state.flows[id], state, now: now)
    }

    /// Evaluates with this signal's random numbers, and takes up after those that were used.
    mutating func evaluate<Value>(
        _ scope: inout StateScope, _ body: (inout EvaluationScope) throws(EvaluationFailure) -> Value
    ) throws(StateFailure) -> Value {
        scope.evaluation.random = random
        defer { random = scope.evaluation.random }
        do throws(EvaluationFailure) {
            return try body(&scope.evaluation)
        } catch {
            throw scope.failure(error)
        }
    }

    mutating func value(of template: Template, _ scope: inout StateScope) throws(StateFailure) -> JSON {
        if case .constant(let value) = template { return value }
        return try evaluate(&scope) { evaluation throws(EvaluationFailure) in try evaluation.evaluate(template) }
    }

    mutating func filter(
        _ path: PathFilter, _ value: JSON, _ scope: inout StateScope
    ) throws(StateFailure) -> JSON {
        switch path {
        case .whole: return value
        case .discard: return .object([:])
        case .path:
            scope.filtered = value
            return try evaluate(&scope) { evaluation throws(EvaluationFailure) in try evaluation.filter(path) }
        }
    }

    mutating func filter(
        _ path: PathFilter, _ value: Payload, _ scope: inout StateScope
    ) throws(StateFailure) -> Payload {
        if case .whole = path { return value }
        return Payload(try filter(path, value.json, &scope))
    }

    /// The part of the input that the state sees.
    mutating func input(of visit: Visit, in id: FlowID) throws(StateFailure) -> Payload {
        var input = visit.payload
        if case .whole = visit.state.inputPath {
        } else {
            var scope = scope(of: visit, in: id)
            input = try filter(visit.state.inputPath, input, &scope)
        }
        inspection?.afterInputPath = input
        return input
    }

    /// `Parameters` or `Arguments`; without them the effective input.
    mutating func arguments(_ template: Template?, _ scope: inout StateScope) throws(StateFailure) -> JSON {
        guard let template else { return scope.filtered }
        let arguments = try value(of: template, &scope)
        inspection?.took(arguments: arguments, scope.queryLanguage)
        return arguments
    }

    mutating func insert(
        _ result: Payload, into input: Payload, _ path: ResultPath, _ scope: inout StateScope
    ) throws(StateFailure) -> Payload {
        switch path {
        case .replace: return result
        case .discard: return input
        case .insert:
            return Payload(
                try evaluate(&scope) { _ throws(EvaluationFailure) in try path.apply(result.json, to: input.json) })
        }
    }
}
