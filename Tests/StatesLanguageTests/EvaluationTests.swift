import Core
import StatesLanguage
import Testing

@Suite struct EvaluationTests {
    @Test(arguments: CaseFile.cases("choices")) func chooses(_ example: JSON) throws {
        var rule = try #require(example["rule"])
        rule["Next"] = "Yes"
        let machine = try machine([
            "C": ["Type": "Choice", "Choices": [rule], "Default": "No"], "Yes": ["Type": "Succeed"],
            "No": ["Type": "Succeed"],
        ])
        guard case .choice(let choice) = machine.graph[0].kind else { return }
        var scope = EvaluationScope.ofCase(example["input"] ?? .null)
        var expectation = example
        expectation["value"] = example["matches"]
        check(expectation, rule.text()) {
            if case .rule = try scope.choose(choice) { .bool(true) } else { .bool(false) }
        }
    }

    @Test func failsWhenNoRuleMatches() throws {
        let machine = try machine([
            "C": ["Type": "Choice", "Choices": [["Variable": "$.a", "IsPresent": true, "Next": "E"]]],
            "E": ["Type": "Succeed"],
        ])
        guard case .choice(let choice) = machine.graph[0].kind else { return }
        var scope = EvaluationScope.ofCase([:])
        let failure = #expect(throws: EvaluationFailure.self) { try scope.choose(choice) }
        #expect(failure?.error == "States.NoChoiceMatched")
    }

    @Test(arguments: CaseFile.cases("templates")) func fillsTemplates(_ example: JSON) throws {
        let template = try #require(example["template"])
        let machine = try machine(["P": ["Type": "Pass", "Parameters": template, "End": true]])
        guard case .pass(let pass) = machine.graph[0].kind, let parameters = pass.parameters else { return }
        var scope = EvaluationScope.ofCase(example["input"] ?? .null)
        check(example, template.text()) { try scope.evaluate(parameters) }
    }

    @Test(arguments: CaseFile.cases("result-paths")) func appliesResultPaths(_ example: JSON) throws {
        let path = try #require(example["path"])
        let machine = try machine(["P": ["Type": "Pass", "ResultPath": path, "End": true]])
        guard case .pass(let pass) = machine.graph[0].kind else { return }
        check(example, path.text()) {
            try pass.resultPath.apply(example["result"] ?? .null, to: example["input"] ?? .null)
        }
    }

    @Test(arguments: CaseFile.cases("waits")) func waits(_ example: JSON) throws {
        var state = try #require(example["wait"])
        state["Type"] = "Wait"
        state["End"] = true
        let machine = try machine(["W": state])
        guard case .wait(let wait) = machine.graph[0].kind else { return }
        var scope = EvaluationScope.ofCase(example["input"] ?? .null)
        var expectation = example
        expectation["value"] = example["milliseconds"]
        check(expectation, state.text()) { .int(try scope.deadline(of: wait).milliseconds) }
    }

