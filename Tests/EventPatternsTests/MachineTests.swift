import Core
import Testing

@testable import EventPatterns

/// What a machine promises beyond the language: numbers of rules, bounds, changes while others match.
@Suite struct MachineTests {
    @Test func rulesAreKnownByTheirNumbers() throws {
        var machine = PatternMachine()
        #expect(try machine.rules(matching: ["a": 1]).isEmpty)
        machine = machine.adding(try EventPattern(parsing: #"{"a":[1]}"#), id: 7)
        machine = machine.adding(try EventPattern(parsing: #"{"a":[{"exists":true}]}"#), id: -3)
        #expect(try machine.rules(matching: ["a": 1]) == [-3, 7])
        machine = machine.adding(try EventPattern(parsing: #"{"a":[2]}"#), id: 7)
        #expect(try machine.rules(matching: ["a": 1]) == [-3])
        #expect(machine.ruleCount == 2)
        machine = machine.removing(-3).removing(99)
        #expect(try machine.rules(matching: ["a": 2]) == [7])
        #expect(machine.ruleCount == 1)
    }

    /// Ranges that cover many others lie in a tree, narrow ones in lists: both against plain comparison.
    @Test(arguments: [1, 1_000_000])
    func rangesOfAllWidths(width: Int) throws {
        var random = SeededRandom(seed: 11)
        var ranges: [Int: NumberRange] = [:]
        var rules: [Int: EventPattern] = [:]
        for id in 0..<500 {
            let low = Int.random(in: -1000...1000, using: &random)
            let high = low + Int.random(in: 1...width, using: &random)
            let bottom = NumberRange.Bound(number: ComparableNumber(Double(low)), isOpen: Bool.random(using: &random))
            let top = NumberRange.Bound(number: ComparableNumber(Double(high)), isOpen: Bool.random(using: &random))
            let range = NumberRange(bottom: id % 5 == 0 ? nil : bottom, top: id % 7 == 0 ? nil : top)
            ranges[id] = range
            let condition = FieldCondition(path: "n", matchers: [.range(range)])
            var alternative = PatternAlternative()
            alternative.set(condition.path, condition.matchers)
            rules[id] = EventPattern(alternatives: [alternative])
        }
        if width == 1 {
            for id in ranges.keys where id % 5 == 0 || id % 7 == 0 { (ranges[id], rules[id]) = (nil, nil) }
        }
        let machine = PatternMachine(rules)
        for value in stride(from: -1003.0, through: 1003.0, by: 0.5) {
            let number = ComparableNumber(value)
            let wanted = ranges.filter { $0.value.contains(number) }.keys.sorted()
            #expect(try machine.rules(matching: ["n": .double(value)]) == wanted)
        }
    }

    @Test func elementsOfManyArraysAreNotTriedOutOneByOne() throws {
        // Three arrays of a thousand elements have a milliard of combinations.
        let elements = (0..<1000).map { JSON.object(["x": JSON($0), "y": JSON(999 - $0)]) }
        let event: JSON = ["a": .array(elements), "b": .array(elements), "c": .array(elements)]
        let wanted = try EventPattern(
            parsing: #"""
                {"a":{"x":[{"exists":true}],"y":[{"exists":true}]},"b":{"x":[{"exists":true}]},
                 "c":{"x":[{"numeric":["<",400]}],"y":[{"numeric":["<",400]}]}}
                """#)
        #expect(try wanted.matches(event) == false)
        let found = try EventPattern(
            parsing: #"""
                {"a":{"x":[{"exists":true}]},"b":{"x":[{"exists":true}]},
                 "c":{"x":[{"numeric":["<",500]}],"y":[{"numeric":["<=",500]}]}}
                """#)
        #expect(try found.matches(event))
    }

    @Test func workForOneEventIsBounded() throws {
        // Alternatives that only trying out decides: fields missing in elements that others choose.
        let elements = (0..<600).map { JSON.object(["a": JSON($0), "b": JSON($0), "z": JSON($0)]) }
        let arrays = (0..<6).map { ("f\($0)", JSON.array(elements)) }
        let conditions = (0..<6).map { #""f\#($0)":{"a":[{"exists":true}]}"# }
        let pattern = try EventPattern(
            parsing: "{"
                + (conditions + [#""f5":{"a":[{"exists":true}],"z":[{"exists":false}]}"#]).joined(separator: ",") + "}")
        let failure = #expect(throws: EventReadError.self) { try pattern.matches(JSON.object(JSONObject(arrays))) }
        #expect(failure?.reason.contains("steps") == true)
    }

    @Test func numbersThatDoublesDoNotKeepCompareByTheirText() throws {
        let machine = PatternMachine(try EventPattern(parsing: #"{"a":[12345678901234567890]}"#))
        #expect(try machine.rules(matching: Array(#"{"a":12345678901234567890}"#.utf8)) == [0])
        #expect(try machine.rules(matching: Array(#"{"a":12345678901234567891}"#.utf8)).isEmpty)
        #expect(try machine.rules(matching: Array(#"{"a":"12345678901234567890"}"#.utf8)).isEmpty)
    }

    @Test func rulesWithSharedConditionsShareStates() throws {
        var rules: [Int: EventPattern] = [:]
        for id in 0..<1000 {
            rules[id] = try EventPattern(parsing: #"{"source":["s"],"detail":{"kind":["k"],"id":["\#(id)"]}}"#)
        }
        let one = PatternMachine([0: try #require(rules[0])]).byteCount
        let thousand = PatternMachine(rules).byteCount
        #expect(thousand < one * 220)
        let event: JSON = ["source": "s", "detail": ["kind": "k", "id": "77"]]
        #expect(try PatternMachine(rules).rules(matching: event) == [77])
    }

    @Test func limitsOfPatternsAreNamed() throws {
        let many = (0..<300).map { #""f\#($0)":[1]"# }.joined(separator: ",")
        let fields = #expect(throws: EventPatternError.self) { try EventPattern(parsing: "{\(many)}") }
        #expect(fields?.reason == "Pattern names more than 256 fields")
        let or = (0..<11).map { #""d\#($0)":{"$or":[{"a":[1]},{"b":[1]}]}"# }.joined(separator: ",")
        let branches = #expect(throws: EventPatternError.self) { try EventPattern(parsing: "{\(or)}") }
        #expect(branches?.reason.contains("more than 1000 combinations") == true)
        let deep = String(repeating: #"{"a":"#, count: 5000)
        let depth = #expect(throws: EventPatternError.self) { try EventPattern(parsing: deep) }
        #expect(depth?.reason == "Document nesting depth exceeds the maximum allowed (200)")
        let long = #expect(throws: EventPatternError.self) {
            try EventPattern(parsing: String(repeating: " ", count: 300_000))
        }
        #expect(long?.reason == "Pattern is longer than 262144 bytes")
    }

    @Test func deepEventsAreRefusedAndSkippedOnesAreNot() throws {
        let machine = PatternMachine(try EventPattern(parsing: #"{"a":[1]}"#))
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        #expect(throws: EventReadError.self) { try machine.rules(matching: Array(#"{"a":\#(deep)}"#.utf8)) }
        #expect(try machine.rules(matching: Array(#"{"b":\#(deep),"a":1}"#.utf8)) == [0])
    }

    @Test func matchingGoesOnWhileRulesChange() async throws {
        let reference = PatternMachineReference()
        let always = try EventPattern(parsing: #"{"a":[1]}"#)
        let other = try EventPattern(parsing: #"{"a":[2]}"#)
        reference.update { $0.adding(always, id: 0) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<500 {
                        let found = try reference.current.rules(matching: ["a": 1])
                        #expect(found == [0])
                    }
                }
            }
            for task in 1...4 {
                group.addTask {
                    for round in 0..<50 { reference.update { $0.adding(other, id: task * 1000 + round) } }
                }
            }
            try await group.waitForAll()
        }
        #expect(reference.current.ruleCount == 201)
        #expect(try reference.current.rules(matching: ["a": 2]).count == 200)
    }

    @Test func resultsOfOneEventDoNotLeakIntoTheNext() throws {
        let machine = PatternMachine(try EventPattern(parsing: #"{"a":{"x":[1]},"b":[{"anything-but":"q"}]}"#))
        for _ in 0..<3 {
            #expect(try machine.rules(matching: ["a": [["x": 1]], "b": "r"]) == [0])
            #expect(try machine.rules(matching: ["b": "r"]).isEmpty)
            #expect(throws: EventReadError.self) { try machine.rules(matching: Array(#"{"a":{"x":1},"b":"r""#.utf8)) }
            #expect(try machine.rules(matching: ["a": ["x": 1], "b": "q"]).isEmpty)
        }
    }
}
