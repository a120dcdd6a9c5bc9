import Core
import StatesLanguage
import Testing

@Suite struct JSONPathTests {
    @Test(arguments: CaseFile.cases("jsonpath")) func selects(_ example: JSON) throws {
        let path = try JSONPath(parsing: example.text(of: "path"))
        let document = try #require(example["document"])
        do throws(PathFailure) {
            let value = try path.value(in: document)
            #expect(value == example["value"], "\(path)")
        } catch {
            #expect(error.reason == example["failure"]?.stringValue, "\(path)")
        }
    }

    @Test(arguments: CaseFile.cases("jsonpath-syntax")) func refuses(_ example: JSON) {
        let error = #expect(throws: PathSyntaxError.self) { try JSONPath(parsing: example.text(of: "path")) }
        #expect(error?.reason == example.text(of: "reason"))
        #expect(error.map { JSON($0.offset) } == example["offset"])
    }

    @Test func knowsItsRoot() throws {
        #expect(try JSONPath(parsing: "$").root == .input)
        #expect(try JSONPath(parsing: "$$.Execution.Id").root == .context)
        #expect(try JSONPath(parsing: "$name[0]").root == .variable("name"))
        #expect(try JSONPath(parsing: "$.a[0]['b']").isDefinite)
        #expect(try !JSONPath(parsing: "$.a[*]").isDefinite)
    }

    @Test func boundsStepsAndNesting() {
        #expect(throws: PathSyntaxError.self) { try JSONPath(parsing: "$" + String(repeating: ".a", count: 600)) }
        let nested = "$[?(" + String(repeating: "(", count: 10_000) + "@.a"
        #expect(throws: PathSyntaxError.self) { try JSONPath(parsing: nested) }
        let negated = "$[?(" + String(repeating: "!", count: 10_000) + "@.a)]"
        #expect(throws: PathSyntaxError.self) { try JSONPath(parsing: negated) }
    }

    @Test func boundsResults() throws {
        // Every step multiplies the values that are found.
        var wide = JSON.array(Array(repeating: 1, count: 40))
        for _ in 0..<3 { wide = .array(Array(repeating: wide, count: 40)) }
        let path = try JSONPath(parsing: "$..*..*..*")
        #expect(throws: PathFailure.self) { try path.value(in: wide) }
    }

    @Test func insertsWhatItThenSelects() throws {
        var random = SeededRandom(seed: 11)
        for _ in 0..<300 {
            let text =
                "$"
                + (0..<Int.random(in: 1...6, using: &random)).map { _ in
                    Bool.random(using: &random)
                        ? ".m\(Int.random(in: 0...3, using: &random))"
                        : "['m \(Int.random(in: 0...3, using: &random))']"
                }.joined()
            let path = try JSONPath(parsing: text)
            let value = JSON.int(Int64.random(in: 0...9, using: &random))
            let machine = try StateMachineDefinition(
                compiling: #"{"StartAt":"A","States":{"A":{"Type":"Pass","ResultPath":"\#(text)","End":true}}}"#)
            guard case .pass(let pass) = machine.graph[0].kind else { return }
            let result = try pass.resultPath.apply(value, to: ["other": true])
            #expect(try path.value(in: result) == value)
            #expect(result["other"] == true)
        }
    }
}
