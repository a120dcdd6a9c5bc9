import Core
import StatesLanguage
import Testing

@Suite struct JSONataTests {
    @Test(arguments: CaseFile.cases("jsonata")) func evaluates(_ example: JSON) throws {
        let output = try #require(example["output"])
        let state = try jsonataState(["Type": "Pass", "Output": output, "End": true])
        let template = try #require(state.output)
        var scope = EvaluationScope.ofCase(example["input"] ?? .null)
        check(example, output.text()) {
            do throws(EvaluationFailure) {
                return try scope.evaluate(template)
            } catch {
                #expect(error.location == example["location"]?.stringValue)
                throw error
            }
        }
    }

    @Test(arguments: [
        ("1", "Expected 'array', but was 'number' for value: 1"),
        ("'string'", "Expected 'array', but was 'string' for value: \"string\""),
        ("true", "Expected 'array', but was 'boolean' for value: true"),
        ("{'foo': 'bar'}", "Expected 'array', but was 'object' for value: {\"foo\":\"bar\"}"),
        ("null", "Expected 'array', but was 'null' for value: null"),
    ]) func checksTheTypeOfItems(_ source: String, _ expected: String) throws {
        let state = try jsonataState([
            "Type": "Map", "Items": .string("{% \(source) %}"), "End": true,
            "ItemProcessor": ["StartAt": "P", "States": ["P": ["Type": "Succeed"]]],
        ])
        guard case .map(let map) = state.kind else { return }
        var scope = EvaluationScope.ofCase([:])
        let failure = #expect(throws: EvaluationFailure.self) { try scope.items(of: map) }
        #expect(
            failure?.reason == "The JSONata expression '\(source)' specified for the field 'Items' returned an "
                + "unexpected result type. \(expected)")
        #expect(failure?.location == "Items" && failure?.error == "States.QueryEvaluationError")
    }

    @Test func takesTheInputOfAMapAsItsItems() throws {
        let state = try jsonataState([
            "Type": "Map", "End": true, "ItemProcessor": ["StartAt": "P", "States": ["P": ["Type": "Succeed"]]],
        ])
        guard case .map(let map) = state.kind else { return }
        var scope = EvaluationScope.ofCase([1, 2])
        #expect(try scope.items(of: map)?.map(\.value) == [1, 2])
        scope.input = ["foo": "bar"]
        let failure = #expect(throws: EvaluationFailure.self) { try scope.items(of: map) }
        #expect(failure?.reason == "Map state input must be an array but was: {\"foo\":\"bar\"}")
    }

    @Test func choosesByCondition() throws {
        let state = try jsonataState([
            "Type": "Choice", "Default": "E",
            "Choices": [["Condition": false, "Next": "E"], ["Condition": "{% $states.input.a > 1 %}", "Next": "E"]],
        ])
        guard case .choice(let choice) = state.kind else { return }
        var scope = EvaluationScope.ofCase(["a": 2])
        guard case .rule(1) = try scope.choose(choice) else {
            Issue.record("the second rule should match")
            return
        }
        let wrong = try jsonataState([
            "Type": "Choice", "Default": "E", "Choices": [["Condition": "{% 1 %}", "Next": "E"]],
        ])
        guard case .choice(let choice) = wrong.kind else { return }
        let failure = #expect(throws: EvaluationFailure.self) { try scope.choose(choice) }
        #expect(failure?.location == "Choices[0]/Condition")
        #expect(failure?.reason.contains("Expected 'boolean', but was 'number' for value: 1") == true)
    }

    @Test func readsTimestamps() throws {
        for (text, isGood) in [("2016-12-05T21:29:29Z", true), ("2016-12-05 21:29:29Z", false)] {
            let state = try jsonataState(["Type": "Wait", "Timestamp": "{% $states.input.t %}", "Next": "E"])
            guard case .wait(let wait) = state.kind else { return }
            var scope = EvaluationScope.ofCase(["t": .string(text)])
            scope.now = Timestamp(seconds: 1_480_000_000)
            if isGood {
                #expect(try scope.deadline(of: wait) == Timestamp(rfc3339: text))
            } else {
                let failure = #expect(throws: EvaluationFailure.self) { try scope.deadline(of: wait) }
                #expect(
                    failure?.reason == "The Timestamp field cannot be parsed as an ISO-8601 extended offset "
                        + "date-time format string: \(text)")
                #expect(failure?.location == "Timestamp")
            }
        }
    }

    @Test(arguments: [
        (
            "phone",
            "UNSUPPORTED_JSONATA_EXPRESSION: Reference to 'phone' at the top level is not supported. at /States/S/Output/v"
        ),
        (
            "$",
            "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$' at the top level is not supported. at /States/S/Output/v"
        ),
        ("$$.a", "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$$' is not supported. at /States/S/Output/v"),
        (
            "$states.errorOutput",
            "UNSUPPORTED_JSONATA_EXPRESSION: Reference to '$states.errorOutput' is not supported. at /States/S/Output/v"
        ),
        ("1 +", "INVALID_JSONATA_EXPRESSION: Unexpected end of expression at /States/S/Output/v"),
        ("a[1,2)", "INVALID_JSONATA_EXPRESSION: Expected \"]\", got \",\" at /States/S/Output/v"),
    ]) func refusesExpressions(_ source: String, _ finding: String) {
        let compilation = StateMachineDefinition.compile([
            "QueryLanguage": "JSONata", "StartAt": "S",
            "States": ["S": ["Type": "Pass", "Output": ["v": .string("{% \(source) %}")], "End": true]],
        ])
        #expect(compilation.diagnostics.map(\.summary) == [finding])
    }

    @Test func listsVariables() throws {
        let machine = try StateMachineDefinition(
            compiling: """
                {"QueryLanguage":"JSONata","StartAt":"S","States":{"S":{"Type":"Pass",\
                "Output":"{% ($local := $b; $map($a, function($x) { $x + $local + $states.input.n })) %}","End":true}}}
                """)
        #expect(machine.variableReferences().map(\.variables) == [["a", "b"]])
    }
}

/// A state of a JSONata machine, with a second one to lead to.
private func jsonataState(_ state: JSON) throws -> State {
    let document: JSON = [
        "QueryLanguage": "JSONata", "StartAt": "S", "States": ["S": state, "E": ["Type": "Succeed"]],
    ]
    // The second state need not be reachable here.
    let compilation = StateMachineDefinition.compileForTest(document)
    return try #require(compilation.definition, "\(compilation.diagnostics.map(\.summary))").graph[0]
}
