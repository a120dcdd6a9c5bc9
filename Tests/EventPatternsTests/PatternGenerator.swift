import Core

/// Random patterns and events over so few names and values that they often meet.
struct PatternGenerator {
    var random: SeededRandom

    init(seed: UInt64) { random = SeededRandom(seed: seed) }

    mutating func pick<T>(_ choices: [T]) -> T { choices[Int.random(in: 0..<choices.count, using: &random)] }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    // MARK: Patterns

    mutating func pattern(depth: Int = 0) -> JSON {
        var pattern = JSONObject()
        for _ in 0..<Int.random(in: 1...(depth == 0 ? 3 : 2), using: &random) {
            let key = pick(["a", "b", "c", "d", "a.b", "e"])
            pattern[key] = depth < 2 && chance(45) ? self.pattern(depth: depth + 1) : matchers()
        }
        if chance(15), depth < 2 {
            pattern["$or"] = .array([self.pattern(depth: depth + 1), self.pattern(depth: depth + 1)])
        }
        return .object(pattern)
    }

    mutating func matchers() -> JSON {
        .array((0..<pick([1, 1, 1, 2, 3])).map { _ in matcher() })
    }

    private mutating func matcher() -> JSON {
        switch Int.random(in: 0..<18, using: &random) {
        case 0...3: scalar()
        case 4: ["prefix": .string(text())]
        case 5: ["suffix": .string(text())]
        case 6: ["equals-ignore-case": .string(text())]
        case 7: [pick(["prefix", "suffix"]): ["equals-ignore-case": .string(text())]]
        case 8, 9: ["wildcard": .string(wildcard())]
        case 10: ["numeric": range()]
        case 11: ["exists": true]
        case 12: ["exists": false]
        case 13: ["cidr": .string(pick(["10.0.0.0/8", "10.0.0.1/31", "192.168.7.0/24", "10.0.0.128/25"]))]
        case 14: ["anything-but": .array((0..<pick([1, 2])).map { _ in .string(text()) })]
        case 15: ["anything-but": .array((0..<pick([1, 2])).map { _ in number() })]
        case 16: ["anything-but": [pick(["prefix", "suffix"]): .string(pick(["a", "ab", "B", "é"]))]]
        default:
            ["anything-but": chance(50) ? ["wildcard": .string(wildcard())] : ["equals-ignore-case": .string(text())]]
        }
    }

    mutating func text() -> String {
        pick([
            "", "a", "ab", "abc", "ABC", "aB", "b", "ba", "aaa", "é", "É", "aé", "x*y", "10.0.0.1", "10.0.0.200", "\"a",
        ])
    }

    mutating func number() -> JSON { pick([0, 1, -1, 1.5, 100, 300.0, -2.25, 1e2, 99]) }

    private mutating func wildcard() -> String {
        pick(["*", "a*", "*a", "*b*", "a*c", "a*b*", "*é", "x\\**", "", "ab", "*a*a", "**".dropLast().description])
    }

    private mutating func range() -> JSON {
        switch Int.random(in: 0..<3, using: &random) {
        case 0: .array([.string(pick(["<", "<=", ">", ">=", "="])), number()])
        case 1:
            .array([.string(pick([">", ">="])), pick([-1, 0, 1]), .string(pick(["<", "<="])), pick([1.5, 99, 100])])
        default: .array(["=", number()])
        }
    }

    // MARK: Events

    mutating func event() -> JSON { object(depth: 0) }

    private mutating func object(depth: Int) -> JSON {
        var event = JSONObject()
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            event[pick(["a", "b", "c", "d", "a.b", "e", "b.c", "z"])] = value(depth: depth + 1)
        }
        return .object(event)
    }

    private mutating func value(depth: Int) -> JSON {
        guard depth < 4 else { return scalar() }
        switch Int.random(in: 0..<10, using: &random) {
        case 0...3: return scalar()
        case 4...6: return object(depth: depth)
        default: return .array((0..<Int.random(in: 0...3, using: &random)).map { _ in value(depth: depth + 1) })
        }
    }

    mutating func scalar() -> JSON {
        switch Int.random(in: 0..<8, using: &random) {
        case 0...3: .string(text())
        case 4, 5: number()
        case 6: pick([true, false])
        default: .null
        }
    }
}
