import Core
import StatesLanguage
import Testing

@testable import Workflows

/// What no state changes keeps the spelling of whoever wrote it.
@Suite struct PayloadTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let states: JSON
        let input: String
        let output: String
    }

    static let pass: JSON = ["Type": "Pass", "End": true]

    static let cases: [Case] = [
        Case(testDescription: "handed on", states: ["A": pass], input: "[1,  2]", output: "[1,  2]"),
        Case(
            testDescription: "through choices and waits",
            states: [
                "A": ["Type": "Choice", "Choices": [], "Default": "W"],
                "W": ["Type": "Wait", "Seconds": 5, "Next": "S"], "S": ["Type": "Succeed"],
            ], input: "{ \"a\" : 1.50 }", output: "{ \"a\" : 1.50 }"),
        Case(
            testDescription: "gathered from branches",
            states: [
                "A": [
                    "Type": "Parallel",
                    "Branches": [
                        ["StartAt": "B", "States": ["B": pass]],
                        ["StartAt": "C", "States": ["C": ["Type": "Pass", "Result": [1, 2], "End": true]]],
                    ], "End": true,
                ]
            ], input: "[1, 2]", output: "[[1, 2],[1,2]]"),
        Case(
            testDescription: "written anew when changed",
            states: ["A": ["Type": "Pass", "InputPath": "$.a", "End": true]],
            input: "{\"a\": [1, 2]}", output: "[1,2]"),
        Case(
            testDescription: "items are values of their own",
            states: [
                "A": [
                    "Type": "Map", "ItemProcessor": ["StartAt": "B", "States": ["B": pass]], "End": true,
                ]
            ], input: "[[1, 2]]", output: "[[1,2]]"),
        Case(
            testDescription: "JSONata without Output",
            states: ["A": ["Type": "Pass", "QueryLanguage": "JSONata", "End": true]],
            input: "[ ]", output: "[ ]"),
    ]

    @Test(arguments: cases) func spelling(_ each: Case) throws {
        let definition: JSON = ["StartAt": "A", "States": each.states]
        let text = definition.text().replacing(
            "\"Choices\":[]", with: #""Choices":[{"Variable":"$.no","IsPresent":true,"Next":"S"}]"#)
        let machine = WorkflowMachine(try StateMachineDefinition(compiling: text))
        var driver = try MachineDriver(machine, input: each.input)
        driver.run()
        #expect(driver.state.result?.output?.text == each.output)
        #expect(driver.events.last?.details == .output(each.output))
        guard case .stateEntered(_, let entered) = driver.events[1].details else {
            Issue.record("the first state was not entered")
            return
        }
        #expect(entered == each.input)
        // The journal keeps it too.
        #expect(try HistoryEvent.decode(HistoryEvent.encode(driver.events)) == driver.events)
    }

    @Test func waitsHandOnWhatTheInputPathSelects() throws {
        let machine = WorkflowMachine(
            try StateMachineDefinition(
                compiling: #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":5,"InputPath":"$.a","End":true}}}"#))
        var driver = try MachineDriver(machine, input: #"{"a":1,"b":2}"#)
        driver.run()
        #expect(driver.state.result?.output?.json == 1)
    }
}
