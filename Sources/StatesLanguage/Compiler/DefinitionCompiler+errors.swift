import Core

/// Retry and Catch.
extension DefinitionCompiler {
    mutating func compileRetry(in object: JSONObject) -> [Retrier] {
        guard let values = array("Retry", in: object) else { return [] }
        return within(.member("Retry")) { compiler in
            values.enumerated().compactMap { index, value in
                compiler.within(.index(index)) { $0.compileRetrier(value, isLast: index == values.count - 1) }
            }
        }
    }

    private mutating func compileRetrier(_ value: JSON, isLast: Bool) -> Retrier? {
        guard case .object(let object) = value else {
            report("Expected value of type Object")
            return nil
        }
        checkFields(of: object, allowed: .retrier)
        let errors = compileErrors(in: object, isLast: isLast)
        let limit = WaitState.maximumSeconds
        let interval = integer("IntervalSeconds", in: object, 1...limit)
        let attempts = integer("MaxAttempts", in: object, 0...limit)
        let rate = number("BackoffRate", in: object, 1...Double.greatestFiniteMagnitude)
        let delay = integer("MaxDelaySeconds", in: object, 1...31_622_400)
        let jitter: Retrier.JitterStrategy? = choice("JitterStrategy", in: object)
        return Retrier(
            errors: errors, intervalSeconds: interval ?? 1, maxAttempts: attempts ?? 3, backoffRate: rate ?? 2,
            maxDelaySeconds: delay, jitterStrategy: jitter ?? .none)
    }

    mutating func compileCatch(in object: JSONObject, _ transitions: inout TransitionTable) -> [Catcher] {
        guard let values = array("Catch", in: object) else { return [] }
        var catchers: [Catcher] = []
        for (index, value) in values.enumerated() {
            let place = path + [.member("Catch"), .index(index), .member("Next")]
            let next = value["Next"]?.stringValue.flatMap { transitions.resolve($0, at: place) }
            let catcher = withinField(.member("Catch")) { compiler in
                compiler.withinField(.index(index)) {
                    $0.compileCatcher(value, next: next ?? 0, isLast: index == values.count - 1)
                }
            }
            if let catcher { catchers.append(catcher) }
        }
        return catchers
    }

    private mutating func compileCatcher(_ value: JSON, next: StateGraph.Index, isLast: Bool) -> Catcher? {
        guard case .object(let object) = value else {
            report("Expected value of type Object")
            return nil
        }
        checkFields(of: object, allowed: .catcher)
        require(["Next"], in: object)
        _ = string("Next", in: object)
        return Catcher(
            errors: compileErrors(in: object, isLast: isLast), next: next, resultPath: compileResultPath(in: object),
            output: language == .jsonata ? compileTemplate("Output", in: object) : nil,
            assign: compileAssign(in: object) ?? [], queryLanguage: language)
    }

    private mutating func compileErrors(in object: JSONObject, isLast: Bool) -> ErrorPattern {
        require(["ErrorEquals"], in: object)
        guard let values = array("ErrorEquals", in: object) else { return ErrorPattern([]) }
        if values.isEmpty { report("Value cannot be empty", at: "ErrorEquals") }
        let names = values.compactMap(\.stringValue)
        if names.count < values.count { report("Expected value of type String", at: "ErrorEquals") }
        if names.contains(ErrorName.all), names.count > 1 || !isLast {
            report("'States.ALL' must be the only error name, and stand last", at: "ErrorEquals")
        }
        return ErrorPattern(names)
    }
}
