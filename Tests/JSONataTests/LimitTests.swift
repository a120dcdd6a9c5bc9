import Core
import JSONata
import Testing

/// No expression hangs or exhausts the host.
@Suite struct LimitTests {
    private static let limits = JSONataLimits(steps: 200_000, depth: 300, sequenceLength: 50_000, stringLength: 100_000)

    struct Greed: Sendable {
        let source: String
        let code: String
    }

    static let greedy: [Greed] = [
        Greed(source: "($f := function() { $f() }; $f())", code: "D1012"),
        Greed(source: "($f := function() { 1 + $f() }; $f())", code: "D1011"),
        Greed(source: "($f := function($x) { $map([1], function() { $f($x) }) }; $f(1))", code: "D1011"),
        Greed(source: "($f := function($x) { [1, 2] ^ (function() { $f($x) }()) }; $f(1))", code: "D1011"),
        Greed(source: "($f := function($x) { $x ~> |$|{'a': $f($)}| }; $f({}))", code: "D1011"),
        Greed(source: "($f := function($x) { $x.$f($) }; $f({}))", code: "D1011"),
        Greed(source: "($f := function($x) { $sort([1, 2], function() { $f($x) }) }; $f({}))", code: "D1011"),
        Greed(source: "($f := function($x) { $replace('a', /a/, $f) }; $f({}))", code: "D1011"),
        Greed(source: "($f := function($x) { $x ~> $f }; $f({}))", code: "D1011"),
        Greed(source: "($f := $string; $g := function($x) { $each({'a': 1}, $g) }; $g({}))", code: "D1011"),
        Greed(source: "($f := function($s) { $f($s & $s) }; $f('ab'))", code: "D2015"),
        Greed(source: "($f := function($a) { $f($append($a, $a)) }; $f([1]))", code: "D2015"),
        Greed(source: "[1..60000]", code: "D2015"),
        Greed(source: "[1..10000001]", code: "D2014"),
        Greed(source: "[1..40000].[1..40000]", code: "D1012"),
        Greed(source: "$pad('', 1000000000)", code: "D2015"),
        Greed(source: "$pad('', -1e300)", code: "D2015"),
        Greed(source: "$join([1..9000].$string($), '0123456789012')", code: "D2015"),
        Greed(source: "$formatInteger(1e15, 'I')", code: "D1001"),
        Greed(source: "$replace($pad('', 90000, 'a'), 'a', 'bb')", code: "D2015"),
        Greed(source: "$contains($pad('', 5000, 'a'), /(a*)*b/)", code: "D1012"),
        Greed(source: "$eval('$eval(\"$eval($x)\")')", code: "D1011"),
        Greed(source: "($f := function($x) { $f([[$x]]) }; $f(1))", code: "D2015"),
        Greed(source: "($f := function($x) { $f({'a': $x}) }; $f(1))", code: "D2015"),
        Greed(source: "($f := function($g) { $f(function() { $g }) }; $f(1))", code: "D1011"),
        Greed(source: "($f := function($g) { $f(function() { $g() } ~> $string) }; $f($sum))", code: "D1011"),
        Greed(source: "$reduce([1..40000], function($a, $b) { [[$a]] })", code: "D2015"),
    ]

    @Test(arguments: greedy) func whatAsksForTooMuchIsEnded(_ greed: Greed) throws {
        let expression = try JSONataExpression(greed.source)
        let environment = JSONataEnvironment(now: Timestamp(milliseconds: 0), seed: 1, limits: Self.limits)
        let bindings: [String: JSON] = greed.source.contains("$eval") ? ["x": "$eval($x)"] : [:]
        let error = #expect(throws: JSONataError.self) {
            try expression.evaluate(nil, bindings: bindings, environment: environment)
        }
        #expect(error?.code == greed.code, "\(error?.description ?? "no error")")
        #expect(!(error?.message.isEmpty ?? true))
    }

    @Test(arguments: [
        String(repeating: "(", count: 100_000), String(repeating: "[", count: 100_000),
        String(repeating: "-", count: 100_000) + "1", String(repeating: "a.", count: 20_000) + "a",
        String(repeating: "1+", count: 20_000) + "1", String(repeating: "a[", count: 50_000),
        String(repeating: "{'a':", count: 50_000), String(repeating: "function(){", count: 50_000),
        String(repeating: "x", count: 2_000_000), "/" + String(repeating: "(", count: 50_000) + "/",
        "/" + String(repeating: "(a", count: 500) + String(repeating: ")", count: 500) + "/",
        "/((((a{1000}){1000}){1000}){1000})/",
    ])
    func expressionsThatAreTooLargeAreRefused(_ source: String) {
        let error = #expect(throws: JSONataError.self) { try JSONataExpression(source) }
        #expect(error.map { "SU".contains($0.code.prefix(1)) } ?? false)
    }

    @Test func largeSoundExpressionsAreFine() throws {
        let chain = try JSONataExpression(Array(repeating: "'a'", count: 1500).joined(separator: " & "))
        #expect(try chain.evaluate(nil, environment: .fixed) == .value(.string(String(repeating: "a", count: 1500))))
        let nested = String(repeating: "(", count: 400) + "1" + String(repeating: ")", count: 400)
        #expect(try JSONataExpression(nested).evaluate(nil, environment: .fixed) == .value(1))
        let deep = try JSON(parsing: String(repeating: "[", count: 900) + String(repeating: "]", count: 900))
        #expect(try JSONataExpression("$string($) & $string($ = $)").evaluate(deep, environment: .fixed).json != nil)
        #expect(try JSONataExpression("$count(**)").evaluate(deep, environment: .fixed) == .value(0))
    }
}
