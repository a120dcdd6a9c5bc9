import Core

/// Pass, Fail and Wait.
extension DefinitionCompiler {
    mutating func compilePass(_ object: JSONObject) -> PassState {
        guard language == .jsonPath else { return PassState(parameters: nil, result: nil, resultPath: .replace) }
        let result = object["Result"]
        if let result { warnOfStaticResult(result) }
        return PassState(
            parameters: compileTemplate("Parameters", in: object), result: result,
            resultPath: compileResultPath(in: object))
    }

    private mutating func warnOfStaticResult(_ result: JSON) {
        var pending = [result]
        while let value = pending.popLast() {
            switch value {
            case .string(let text) where Self.looksDynamic(text):
                report(
                    "The result of a Pass state is static: '\(text)' is not evaluated. Use Parameters instead",
                    at: "Result", code: .passResultIsStatic)
                return
            case .array(let elements): pending += elements
            case .object(let object): pending += object.values
            default: continue
            }
        }
    }

    mutating func compileFail(_ object: JSONObject) -> FailState {
        FailState(error: compileFailText("Error", in: object), cause: compileFailText("Cause", in: object))
    }

    private mutating func compileFailText(_ name: String, in object: JSONObject) -> FieldValue<String>? {
        let which = one(of: [name, name + "Path"], in: object)
        if which == name { return compileString(name, in: object) }
        guard which != nil, language == .jsonPath else { return nil }
        return compilePathOrIntrinsic(name + "Path", in: object)
    }

    mutating func compileWait(_ object: JSONObject) -> WaitState? {
        let names = ["Seconds", "Timestamp", "SecondsPath", "TimestampPath"]
        switch one(of: names, in: object, required: true) {
        case "Seconds":
            return compileInteger("Seconds", in: object, 0...WaitState.maximumSeconds).map(WaitState.seconds)
        case "SecondsPath":
            return compileFieldPath("SecondsPath", in: object, allowsContext: true).map { .seconds(.path($0)) }
        case "TimestampPath":
            return compileFieldPath("TimestampPath", in: object, allowsContext: true).map { .timestamp(.path($0)) }
        case "Timestamp": return compileTimestamp(object).map(WaitState.timestamp)
        default: return nil
        }
    }

    private mutating func compileTimestamp(_ object: JSONObject) -> FieldValue<Timestamp>? {
        if let expression = compileFieldExpression("Timestamp", in: object) {
            return expression.map(FieldValue.jsonata)
        }
        guard let text = string("Timestamp", in: object) else { return nil }
        if isPlaceholder(text) { return .constant(Timestamp(milliseconds: 0)) }
        guard let timestamp = Timestamp(statesLanguage: text) else {
            report("String does not match RFC3339 timestamp", at: "Timestamp")
            return nil
        }
        return .constant(timestamp)
    }
}
