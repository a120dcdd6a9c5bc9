import Core
import StatesLanguage
import Testing

@Suite struct IntrinsicTests {
    @Test(arguments: CaseFile.cases("intrinsics")) func evaluates(_ example: JSON) throws {
        let call = try IntrinsicCall(parsing: example.text(of: "call"))
        var scope = EvaluationScope.ofCase(example["input"] ?? .null)
        check(example, call.text) { try scope.evaluate(IntrinsicField(call: call, field: "value.$")) }
    }

    @Test(arguments: CaseFile.cases("intrinsics-syntax")) func refuses(_ example: JSON) {
        let error = #expect(throws: PathSyntaxError.self) { try IntrinsicCall(parsing: example.text(of: "call")) }
        #expect(error?.reason == example.text(of: "reason"))
        #expect(error.map { JSON($0.offset) } == example["offset"])
    }

    @Test func takesBoundedStrings() throws {
        var scope = EvaluationScope.ofCase(["long": .string(String(repeating: "x", count: 10_001))])
        for text in ["States.Base64Encode($.long)", "States.Base64Decode($.long)", "States.Hash($.long, 'MD5')"] {
            let field = IntrinsicField(call: try IntrinsicCall(parsing: text), field: "v.$")
            #expect(throws: EvaluationFailure.self) { try scope.evaluate(field) }
        }
    }

    @Test func drawsTheSameNumbersFromTheSameSeed() throws {
        let uuid = IntrinsicField(call: try IntrinsicCall(parsing: "States.UUID()"), field: "v.$")
        let seeded = IntrinsicField(call: try IntrinsicCall(parsing: "States.MathRandom(0, 1000000, 42)"), field: "v.$")
        var first = EvaluationScope.ofCase([:])
        var second = EvaluationScope.ofCase([:])
        let drawn = try (first.evaluate(uuid), first.evaluate(seeded), first.evaluate(uuid))
        #expect(try second.evaluate(uuid) == drawn.0)
        #expect(try second.evaluate(seeded) == drawn.1)
        #expect(drawn.0 != drawn.2)
        #expect(try second.evaluate(seeded) == drawn.1)
    }
}
