import Core

extension DefinitionCompiler {
    mutating func compileChoice(_ object: JSONObject, _ transitions: inout TransitionTable) -> ChoiceState? {
        let defaultNext = string("Default", in: object)
            .flatMap { transitions.resolve($0, at: path + [.member("Default")]) }
        require(["Choices"], in: object)
        guard let choices = array("Choices", in: object) else { return nil }
        if choices.isEmpty { report("Value cannot be empty", at: "Choices") }
        var rules: [ChoiceRule] = []
        for (index, choice) in choices.enumerated() {
            let place = path + [.member("Choices"), .index(index), .member("Next")]
            let next = choice["Next"]?.stringValue.flatMap { transitions.resolve($0, at: place) }
            let rule = withinField(.member("Choices")) { compiler in
                compiler.withinField(.index(index)) { $0.compileRule(choice, next: next ?? 0) }
            }
            if let rule { rules.append(rule) }
        }
        guard rules.count == choices.count else { return nil }
        return ChoiceState(rules: rules, defaultNext: defaultNext)
    }

    private mutating func compileRule(_ value: JSON, next: StateGraph.Index) -> ChoiceRule? {
        guard case .object(let object) = value else {
            report("Expected value of type Object")
            return nil
        }
        require(["Next"], in: object)
        _ = string("Next", in: object)
        let comment = string("Comment", in: object)
        let output = language == .jsonata ? compileTemplate("Output", in: object) : nil
        let assign = compileAssign(in: object)
        guard let condition = compileCondition(object, isRule: true, depth: 0) else { return nil }
        return ChoiceRule(condition: condition, next: next, output: output, assign: assign, comment: comment)
    }

    // MARK: Conditions

    private mutating func compileCondition(_ object: JSONObject, isRule: Bool, depth: Int) -> ChoiceCondition? {
        guard depth <= Self.maximumDepth else {
            report("Choice rules are nested deeper than \(Self.maximumDepth) levels", code: .tooDeeplyNested)
            return nil
        }
        checkRuleFields(object, isRule: isRule)
        if language == .jsonata { return compileJSONataCondition(object) }
        let operators = object.compactMap { name, _ in ChoiceOperators.all[name].map { (name, $0) } }
        guard operators.count == 1, let (name, found) = operators.first else {
            let names = operators.map(\.0).joined(separator: ", ")
            report(
                operators.isEmpty
                    ? "A choice rule must have a comparison operator"
                    : "There should only be one of the following fields: [\(names)]")
            return nil
        }
        switch found {
        case .and: return compileConditions(name, object, depth: depth).map(ChoiceCondition.and)
        case .or: return compileConditions(name, object, depth: depth).map(ChoiceCondition.or)
        case .not: return compileNot(object, depth: depth)
        case .comparison(let kind): return compileComparison(name, kind, object)
        }
    }

    private mutating func checkRuleFields(_ object: JSONObject, isRule: Bool) {
        for (name, _) in object {
            switch name {
            case "Comment": continue
            case "Next", "Assign": if !isRule { report("Field '\(name)' is not supported") }
            case "Condition", "Output": if language == .jsonPath || !isRule { reportLanguage(name, .jsonata) }
            default:
                if name != "Variable", ChoiceOperators.all[name] == nil {
                    report("Field '\(name)' is not supported")
                } else if language == .jsonata {
                    reportLanguage(name, .jsonPath)
                }
            }
        }
    }

    private mutating func reportLanguage(_ name: String, _ other: QueryLanguage) {
        report(
            "The QueryLanguage is set to '\(language.rawValue)', but field '\(name)' is only supported for the "
                + "'\(other.rawValue)' QueryLanguage")
    }

    private mutating func compileJSONataCondition(_ object: JSONObject) -> ChoiceCondition? {
        require(["Condition"], in: object)
        guard let value = object["Condition"] else { return nil }
        if case .bool(let constant) = value { return .constant(constant) }
        guard let expression = compileFieldExpression("Condition", in: object) else {
            report("Expected value of type Boolean or a JSONata expression", at: "Condition")
            return nil
        }
        return expression.map(ChoiceCondition.jsonata)
    }

    private mutating func compileConditions(_ name: String, _ object: JSONObject, depth: Int) -> [ChoiceCondition]? {
        guard let values = array(name, in: object) else { return nil }
        if values.isEmpty { report("Value cannot be empty", at: name) }
        let compiled = within(.member(name)) { compiler in
            values.enumerated().map { index, value in
                compiler.within(.index(index)) { $0.compileInner(value, depth: depth) }
            }
        }
        return compiled.allSatisfy { $0 != nil } ? compiled.compactMap { $0 } : nil
    }

    private mutating func compileNot(_ object: JSONObject, depth: Int) -> ChoiceCondition? {
        guard let value = object["Not"] else { return nil }
        return within(.member("Not")) { $0.compileInner(value, depth: depth) }.map(ChoiceCondition.not)
    }

