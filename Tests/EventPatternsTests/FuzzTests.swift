import Core
import EventPatterns
import Testing

/// Damaged patterns and events: an answer or a clear refusal, never a crash; events that are still JSON get the
/// reference's answer.
@Suite struct FuzzTests {
    @Test(arguments: 0..<10)
    func damagedPatterns(seed: Int) {
        var generator = PatternGenerator(seed: UInt64(5000 + seed))
        for _ in 0..<300 {
            let text = generator.damaged(Array(generator.pattern().text().utf8))
            let dialect: PatternDialect = generator.pick([
                .eventBus, .filterPolicy(.messageAttributes), .filterPolicy(.messageBody), .eventSource,
            ])
            do throws(EventPatternError) {
                let pattern = try EventPattern(parsing: String(decoding: text, as: UTF8.self), dialect: dialect)
                _ = try? pattern.matches(generator.event())
            } catch {
                #expect(!error.reason.isEmpty)
                if let position = error.position { #expect(position.line >= 1 && position.column >= 1) }
            }
        }
    }

    @Test(arguments: 0..<10)
    func damagedEvents(seed: Int) throws {
        var generator = PatternGenerator(seed: UInt64(6000 + seed))
        var rules: [Int: JSON] = [:]
        for id in 0..<30 { rules[id] = generator.pattern() }
        let machine = PatternMachine(try rules.mapValues { try EventPattern(parsing: $0.text()) })
        var intact = 0
        for _ in 0..<300 {
            let bytes = generator.damaged(Array(generator.event().text().utf8))
            let parsed = try? JSON(parsing: bytes)
            do throws(EventReadError) {
                let found = try machine.rules(matching: bytes)
                guard let parsed, parsed.text().utf8.elementsEqual(bytes) else { continue }
                intact += 1
                PropertyTests.compare(found, rules, parsed)
            } catch {
                // What the flattener refuses is no JSON object.
                #expect(parsed?.objectValue == nil, "\(String(decoding: bytes, as: UTF8.self)): \(error)")
                #expect(error.offset >= 0 && error.offset <= bytes.count)
            }
        }
        #expect(intact > 10)
    }

    @Test func bytesAtRandom() {
        var random = SeededRandom(seed: 77)
        let machine = PatternMachine(try! EventPattern(parsing: #"{"a":[{"wildcard":"*x*"}],"b":{"c":[1]}}"#))
        for _ in 0..<2000 {
            let count = Int.random(in: 0..<40, using: &random)
            let alphabet = Array("{}[]\",:\\ab.c1-e u00\u{0}\n".utf8)
            let bytes = (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
            let isObject = (try? JSON(parsing: bytes))?.objectValue != nil
            let answers = (try? machine.rules(matching: bytes)) != nil
            #expect(answers || !isObject, "\(bytes)")
        }
    }
}

extension PatternGenerator {
    /// Some bytes removed, doubled or replaced; now and then none.
    mutating func damaged(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<pick([0, 1, 1, 2, 4]) where !bytes.isEmpty {
            let position = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes.remove(at: position)
            case 1: bytes.insert(bytes[position], at: position)
            case 2: bytes[position] = pick(Array("{}[]\",:\\0-9eE.*u \u{1}tfn$".utf8))
            default: bytes = Array(bytes[..<position])
            }
        }
        return bytes
    }
}