    @Test func filtersInputAndOutput() throws {
        let machine = try machine(["P": ["Type": "Pass", "InputPath": nil, "OutputPath": "$.a", "End": true]])
        let state = machine.graph[0]
        let scope = EvaluationScope.ofCase(["a": [1]])
        #expect(try scope.filter(state.inputPath) == [:])
        #expect(try scope.filter(state.outputPath) == [1])
        let failure = #expect(throws: EvaluationFailure.self) {
            try EvaluationScope.ofCase(["b": 1]).filter(state.outputPath)
        }
        #expect(
            failure?.cause(state: "P", eventID: 2)
                == "An error occurred while executing the state 'P' (entered at the event id #2). "
                + "Invalid path '$.a' : No results for path: $['a']")
    }

    @Test func readsNumbersFromPaths() throws {
        let machine = try machine([
            "M": [
                "Type": "Map", "MaxConcurrencyPath": "$.n", "ToleratedFailureCountPath": "$.n",
                "ToleratedFailurePercentagePath": "$.n",
                "ItemProcessor": ["StartAt": "P", "States": ["P": ["Type": "Succeed"]]], "End": true,
            ]
        ])
        guard case .map(let map) = machine.graph[0].kind, let count = map.toleratedFailureCount,
            let concurrency = map.maxConcurrency, let percentage = map.toleratedFailurePercentage
        else { return }
        var scope = EvaluationScope.ofCase(["n": 5])
        #expect(try scope.integer(concurrency, named: "MaxConcurrency") == 5)
        #expect(try scope.count(count, named: "ToleratedFailureCount") == 5)
        #expect(try scope.percentage(percentage, named: "ToleratedFailurePercentage") == 5)
        let wrong: [(JSON, String, String, String)] = [
            (
                [:], "The MaxConcurrencyPath field refers to value \"{}\" which is not a valid integer: $.n",
                "The ToleratedFailureCountPath field refers to value \"{}\" which is not a valid integer: $.n",
                "The ToleratedFailurePercentagePath field refers to value \"{}\" which is not a valid float: $.n"
            ),
            (
                "NoNumber",
                "The MaxConcurrencyPath field refers to value \"NoNumber\" which is not a valid integer: $.n",
                "The ToleratedFailureCountPath field refers to value \"NoNumber\" which is not a valid integer: $.n",
                "The ToleratedFailurePercentagePath field refers to value \"NoNumber\" which is not a valid float: $.n"
            ),
            (
                -1, "MaxConcurrency cannot be negative.", "ToleratedFailureCount cannot be negative.",
                "ToleratedFailurePercentage must be between 0 and 100."
            ),
        ]
        for (value, first, second, third) in wrong {
            var scope = EvaluationScope.ofCase(["n": value])
            let failures = [
                #expect(throws: EvaluationFailure.self) { try scope.count(concurrency, named: "MaxConcurrency") },
                #expect(throws: EvaluationFailure.self) { try scope.count(count, named: "ToleratedFailureCount") },
                #expect(throws: EvaluationFailure.self) {
                    try scope.percentage(percentage, named: "ToleratedFailurePercentage")
                },
            ]
            #expect(failures.map { $0?.reason } == [first, second, third])
            #expect(failures.allSatisfy { $0?.error == "States.Runtime" })
        }
    }

    @Test func takesMapItemsFromArraysOnly() throws {
        let machine = try machine([
            "M": [
                "Type": "Map", "ItemsPath": "$.items",
                "ItemProcessor": ["StartAt": "P", "States": ["P": ["Type": "Succeed"]]], "End": true,
            ]
        ])
        guard case .map(let map) = machine.graph[0].kind else { return }
        var scope = EvaluationScope.ofCase(["items": [1, 2]])
        #expect(try scope.items(of: map)?.map(\.value) == [1, 2])
        scope.input = ["items": ["a": 1]]
        var failure = #expect(throws: EvaluationFailure.self) { try scope.items(of: map) }
        #expect(failure?.reason == "Reference path \"$.items\" must point to array.")
        let context = try StateMachineDefinition(
            compiling: """
                {"StartAt":"M","States":{"M":{"Type":"Map","ItemsPath":"$$.StateMachine","End":true,"ItemProcessor":\
                {"StartAt":"P","States":{"P":{"Type":"Succeed"}}}}}}
                """)
        guard case .map(let map) = context.graph[0].kind else { return }
        failure = #expect(throws: EvaluationFailure.self) { try scope.items(of: map) }
        #expect(failure?.reason == "Reference path \"$.StateMachine\" must point to array.")
    }

    @Test func matchesErrorNames() {
        #expect(ErrorPattern(["States.ALL"]).matches("Anything", fromTask: false))
        #expect(ErrorPattern(["States.ALL"]).matches("States.DataLimitExceeded", fromTask: true))
        #expect(ErrorPattern(["States.DataLimitExceeded"]).matches("States.DataLimitExceeded", fromTask: true))
        #expect(ErrorPattern(["States.TaskFailed"]).matches("Custom", fromTask: true))
        #expect(!ErrorPattern(["States.TaskFailed"]).matches("States.Timeout", fromTask: true))
        #expect(!ErrorPattern(["Custom"]).matches("Other", fromTask: true))
    }

    @Test func measuresPayloads() {
        let values: [JSON] = [
            [:], [], nil, true, false, 0, -12, 3.25, "a\"\\\n\u{1}é世", ["k\"": [1, "x", [:]], "l": [nil, -1.5]],
        ]
        for value in values {
            let size = value.bytes().count
            #expect(PayloadMeasure.fits(value, bytes: size), "\(value)")
            #expect(!PayloadMeasure.fits(value, bytes: size - 1), "\(value)")
        }
        var deep = JSON.null
        for _ in 0..<1001 { deep = [deep] }
        #expect(!PayloadMeasure.fits(deep))
    }
}

/// A machine of these states that starts with the first.
func machine(_ states: JSONObject) throws -> StateMachineDefinition {
    let document: JSON = ["StartAt": .string(states.first?.key ?? ""), "States": .object(states)]
    return try StateMachineDefinition(compiling: document.text())
}
