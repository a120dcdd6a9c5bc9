import Core
import JSONata

/// A compiled expression with what it needs to see, so that no more than that is put together when it runs.
struct CompiledJSONata: Sendable {
    /// The names below `$states`.
    enum StatesMember: String, CaseIterable {
        case input, result, errorOutput, context
    }

    private let expression: JSONataExpression
    /// Workflow variables that the expression reads, sorted by name.
    let variableNames: [String]
    /// Library functions that it mentions; a workflow variable of the same name takes a function's place.
    private let functionNames: [String]
    /// Members of `$states` that it reads; all of them when it takes `$states` as a whole. Nil when it reads none.
    let statesMembers: Set<StatesMember>?
    let references: JSONataReferences

    init(_ source: String) throws(JSONataError) {
        expression = try JSONataExpression(source, dialect: .stepFunctions)
        references = expression.references
        functionNames = Set(references.functions).sorted()
        variableNames = references.variableNames.subtracting(["states"]).sorted()
        var members: Set<StatesMember>?
        for path in references.statesPaths {
            let named = path.first.map { StatesMember(rawValue: $0).map { [$0] } ?? [] } ?? StatesMember.allCases
            members = (members ?? []).union(named)
        }
        statesMembers = members
    }

    func evaluate(in scope: EvaluationScope, seed: UInt64) throws(JSONataError) -> JSONataResult {
        var bindings: [String: JSON] = [:]
        for name in variableNames { bindings[name] = scope.variables[name] }
        if !scope.variables.isEmpty {
            for name in functionNames { if let value = scope.variables[name] { bindings[name] = value } }
        }
        if let statesMembers { bindings["states"] = scope.statesObject(statesMembers) }
        return try expression.evaluate(
            nil, bindings: bindings,
            environment: JSONataEnvironment(now: scope.now, seed: seed, limits: Self.limits))
    }

    /// A payload of at most 256 KiB goes in and comes out; these bounds leave room in between and end a runaway
    /// expression within about a second.
    private static let limits = JSONataLimits(
        steps: 10_000_000, depth: 500, sequenceLength: 1_000_000, stringLength: 16 * 1024 * 1024)
}

extension EvaluationScope {
    fileprivate func statesObject(_ members: Set<CompiledJSONata.StatesMember>) -> JSON {
        var object = JSONObject()
        if members.contains(.input) { object["input"] = input }
        if members.contains(.result), let result { object["result"] = result }
        if members.contains(.errorOutput), let errorOutput { object["errorOutput"] = errorOutput }
        if members.contains(.context) { object["context"] = context.value }
        return .object(object)
    }
}
