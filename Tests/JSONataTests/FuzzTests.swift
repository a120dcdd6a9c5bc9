import Core
import Foundation
import JSONata
import Testing

/// Whatever the text: an expression parses or says why not, and its evaluation ends within its bounds.
///
/// `JSONATA_FUZZ_COUNT` and `JSONATA_FUZZ_SEED` ask for more than the usual run.
@Suite struct FuzzTests {
    private static let count = number("JSONATA_FUZZ_COUNT") ?? 1500
    private static let seed = UInt64(number("JSONATA_FUZZ_SEED") ?? 2026)

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    private static let input: JSON = [
        "a": [1, 2, ["b": 3]], "b": "text", "order": ["items": [["price": 2.5], ["price": 10]], "a": nil],
        "items": [["a": "x", "price": 1], ["a": "y", "price": 2], [["a": "z"]]], "odd name": [[], [[]], [:]],
    ]
    private static let limits = JSONataLimits(steps: 30_000, depth: 200, sequenceLength: 5000, stringLength: 20_000)
    private static let environment = JSONataEnvironment(
        now: Timestamp(milliseconds: 1_511_000_000_000), seed: 3, limits: limits)

    @Test func expressionsFromTheGrammarEndWithinTheirBounds() {
        var generator = ExpressionGenerator(seed: Self.seed)
        for number in 0..<Self.count {
            let source = generator.expression(depth: 2 + number % 4)
            Self.check(source)
            Self.check(generator.mutated(source))
        }
    }

    private static func check(_ source: String) {
        let dialect: JSONataDialect = source.utf8.count % 2 == 0 ? .standard : .stepFunctions
        do throws(JSONataError) {
            let expression = try JSONataExpression(source, dialect: dialect)
            let first = outcome(expression)
            #expect(first == outcome(expression), "evaluates differently the second time: \(source)")
        } catch {
            // Texts that were never parsed in full have a place; a parent that is nowhere to be found may lack it.
            #expect("SU".contains(error.code.prefix(1)), "\(source): \(error)")
            #expect((error.position ?? 0) <= source.utf16.count, "\(source): \(error)")
            #expect(!error.message.isEmpty)
        }
    }

    private static func outcome(_ expression: JSONataExpression) -> String {
        do throws(JSONataError) {
            switch try expression.evaluate(input, bindings: ["states": input], environment: environment) {
            case .undefined: return "undefined"
            case .function: return "function"
            case .value(let value): return value.text()
            }
        } catch {
            return error.description
        }
    }

    @Test func patternsEndWithinTheirBounds() {
        var generator = ExpressionGenerator(seed: Self.seed &+ 1)
        for number in 0..<Self.count {
            let pattern = generator.pattern(depth: 1 + number % 5).filter { $0 != "/" && $0 != "\n" }
            let flags = generator.pick(["", "i", "m", "im"])
            let text = generator.pick([
                "", "aab", "abababab ab12", "éaé\u{1F600}b", "aaaaaaaaaaaaaaaaaaaaaaaac", "a\nb",
            ])
            Self.check("$match('\(text)', /\(pattern)/\(flags))")
            Self.check("$replace('\(text)', /\(pattern)/\(flags), '[$1$0]')")
        }
    }

    @Test func picturesEndWithinTheirBounds() {
        var generator = ExpressionGenerator(seed: Self.seed &+ 2)
        for _ in 0..<Self.count {
            let picture = generator.picture()
            let number = generator.pick(["0", "-1", "1511000000000", "8.64e15", "-1e300", "0.5", "1e21", "99"])
            Self.check("$fromMillis(\(number), '\(picture)', '\(generator.pick(["+0000", "-0530", "x", "1"]))')")
            Self.check("$toMillis($fromMillis(\(number), '\(picture)'), '\(picture)')")
            Self.check("$formatNumber(\(number), '\(picture)')")
            Self.check("$parseInteger($formatInteger(\(number), '\(picture)'), '\(picture)')")
        }
    }

    @Test func anyBytesParseOrSayWhyNot() {
        var random = SeededRandom(seed: Self.seed &+ 3)
        for _ in 0..<Self.count {
            let bytes = (0..<Int(random.next() % 40)).map { _ in UInt8(truncatingIfNeeded: random.next() >> 8) & 0x7F }
            Self.check(String(decoding: bytes, as: UTF8.self))
        }
    }
}