    private mutating func compileInner(_ value: JSON, depth: Int) -> ChoiceCondition? {
        guard case .object(let object) = value else {
            report("Expected value of type Object")
            return nil
        }
        return compileCondition(object, isRule: false, depth: depth + 1)
    }

    // MARK: Comparisons

    private mutating func compileComparison(
        _ name: String, _ kind: ChoiceOperators.Comparison, _ object: JSONObject
    ) -> ChoiceCondition? {
        require(["Variable"], in: object)
        guard let text = string("Variable", in: object),
            let variable = isPlaceholder(text)
                ? Self.anyPath : compileReferencePath(text, named: "Variable", allowsContext: true)
        else { return nil }
        return compileTest(name, kind, object).map { .comparison(ChoiceComparison(variable: variable, test: $0)) }
    }

    private mutating func compileTest(
        _ name: String, _ kind: ChoiceOperators.Comparison, _ object: JSONObject
    ) -> ChoiceTest? {
        switch kind {
        case .boolean(let isPath):
            return operand(name, isPath, object) { $0.boolean(name, in: $1) }.map(ChoiceTest.boolean)
        case .numeric(let order, let isPath):
            let range = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
            return operand(name, isPath, object) { $0.number(name, in: $1, range) }.map { .numeric(order, $0) }
        case .string(let order, let isPath):
            return operand(name, isPath, object) { compiler, object in
                let text = compiler.string(name, in: object)
                if let text { compiler.warnOfPath(text, at: name) }
                return text
            }.map { .string(order, $0) }
        case .timestamp(let order, let isPath):
            return operand(name, isPath, object) { $0.timestamp(name, in: $1) }.map { .timestamp(order, $0) }
        case .stringMatches: return string(name, in: object).map { .stringMatches(StringPattern($0)) }
        case .type(let make): return boolean(name, in: object).map(make)
        }
    }

    private mutating func operand<Value>(
        _ name: String, _ isPath: Bool, _ object: JSONObject,
        _ constant: (inout DefinitionCompiler, JSONObject) -> Value?
    ) -> ChoiceOperand<Value>? {
        guard isPath else { return constant(&self, object).map(ChoiceOperand.constant) }
        return compileFieldPath(name, in: object, allowsContext: true).map { .path($0.path, operator: name) }
    }

    private mutating func timestamp(_ name: String, in object: JSONObject) -> Timestamp? {
        guard let text = string(name, in: object) else { return nil }
        if isPlaceholder(text) { return Timestamp(milliseconds: 0) }
        guard let timestamp = Timestamp(statesLanguage: text) else {
            report("String does not match RFC3339 timestamp", at: name)
            return nil
        }
        return timestamp
    }
}

/// The operators of JSONPath choice rules by their names.
enum ChoiceOperators {
    enum Operator: Sendable {
        case and, or, not
        case comparison(Comparison)
    }

    enum Comparison: Sendable {
        case boolean(isPath: Bool)
        case numeric(ChoiceTest.Order, isPath: Bool)
        case string(ChoiceTest.Order, isPath: Bool)
        case timestamp(ChoiceTest.Order, isPath: Bool)
        case stringMatches
        case type(@Sendable (Bool) -> ChoiceTest)
    }

    static let all = NameTable(byName.map { ($0.key, $0.value) })

    private static let byName: [String: Operator] = {
        var all: [String: Operator] = ["And": .and, "Or": .or, "Not": .not]
        for isPath in [false, true] {
            let suffix = isPath ? "Path" : ""
            all["BooleanEquals" + suffix] = .comparison(.boolean(isPath: isPath))
            for (order, name) in orders {
                all["Numeric" + name + suffix] = .comparison(.numeric(order, isPath: isPath))
                all["String" + name + suffix] = .comparison(.string(order, isPath: isPath))
                all["Timestamp" + name + suffix] = .comparison(.timestamp(order, isPath: isPath))
            }
        }
        all["StringMatches"] = .comparison(.stringMatches)
        all["IsNull"] = .comparison(.type { .isNull($0) })
        all["IsPresent"] = .comparison(.type { .isPresent($0) })
        all["IsNumeric"] = .comparison(.type { .isNumeric($0) })
        all["IsString"] = .comparison(.type { .isString($0) })
        all["IsBoolean"] = .comparison(.type { .isBoolean($0) })
        all["IsTimestamp"] = .comparison(.type { .isTimestamp($0) })
        return all
    }()

    private static let orders: [(ChoiceTest.Order, String)] = [
        (.equal, "Equals"), (.less, "LessThan"), (.greater, "GreaterThan"), (.lessOrEqual, "LessThanEquals"),
        (.greaterOrEqual, "GreaterThanEquals"),
    ]
}
