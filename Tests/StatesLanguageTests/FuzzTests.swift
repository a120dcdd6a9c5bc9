import Core
import StatesLanguage
import Testing

/// Seeded mutations of good texts: whatever comes in, the parsers answer, in bounded time.
@Suite struct FuzzTests {
    private static let definition = """
        {"StartAt":"A","QueryLanguage":"JSONPath","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke",\
        "Parameters":{"a.$":"$.a[?(@.b==1)]","b":["x",{"c.$":"States.Format('{}',$.d)"}]},"Retry":[{"ErrorEquals":["X"]}],\
        "Catch":[{"ErrorEquals":["States.ALL"],"Next":"E"}],"Next":"C"},"C":{"Type":"Choice","Choices":[{"And":[{"Variable":\
        "$.x","NumericEquals":1},{"Not":{"Variable":"$.y","StringMatches":"a*"}}],"Next":"M"}],"Default":"W"},"W":{"Type":\
        "Wait","SecondsPath":"$.s","Next":"E"},"M":{"Type":"Map","ItemsPath":"$.l","ItemProcessor":{"StartAt":"P","States":\
        {"P":{"Type":"Pass","QueryLanguage":"JSONata","Output":"{% $states.input.a %}","End":true}}},"End":true},\
        "E":{"Type":"Succeed"}}}
        """
    private static let paths = [
        "$.a.b[0]['c d'].e", "$$.Map.Item.Value", "$var.x[-1]", "$.a[?(@.b == 'c' && !(@.d > 1 || @.e in [1,'x']))].f",
        "$..a[*].b[1:3]", "$.a['x','y'].length()",
    ]
    private static let calls = [
        "States.Format('a {} \\{ {}', $.b, States.ArrayGetItem($.c[*], 0))", "States.StringToJson('{\"a\":1}')",
        "States.JsonMerge($.a, $$.b, false)", "States.ArrayRange(1, 9, -2.5e1)", "States.Hash($v, 'SHA-256')",
    ]

    @Test func definitions() {
        var random = SeededRandom(seed: 1)
        for _ in 0..<3000 {
            let compilation = StateMachineDefinition.compile(Self.mutated(Self.definition, &random))
            // A definition or a reason for its absence.
            #expect(compilation.isValid || compilation.diagnostics.contains { $0.severity == .error })
        }
    }

    @Test func definitionsOfRandomShape() {
        var random = SeededRandom(seed: 2)
        for _ in 0..<2000 {
            let document: JSON = [
                "StartAt": "A", "States": ["A": Self.value(&random, depth: 0), "B": Self.value(&random, depth: 0)],
            ]
            let compilation = StateMachineDefinition.compile(document)
            #expect(compilation.isValid || compilation.diagnostics.contains { $0.severity == .error })
            for finding in compilation.diagnostics {
                #expect(JSONSourceMap(document.bytes()).position(of: finding.path) != nil)
            }
        }
    }

    @Test func jsonPaths() throws {
        var random = SeededRandom(seed: 3)
        let document: JSON = ["a": [["b": 1, "c d": [1, "x"]], ["b": "c", "d": 2, "f": [:]]], "x": nil]
        for round in 0..<20_000 {
            let text = Self.mutated(Self.paths[round % Self.paths.count], &random)
            guard let path = try? JSONPath(parsing: text) else { continue }
            _ = try? path.value(in: document)
            // What was accepted reads the same again.
            #expect(try JSONPath(parsing: path.text) == path)
        }
    }

    @Test func intrinsicCalls() throws {
        var random = SeededRandom(seed: 4)
        for round in 0..<20_000 {
            let text = Self.mutated(Self.calls[round % Self.calls.count], &random)
            guard let call = try? IntrinsicCall(parsing: text) else { continue }
            var scope = EvaluationScope.ofCase(["a": ["k": 1], "b": "text", "c": [1, 2]])
            _ = try? scope.evaluate(IntrinsicField(call: call, field: "v.$"))
            #expect(try IntrinsicCall(parsing: call.text) == call)
        }
    }

    @Test func jsonSyntax() {
        var random = SeededRandom(seed: 5)
        for _ in 0..<3000 {
            let text = Self.mutated(Self.definition, &random)
            let isJSON = (try? JSON(parsing: Array(text.utf8))) != nil
            // Both readers agree on what is JSON; only the size of numbers do they judge differently.
            if isJSON { #expect(JSONSyntaxReport(text) == nil) }
        }
    }

    // MARK: Material

    private static func mutated(_ text: String, _ random: inout SeededRandom) -> String {
        var bytes = Array(text.utf8)
        let alphabet = Array("$.[]()'\"{}?@*:,!=<>&|-0123456789abStates\\ \n%\u{e9}".utf8)
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let position = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0: bytes.remove(at: position)
            case 1: bytes.insert(alphabet[Int.random(in: 0..<alphabet.count, using: &random)], at: position)
            case 2: bytes[position] = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            case 3:
                let end = min(bytes.count, position + Int.random(in: 1...20, using: &random))
                bytes.insert(contentsOf: bytes[position..<end], at: Int.random(in: 0...bytes.count, using: &random))
            default: bytes.removeLast(bytes.count - position)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let names = [
        "Type", "Next", "End", "Resource", "Parameters", "InputPath", "ResultPath", "Choices", "Default", "Branches",
        "ItemProcessor", "StartAt", "States", "Retry", "Catch", "ErrorEquals", "Seconds", "SecondsPath", "Assign",
        "Variable", "And", "Not", "StringEquals", "NumericEqualsPath", "Output", "QueryLanguage", "a.$", "ItemReader",
        "ReaderConfig", "MaxItems", "CSVHeaders", "ItemBatcher", "ResultWriter", "Label", "Credentials",
        "ProcessorConfig",
        "Mode", "ExecutionType",
    ]
    private static let texts = [
        "Task", "Pass", "Choice", "Map", "Parallel", "Wait", "Fail", "Succeed", "A", "B", "$.a", "$", "$$.x", "$v",
        "JSONata", "{% $states.input %}", "States.UUID()", "DISTRIBUTED", "STANDARD", "arn:aws:states:::lambda:invoke",
        "",
    ]

    private static func value(_ random: inout SeededRandom, depth: Int) -> JSON {
        switch Int.random(in: 0..<(depth < 6 ? 10 : 5), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .int(Int64.random(in: -2...200, using: &random))
        case 3, 4: return .string(texts[Int.random(in: 0..<texts.count, using: &random)])
        case 5: return .array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(&random, depth: depth + 1) })
        default:
            return .object(
                JSONObject(
                    (0..<Int.random(in: 0...6, using: &random)).map { _ in
                        (names[Int.random(in: 0..<names.count, using: &random)], value(&random, depth: depth + 1))
                    }))
        }
    }
}
