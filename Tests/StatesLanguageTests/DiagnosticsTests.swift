import Core
import StatesLanguage
import Testing

@Suite struct DiagnosticsTests {
    @Test(arguments: CaseFile.cases("diagnostics")) func reports(_ example: JSON) {
        let text = example["text"]?.stringValue ?? example["definition"]?.text() ?? ""
        let type = StateMachineType(rawValue: example["type"]?.stringValue ?? "STANDARD") ?? .standard
        let compilation = StateMachineDefinition.compile(text, type: type)
        let findings = compilation.diagnostics.map { JSON.string($0.summary) }
        #expect(.array(findings) == example["findings"], "\(example.text(of: "name"))")
        #expect(compilation.isValid == (example["isValid"]?.boolValue ?? false), "\(example.text(of: "name"))")
    }

    @Test(arguments: CaseFile.cases("json-syntax")) func speaksLikeTheParserOfTheService(_ example: JSON) {
        let report = JSONSyntaxReport(example.text(of: "text"))
        #expect(report?.message == example["message"]?.stringValue)
        if let source = example["source"]?.stringValue { #expect(report?.source == source) }
    }

    @Test func truncatesLongSources() {
        let report = JSONSyntaxReport("[" + String(repeating: "1,", count: 400) + "x]")
        #expect(report?.source.contains("[truncated 303 chars]") == true)
    }

    @Test func joinsErrorsIntoOneMessage() {
        let error = #expect(throws: InvalidDefinition.self) {
            try StateMachineDefinition(
                compiling: """
                    {"StartAt":"pass1","States":{"pass1":{"Type":"Pass","Next":"pass3"},"pass2":{"Type":"Pass","End":true}}}
                    """)
        }
        #expect(
            error?.message == "Invalid State Machine Definition: 'MISSING_TRANSITION_TARGET: Missing 'Next' target: "
                + "pass3 at /States/pass1/Next, MISSING_TRANSITION_TARGET: State \"pass2\" is not reachable. at "
                + "/States/pass2'")
    }

    @Test func writesPointersTwoWays() {
        let path = DefinitionPath([.member("States"), .member("a/b~c"), .member("Choices"), .index(0), .member("Next")])
        #expect(path.awsLocation == "/States/a/b~c/Choices[0]/Next")
        #expect(path.jsonPointer == "/States/a~1b~0c/Choices/0/Next")
        #expect(DefinitionPath().awsLocation == "/")
    }

    @Test func findsLinesAndColumns() {
        let source = """
            {
              "StartAt": "A",
              "States": {
                "A": {"Type": "Choice", "Choices": [
                  {"é": [1, "x\\"]"], "Next": "B"}
                ]}
              }
            }
            """
        let map = JSONSourceMap(source)
        let choices: [DefinitionPath.Step] = [.member("States"), .member("A"), .member("Choices")]
        #expect(map.position(of: DefinitionPath()) == .init(line: 1, column: 1))
        #expect(map.position(of: DefinitionPath([.member("StartAt")])) == .init(line: 2, column: 3))
        #expect(map.position(of: DefinitionPath(choices)) == .init(line: 4, column: 29))
        #expect(
            map.position(of: DefinitionPath(choices + [.index(0), .member("Next")])) == .init(line: 5, column: 26))
        // A member that is missing is reported where it should be.
        #expect(
            map.position(of: DefinitionPath(choices + [.index(0), .member("Nope")])) == .init(line: 5, column: 7))
        #expect(JSONSourceMap("").position(of: DefinitionPath()) == nil)
    }

    @Test func checksNamesOfMachines() {
        #expect(StateMachineName.diagnostics(for: "good-Name_1.x").isEmpty)
        #expect(StateMachineName.diagnostics(for: "").map(\.code) == [.stateMachineNameEmpty])
        #expect(StateMachineName.diagnostics(for: "a b").map(\.code) == [.stateMachineNameInvalid])
        #expect(StateMachineName.diagnostics(for: "a\u{7f}").map(\.code) == [.stateMachineNameInvalid])
        #expect(
            StateMachineName.diagnostics(for: String(repeating: "x", count: 81)).map(\.code)
                == [.stateMachineNameTooLong])
    }

    @Test func boundsNesting() {
        var states: JSON = ["S0": ["Type": "Succeed"]]
        for level in 1...40 {
            states = [
                "S\(level)": [
                    "Type": "Parallel", "End": true, "Branches": [["StartAt": "S\(level - 1)", "States": states]],
                ]
            ]
        }
        let compilation = StateMachineDefinition.compile(["StartAt": "S40", "States": states])
        #expect(compilation.diagnostics.contains { $0.code == .tooDeeplyNested })
        var value: JSON = 1
        for _ in 0..<150 { value = [value] }
        let deep = StateMachineDefinition.compile([
            "StartAt": "P", "States": ["P": ["Type": "Pass", "Parameters": value, "End": true]],
        ])
        #expect(deep.diagnostics.map(\.code) == [.tooDeeplyNested])
    }
}
