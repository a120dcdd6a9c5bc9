import Testing
import Wire

@Suite struct ValidationTests {
    private static let prefix = "failed to satisfy constraint: Member must"

    struct Case: Sendable, CustomTestStringConvertible {
        var json: String
        var message: String?
        var testDescription: String { json }
    }

    private static let cases: [Case] = [
        Case(json: #"{"Name":"abc","Count":10}"#, message: nil),
        Case(json: #"{}"#, message: "1 validation error detected: Value null at 'name' \(prefix) not be null"),
        Case(
            json: #"{"Name":"aB"}"#,
            message:
                "1 validation error detected: Value 'aB' at 'name' \(prefix) satisfy regular expression pattern: [a-z]+"
        ),
        Case(
            json: #"{"Name":"abcdefghi"}"#,
            message:
                "1 validation error detected: Value 'abcdefghi' at 'name' \(prefix) have length less than or equal to 8"
        ),
        Case(
            json: #"{"Name":""}"#,
            message:
                "2 validation errors detected: Value '' at 'name' \(prefix) satisfy regular expression pattern: [a-z]+; "
                + "Value '' at 'name' \(prefix) have length greater than or equal to 1"),
        Case(
            json: #"{"Name":"a","Count":11}"#,
            message: "1 validation error detected: Value '11' at 'count' \(prefix) have value less than or equal to 10"),
        Case(
            json: #"{"Name":"a","Count":-1}"#,
            message:
                "1 validation error detected: Value '-1' at 'count' \(prefix) have value greater than or equal to 0"),
        Case(
            json: #"{"Name":"a","Color":"BLUE"}"#,
            message:
                "1 validation error detected: Value 'BLUE' at 'color' \(prefix) satisfy enum value set: [RED, GREEN, light blue]"
        ),
        Case(
            json: #"{"Name":"a","Tags":["1","2","3"]}"#,
            message:
                "1 validation error detected: Value '[1, 2, 3]' at 'tags' \(prefix) have length less than or equal to 2"
        ),
        Case(
            json: #"{"Name":"a","Names":["b","C"]}"#,
            message:
                "1 validation error detected: Value '[b, C]' at 'names' \(prefix) satisfy constraint: [Member must have "
                + "length less than or equal to 8, Member must have length greater than or equal to 1, Member must "
                + "satisfy regular expression pattern: [a-z]+, Member must not be null]"),
        Case(
            json: #"{"Name":"a","Colors":["light blue","BLUE"]}"#,
            message:
                "1 validation error detected: Value '[light blue, BLUE]' at 'colors' \(prefix) satisfy enum value set: [RED, GREEN]"
        ),
        Case(
            json: #"{"Name":"a","Sizes":{"A":11}}"#,
            message:
                "2 validation errors detected: Value '{A=11}' at 'sizes' failed to satisfy constraint: Map keys must "
                + "satisfy constraint: [Member must have length less than or equal to 8, Member must have length greater "
                + "than or equal to 1, Member must satisfy regular expression pattern: [a-z]+]; Value '{A=11}' at 'sizes' "
                + "failed to satisfy constraint: Map value must satisfy constraint: [Member must have value less than or "
                + "equal to 10, Member must have value greater than or equal to 0, Member must not be null]"),
        Case(
            json: #"{"Name":"a","Inner":{"Inner":{"Depth":99}}}"#,
            message:
                "1 validation error detected: Value '99' at 'inner.inner.depth' \(prefix) have value less than or equal to 10"
        ),
        Case(
            json: #"{"Name":"a","Inner":{"Secret":"abcd"}}"#,
            message:
                "1 validation error detected: Value '*****' at 'inner.secret' \(prefix) have length less than or equal to 3"
        ),
        Case(
            json: #"{"Name":"a","Inner":{"Sealed":"YWJjZA=="}}"#,
            message:
                "1 validation error detected: Value at 'inner.sealed' \(prefix) have length less than or equal to 3"
        ),
    ]

    @Test("broken constraints are worded as AWS words them", arguments: cases)
    func message(item: Case) throws {
        let model = TestModel.model(.json10)
        let operation = TestModel.operation("PutThing", of: model)
        let request = WireRequest(method: "POST", path: "/", body: ByteStream(Array(item.json.utf8)))
        let input = try ProtocolName.json10.implementation.decodeInput(request, operation, of: model)
        #expect(Validator.failure(of: input, code: "ValidationException")?.message == item.message)
    }

    private static let patterns: [(pattern: String, yes: [String], no: [String])] = [
        ("[a-z]+", ["a", "abc"], ["", "A", "ab1"]),
        (
            "arn:aws[a-z-]*:iam::\\d{12}:role/?[\\w+=,.@\\-/]+", ["arn:aws:iam::123456789012:role/x"],
            ["arn:aws:iam::12:role/x"]
        ),
        ("^(?!aws)[a-z]+$", ["bws"], ["aws", "awsx"]),
        ("(?=.*[a-z])[a-z0-9]+", ["1a", "a"], ["12"]),
        ("[0-9A-Za-z\\.\\-_]*(?<!\\.)", ["a.b", ""], ["a."]),
        ("[\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*", ["né 1", ""], ["a*", "a\u{0}"]),
        ("[\\u0009\\u0020-\\u007E]+", ["a b\t"], ["é", ""]),
        ("(a|b|cd){2,3}", ["ab", "cdcda"], ["a", "abab", "c"]),
        ("a{2,}", ["aa", "aaaa"], ["a"]),
        ("[^/]*x?", ["", "abc", "x"], ["a/"]),
        ("[\\s\\S]*", ["any\nthing"], []),
        (".+", ["a"], ["", "a\nb"]),
        ("(a*)*b", [String(repeating: "a", count: 5000) + "b"], [String(repeating: "a", count: 5000)]),
        ("[a-zA-Z0-9-_]+", ["a-b_c"], ["a b"]), ("\\$LATEST|[0-9]+", ["$LATEST", "12"], ["LATEST"]),
    ]

    @Test("patterns of the models match whole values", arguments: patterns)
    func pattern(pattern: String, yes: [String], no: [String]) {
        let compiled = ConstraintPattern(pattern)
        #expect(compiled.defect == nil)
        for text in yes { #expect(compiled.matches(text), "\(pattern) should match \(text.prefix(40))") }
        for text in no { #expect(!compiled.matches(text), "\(pattern) should not match \(text.prefix(40))") }
    }

    private static let brokenPatterns = [
        "(", "[a", "a{", "*a", "a{3,1}", "\\p{Klingon}", "(?<name>a)", String(repeating: "(", count: 200),
    ]

    @Test("patterns that cannot be read let everything pass and say why", arguments: brokenPatterns)
    func brokenPattern(pattern: String) {
        let compiled = ConstraintPattern(pattern)
        #expect(compiled.defect != nil)
        #expect(compiled.matches("anything"))
    }
}
