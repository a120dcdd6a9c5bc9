import Testing

@testable import Logs

@Suite struct FilterPatternTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var pattern: String
        var matching: [String] = []
        var other: [String] = []

        var testDescription: String { pattern }
    }

    private static let served = #"10.0.0.1 - alice [10/Oct/2026:13:55:36 -0700] "GET /index.html HTTP/1.0" 404 1534"#

    static let cases = [
        Case(pattern: "", matching: ["", "anything"]),
        Case(pattern: "hello", matching: ["hello", "say hello"], other: ["Hello", "world"]),
        Case(pattern: "goodbye world", matching: ["goodbye cruel world"], other: ["goodbye", "world"]),
        Case(pattern: #""hello cruel""#, matching: ["hello cruela"], other: ["hello, cruel"]),
        Case(pattern: "?WARN ?ERROR", matching: ["WARN a", "an ERROR"], other: ["INFO"]),
        Case(pattern: "ERROR -Exiting", matching: ["ERROR 1"], other: ["ERROR Exiting", "INFO"]),
        Case(pattern: "%4[0-9]{2}%", matching: ["status 404"], other: ["status 4x4"]),
        Case(pattern: "%^ERR|OR$%", matching: ["ERR 1", "an ERROR"], other: ["an ERR here"]),
        Case(
            pattern: #"{ $.level = "ERROR" }"#, matching: [#"{"level":"ERROR"}"#],
            other: [#"{"level":"INFO"}"#, "ERROR"]),
        Case(
            pattern: "{ $.n >= 500 && $.n != 503 }", matching: [#"{"n":500}"#], other: [#"{"n":503}"#, #"{"n":"x"}"#]),
        Case(
            pattern: "{ ($.a = 1 || $.b = 2) && $.c IS TRUE }", matching: [#"{"b":2,"c":true}"#],
            other: [#"{"a":1,"c":false}"#, #"{"c":true}"#]),
        Case(
            pattern: "{ $.user.name = \"al*\" }", matching: [#"{"user":{"name":"alice"}}"#], other: [#"{"user":"al"}"#]),
        Case(pattern: "{ $.x IS NULL }", matching: [#"{"x":null}"#], other: ["{}", #"{"x":0}"#]),
        Case(pattern: "{ $.x NOT EXISTS }", matching: ["{}"], other: [#"{"x":null}"#]),
        Case(pattern: "{ $.list[*].id = 7 }", matching: [#"{"list":[{"id":1},{"id":7}]}"#], other: [#"{"list":[]}"#]),
        Case(pattern: "{ $.list[1] = 7 }", matching: [#"{"list":[0,7]}"#], other: [#"{"list":[7]}"#]),
        Case(
            pattern: "{ $.path = %^/api/v[12]/% }", matching: [#"{"path":"/api/v2/x"}"#],
            other: [#"{"path":"/x/api/v2/"}"#]),
        Case(pattern: "[]", matching: ["", "a b"]),
        Case(
            pattern: "[ip, id, user, when, request, status = 4*, bytes > 1000]", matching: [served],
            other: ["a b c d e 404 10", "a b c d e 404"]),
        Case(pattern: "[ip, ..., status = 404 || status = 500, bytes]", matching: [served], other: ["a b"]),
        Case(pattern: "[ip, user, ..., bytes != 1534]", other: [served]),
    ]

    struct Extraction: Sendable {
        var pattern: String
        var line: String
        var values: [String: String]
    }

    static let extractions = [
        Extraction(pattern: "ERROR", line: "ERROR 1", values: [:]),
        Extraction(
            pattern: "{ ($.a.b = 1 || $.list[1] = 2) && $['odd name'] EXISTS && $.none NOT EXISTS }",
            line: #"{"a":{"b":1},"list":[0,2],"odd name":"x"}"#,
            values: ["$.a.b": "1", "$.list[1]": "2", "$['odd name']": "x"]),
        Extraction(pattern: "[a, b = 2*, c]", line: "1 22 \"x y\"", values: ["$a": "1", "$b": "22", "$c": "x y"]),
        Extraction(
            pattern: "[a, ..., status, size > 1]", line: "1 2 3 4 5",
            values: ["$a": "1", "$2": "2", "$3": "3", "$status": "4", "$size": "5"]),
    ]

    @Test(arguments: extractions) func extracts(_ each: Extraction) throws {
        let pattern = try FilterPattern(each.pattern)
        #expect(pattern.matches(each.line))
        #expect(
            Dictionary(uniqueKeysWithValues: pattern.values(in: each.line).map { ($0.name, $0.value) }) == each.values)
    }

    @Test(arguments: cases) func matches(_ each: Case) throws {
        let pattern = try FilterPattern(each.pattern)
        for line in each.matching { #expect(pattern.matches(line), "\(line)") }
        for line in each.other { #expect(!pattern.matches(line), "\(line)") }
    }

    @Test(arguments: [
        "{ $.a = }", "{ a = 1 }", "{ $.a = 1", "{ $.a > \"x\" }", "{ $ = 1 }", "[a, b", "[..., ...]", "%[a%", "%(a)%",
        "\"open",
        "{ \(String(repeating: "(", count: 200))$.a = 1 }", String(repeating: "x", count: 1025), "{ $.a = 1 } more",
    ])
    func refuses(_ text: String) {
        #expect(throws: FilterPatternError.self) { try FilterPattern(text) }
    }

    /// A pattern that makes backtracking matchers take for ever.
    @Test func longLinesAreMatchedInOnePass() throws {
        let pattern = try FilterPattern("%a*a*a*a*a*a*b%")
        #expect(!pattern.matches(String(repeating: "a", count: 20_000)))
    }
}
