import Core
import JSONata
import Testing

/// Errors say what is wrong and where, in the reference's words.
@Suite struct ErrorTests {
    struct Mistake: Sendable {
        let source: String
        let description: String
    }

    static let syntax: [Mistake] = [
        Mistake(source: "", description: "S0207 at 0: Unexpected end of expression"),
        Mistake(source: "1 +", description: "S0207 at 3: Unexpected end of expression"),
        Mistake(source: "(1", description: "S0203 at 2: Expected \")\" before end of expression"),
        Mistake(source: "[1 2]", description: "S0202 at 4: Expected \"]\", got 2"),
        Mistake(source: "a b", description: "S0201 at 3: Syntax error: \"b\""),
        Mistake(source: "'abc", description: "S0101 at 4: String literal must be terminated by a matching quote"),
        Mistake(source: "\"\\y\"", description: "S0103 at 2: Unsupported escape sequence: \\\"y\""),
        Mistake(source: "1e999", description: "S0102 at 0: Number out of range: \"1e999\""),
        Mistake(source: "a /* b", description: "S0106 at 2: Comment has no closing tag"),
        Mistake(
            source: "5 := 1", description: "S0212 at 1: The left side of := must be a variable name (start with $)"),
        Mistake(
            source: "a.5",
            description: "S0213 at 3: The literal value 5 cannot be used as a step within a path expression"),
        Mistake(source: "a ! b", description: "S0204 at 3: Unknown operator: \"!\""),
        Mistake(source: "= 1", description: "S0211 at 1: The symbol \"=\" cannot be used as a unary operator"),
        Mistake(
            source: "%.a",
            description: "S0217 at 2: The object representing the 'parent' cannot be derived from this expression"),
        Mistake(
            source: "function(a){1}",
            description: "S0208 at 10: Parameter 1 of function definition must be a variable name (start with $)"),
        Mistake(source: "/(?<n/", description: "S0302 at 6: No terminating / in regular expression"),
        Mistake(source: "/a**/", description: "S0303 at 5: Invalid regular expression: /a**/: Nothing to repeat"),
    ]

    @Test(arguments: syntax) func syntaxErrorsHavePositionAndReason(_ mistake: Mistake) {
        let error = #expect(throws: JSONataError.self) { try JSONataExpression(mistake.source) }
        #expect(error?.description == mistake.description)
    }

    static let evaluation: [Mistake] = [
        Mistake(
            source: "1 + 'a'", description: "T2002 at 3: The right side of the \"+\" operator must evaluate to a number"
        ),
        Mistake(
            source: "$sum('a')",
            description: "T0412 at 5: Argument 1 of function \"sum\" must be an array of \"numbers\""),
        Mistake(source: "$nothing()", description: "T1006 at 9: Attempted to invoke a non-function"),
        Mistake(
            source: "count(1)", description: "T1005 at 6: Attempted to invoke a non-function. Did you mean $count?"),
        Mistake(source: "$number('x')", description: "D3030 at 8: Unable to cast value to a number: \"x\""),
        Mistake(source: "$error('my words')", description: "D3137 at 7: my words"),
        Mistake(
            source: "($f := function($x) { -$x }; $f('a'))",
            description: "D1002 at 32: Cannot negate a non-numeric value: \"a\""),
    ]

    @Test(arguments: evaluation) func evaluationErrorsHavePositionAndReason(_ mistake: Mistake) throws {
        let expression = try JSONataExpression(mistake.source)
        let error = #expect(throws: JSONataError.self) { try expression.evaluate(nil, environment: .fixed) }
        #expect(error?.description == mistake.description)
    }
}

extension JSONataEnvironment {
    static let fixed = JSONataEnvironment(now: Timestamp(milliseconds: 0), seed: 42)
}
