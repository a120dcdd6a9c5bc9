import Core
import EventPatterns
import Testing

/// The machine against the reference on generated rules and events.
@Suite struct PropertyTests {
    @Test(arguments: 0..<40)
    func machineAnswersAsTheReference(seed: Int) throws {
        var generator = PatternGenerator(seed: UInt64(seed))
        var rules: [Int: JSON] = [:]
        for id in 0..<[1, 5, 40, 120][seed % 4] { rules[id] = generator.pattern() }
        let machine = PatternMachine(try rules.mapValues { try EventPattern(parsing: $0.text()) })
        var matches = 0
        for _ in 0..<40 {
            let event = generator.event()
            let found = try machine.rules(matching: event)
            Self.compare(found, rules, event)
            matches += found.count
        }
        #expect(rules.count < 40 || matches > 0)
    }

    @Test(arguments: 0..<8)
    func changedMachinesAnswerAsFreshOnes(seed: Int) throws {
        var generator = PatternGenerator(seed: UInt64(1000 + seed))
        var rules: [Int: JSON] = [:]
        var machine = PatternMachine()
        for _ in 0..<40 {
            var added: [Int: JSON] = [:]
            for _ in 0..<generator.pick([0, 1, 1, 60]) {
                added[Int.random(in: 0..<300, using: &generator.random)] = generator.pattern()
            }
            let gone = rules.keys.sorted().filter { _ in generator.chance(8) }
            machine = machine.updating(
                adding: try added.mapValues { try EventPattern(parsing: $0.text()) }, removing: gone)
            for id in gone { rules[id] = nil }
            rules.merge(added) { $1 }
            #expect(machine.ruleCount == rules.count)
            let event = generator.event()
            Self.compare(try machine.rules(matching: event), rules, event)
        }
    }

    /// Names the patterns about which machine and reference differ.
    static func compare(_ found: [Int], _ rules: [Int: JSON], _ event: JSON) {
        let wanted = expected(rules, event)
        let different = Set(found).symmetricDifference(wanted).sorted()
        #expect(found == wanted, "\(event) and \(different.map { "\($0): \(rules[$0] ?? .null)" })")
    }

    private static func expected(_ rules: [Int: JSON], _ event: JSON) -> [Int] {
        let reference = ReferenceEvaluator(event)
        return rules.filter { reference.matches($0.value) }.keys.sorted()
    }
}
