import Core
import JSONata
import Testing

/// The dialect of AWS Step Functions.
@Suite struct StepFunctionsTests {
    struct Case: Sendable {
        let source: String
        let result: JSON
    }

    static let cases: [Case] = [
        Case(source: "$partition([1, 2, 3, 4, 5], 2)", result: [[1, 2], [3, 4], [5]]),
        Case(source: "$partition([1], 4)", result: [[1]]),
        Case(source: "$partition([], 4)", result: []),
        Case(source: "$range(0, 10, 3)", result: [0, 3, 6, 9]),
        Case(source: "$range(5, 1, -2)", result: [5, 3, 1]),
        Case(source: "$range(1, 9, 9)", result: 1),
        Case(source: "$range(1, 0, 1)", result: []),
        Case(source: "$range(0, 1, 0.25)", result: [0, 0.25, 0.5, 0.75, 1]),
        Case(source: "$hash('input data', 'MD5')", result: "812f45842bc6d66ee14572ce20db8e86"),
        Case(source: "$hash('input data', 'SHA-1')", result: "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        Case(source: "$parse('{\"a\": [1, null]}')", result: ["a": [1, nil]]),
        Case(source: "$parse('true')", result: true),
        Case(source: "$random(7) = $random(7)", result: true),
        Case(source: "$random() != $random()", result: true),
        Case(source: "$random() < 1 and $random() >= 0", result: true),
        Case(
            source: "$contains($uuid(), /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)",
            result: true),
        Case(source: "$states.input.total + 1", result: 42),
        Case(source: "$limit", result: 5),
    ]

    private static let bindings: [String: JSON] = ["states": ["input": ["total": 41]], "limit": 5]

    @Test(arguments: cases) func functionsAndVariables(_ each: Case) throws {
        let expression = try JSONataExpression(each.source, dialect: .stepFunctions)
        #expect(try expression.evaluate(nil, bindings: Self.bindings, environment: .fixed) == .value(each.result))
    }

    struct Refusal: Sendable {
        let source: String
        let code: String
    }

    static let refusals: [Refusal] = [
        Refusal(source: "$eval('1')", code: "T1006"),
        Refusal(source: "$randomSeeded(3)", code: "T1006"),
        Refusal(source: "$hash('a', 'CRC32')", code: "U1002"),
        Refusal(source: "$parse('{')", code: "U1002"),
        Refusal(source: "$partition([1], 0)", code: "U1002"),
        Refusal(source: "$range(1, 2, 0)", code: "U1002"),
        Refusal(source: "$range(1, 1e9, 1)", code: "D2014"),
        Refusal(source: "$hash(1, 'MD5')", code: "T0410"),
    ]

    @Test(arguments: refusals) func whatIsRefused(_ each: Refusal) throws {
        let expression = try JSONataExpression(each.source, dialect: .stepFunctions)
        let error = #expect(throws: JSONataError.self) { try expression.evaluate(nil, environment: .fixed) }
        #expect(error?.code == each.code, "\(error?.description ?? "")")
    }

    @Test func theStandardLanguageLacksTheAdditions() throws {
        for name in ["partition", "range", "hash", "uuid", "parse"] {
            #expect(try JSONataExpression("$exists($\(name))").evaluate(nil, environment: .fixed) == .value(false))
        }
    }

    @Test func theSameSeedGivesTheSameRandomness() throws {
        let expression = try JSONataExpression("[$uuid(), $random(), $shuffle([1..20])]", dialect: .stepFunctions)
        let other = JSONataEnvironment(now: Timestamp(milliseconds: 0), seed: 43)
        let first = try expression.evaluate(nil, environment: .fixed)
        #expect(try expression.evaluate(nil, environment: .fixed) == first)
        #expect(try expression.evaluate(nil, environment: other) != first)
    }

    @Test func functionsAreNoResults() throws {
        for source in ["$sum", "function($x) { $x }", "/a/", "[1, $sum]", "{'f': function() { 1 }}", "/a/('a')"] {
            #expect(try JSONataExpression(source).evaluate(nil, environment: .fixed) == .function, "\(source)")
        }
        #expect(try JSONataExpression("{'f': $sum}.f([1, 2])").evaluate(nil, environment: .fixed) == .value(3))
    }
}
